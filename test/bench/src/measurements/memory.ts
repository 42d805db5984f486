/** Resident memory of whole processes: Node itself, the engine and SQLite included. */
import type { Bench, OpenHub } from '../bench.ts'
import type { CrowdCommands } from '../crowd-process.ts'
import type { Figure } from '../figure.ts'
import { startProcess } from '../process.ts'
import { enrolCrowd } from './enrol-crowd.ts'

const MB = 1e6
const goals = { hub: 400, edge: 250 }
/** V8 lets garbage lie while the machine has memory; a small device tells it how much it may. */
const BOUNDED_HEAP = ['--max-old-space-size=96', '--max-semi-space-size=8']

export async function memory(bench: Bench): Promise<Figure[]> {
  const records = Math.max(...bench.scale.sizes)
  const of = `${records.toLocaleString('en-US')} records`
  return bench.withHub({ records }, async (hub) => {
    const { call } = hub.process
    const fresh = await call.memory()
    const edge = await afterFirstSync(bench, hub, [])
    const bounded = await afterFirstSync(bench, hub, BOUNDED_HEAP)
    const synced = await call.memory()
    const { withSessions, sessions } = await idleSessions(bench, hub)
    return [
      {
        what: `memory of an edge after a first sync of ${of}`,
        value: edge.residentBytes / MB,
        unit: 'MB',
        goal: goals.edge,
        note: `most ever ${Math.round(edge.peakBytes / MB)} MB`,
      },
      {
        what: `memory of an edge after a first sync of ${of}, heap bounded`,
        value: bounded.residentBytes / MB,
        unit: 'MB',
        goal: goals.edge,
        note: `most ever ${Math.round(bounded.peakBytes / MB)} MB; node ${BOUNDED_HEAP.join(' ')}`,
      },
      { what: `memory of a hub with ${of}, just started`, value: fresh.residentBytes / MB, unit: 'MB' },
      {
        what: `memory of a hub with ${of}, after telling them to two edges`,
        value: synced.residentBytes / MB,
        unit: 'MB',
      },
      {
        what: `memory of a hub with ${of} and ${sessions} idle sessions`,
        value: withSessions.residentBytes / MB,
        unit: 'MB',
        goal: goals.hub,
        note: `most ever ${Math.round(withSessions.peakBytes / MB)} MB; not watched for a day`,
      },
    ]
  })
}

function afterFirstSync(bench: Bench, hub: OpenHub, flags: readonly string[]) {
  return bench.withEdge(
    hub,
    async (edge) => {
      await edge.call.sync(hub.url)
      return edge.call.memory()
    },
    { flags },
  )
}

async function idleSessions(bench: Bench, hub: OpenHub) {
  const crowd = await startProcess<CrowdCommands>('crowd-process.ts')
  try {
    await enrolCrowd(hub, crowd, { count: bench.scale.idleSessions, region: 'south', takes: 'keeps' })
    await crowd.call.join(hub.url)
    return { sessions: bench.scale.idleSessions, withSessions: await hub.process.call.memory() }
  } finally {
    await crowd.end()
  }
}
