/**
 * `npm run herd`: a hub with its ordinary door, a fleet of devices that all come back in one moment, and two edges that work on meanwhile. Says how long the
 * fleet took, how long an edit and `/readyz` took while it came, and what the hub's memory was.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as elapsed } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { commandLine, wholeNumber } from '@skerry/command-line'
import { Bench, type OpenHub } from './bench.ts'
import type { CrowdCommands } from './crowd-process.ts'
import type { EdgeCommands } from './edge-process.ts'
import type { HubCommands } from './hub-process.ts'
import { describeMachine, load } from './machine.ts'
import { enrolCrowd } from './measurements/enrol-crowd.ts'
import { type Measured, startProcess } from './process.ts'
import { full } from './scale.ts'
import { percentile } from './statistics.ts'
import { visitId } from './visits.ts'

/** Devices in one process: some hundred megabytes. */
const DEVICES_PER_PROCESS = 1_250
const WATCH_EVERY_MS = 100
const REGION = 'south'
const EDITED = 50

const usage = `npm run herd -- [--sessions 5000] [--records 20] [--arrive 1000] [--spread 5000]

  --sessions   devices
  --records    that each is told
  --arrive     milliseconds within which all ask for the first time
  --spread     milliseconds that each adds at most to its Retry-After, at random; a link adds 5000

Ends with 1 when the hub was not ready at some moment, or a device was not in step in the end.
`

/** Marks edits: the same one twice would change nothing, and nothing would arrive. */
let mark = 0

interface Watched {
  /** Milliseconds of each answer. */
  ready: number[]
  unready: number
  edits: number[]
}

async function main(): Promise<boolean> {
  const { sessions, records, timing } = commandLine(usage, (words) => {
    const { values } = parseArgs({
      args: [...words],
      options: {
        sessions: { type: 'string', default: '5000' },
        records: { type: 'string', default: '20' },
        arrive: { type: 'string', default: '1000' },
        spread: { type: 'string', default: '5000' },
      },
    })
    return {
      sessions: wholeNumber('--sessions', values.sessions, 1),
      records: wholeNumber('--records', values.records, 0),
      timing: {
        arriveMs: wholeNumber('--arrive', values.arrive, 0),
        spreadMs: wholeNumber('--spread', values.spread, 0),
      },
    }
  })
  const folder = await mkdtemp(join(tmpdir(), 'skerry-herd-'))
  const hub = await startProcess<HubCommands>('hub-process.ts')
  try {
    const { url } = await hub.call.openWithDoor(join(folder, 'hub.db'))
    await hub.call.create({ first: 0, count: EDITED })
    await hub.call.createIn({ region: REGION, count: records, characters: 100 })
    const open = { process: hub, url }
    const bench = new Bench({ folder, scale: full, profiles: folder, say: console.error })
    return await bench.withEdge(open, (writer) =>
      bench.withEdge(open, (reader) => measure({ hub: open, writer, reader, sessions, ...timing })),
    )
  } finally {
    await hub.end()
    await rm(folder, { recursive: true })
  }
}

interface Herd {
  hub: OpenHub
  writer: Measured<EdgeCommands>
  reader: Measured<EdgeCommands>
  sessions: number
  arriveMs: number
  spreadMs: number
}

async function measure({ hub, writer, reader, sessions, arriveMs, spreadMs }: Herd): Promise<boolean> {
  await writer.call.sync(hub.url)
  await reader.call.sync(hub.url)
  const crowds = await enrolled(hub, sessions)
  try {
    const before = await hub.process.call.memory()
    const quiet = await watchWhile(hub.url, writer, reader, elapsed(3_000))
    const startedMs = performance.now()
    const coming = Promise.all(
      crowds.map((crowd, i) =>
        crowd.call.comeBack({ url: hub.url, number: i * DEVICES_PER_PROCESS, arriveMs, spreadMs }),
      ),
    )
    const meanwhile = await watchWhile(hub.url, writer, reader, coming)
    const back = (await coming).flat()
    const after = await hub.process.call.memory()
    const seconds = (ms: number) => (ms / 1000).toFixed(1)
    const told = back.map(({ inStepMs }) => inStepMs)
    console.log(`${describeMachine()}; processes that wanted a core: ${load().toFixed(1)}`)
    console.log(
      `${back.length} of ${sessions} devices in step after ${seconds(performance.now() - startedMs)} s; half of them after ${seconds(percentile(told, 0.5))} s; ` +
        `upgrades asked for each: ${(back.reduce((sum, { attempts }) => sum + attempts, 0) / back.length).toFixed(2)}, at most ${Math.max(...back.map(({ attempts }) => attempts))}`,
    )
    for (const [when, { ready, unready, edits }] of [
      ['before', quiet],
      ['meanwhile', meanwhile],
    ] as const)
      console.log(
        `${when}: /readyz ${said(ready)}, unready ${unready} times; an edit, edge to hub to edge, ${said(edits)}`,
      )
    const mb = (bytes: number) => Math.round(bytes / 1e6)
    console.log(
      `memory of the hub: ${mb(before.residentBytes)} MB before, ${mb(after.residentBytes)} MB with ${sessions} sessions, most ever ${mb(after.peakBytes)} MB`,
    )
    return meanwhile.unready === 0 && back.length === sessions
  } finally {
    for (const crowd of crowds) await crowd.end()
  }
}

async function enrolled(hub: OpenHub, sessions: number): Promise<Measured<CrowdCommands>[]> {
  const crowds: Measured<CrowdCommands>[] = []
  for (let left = sessions; left > 0; left -= DEVICES_PER_PROCESS) {
    const crowd = await startProcess<CrowdCommands>('crowd-process.ts')
    crowds.push(crowd)
    await enrolCrowd(hub, crowd, {
      count: Math.min(left, DEVICES_PER_PROCESS),
      region: REGION,
      takes: 'counts',
    })
  }
  return crowds
}

async function watchWhile(
  url: string,
  writer: Measured<EdgeCommands>,
  reader: Measured<EdgeCommands>,
  work: Promise<unknown>,
): Promise<Watched> {
  const watched: Watched = { ready: [], unready: 0, edits: [] }
  let isOver = false
  const over = work.finally(() => {
    isOver = true
  })
  const readyUrl = url.replace('ws', 'http').replace('/sync', '/readyz')
  const look = async () => {
    while (!isOver) {
      const startedMs = performance.now()
      // A connection of its own each time: one that is kept may be closed by the hub in the very moment in which it is used.
      const { ok } = await fetch(readyUrl, { headers: { connection: 'close' } })
      watched.ready.push(performance.now() - startedMs)
      if (!ok) watched.unready += 1
      await elapsed(WATCH_EVERY_MS)
    }
  }
  const edit = async () => {
    while (!isOver) {
      mark += 1
      const arrival = reader.call.arrival()
      const began = await writer.call.editOne({ id: visitId(mark % EDITED), mark })
      watched.edits.push(Number((await arrival) - began) / 1e6)
      await elapsed(WATCH_EVERY_MS)
    }
  }
  await Promise.all([over, look(), edit()])
  return watched
}

function said(ms: readonly number[]): string {
  const [half, most] = [percentile(ms, 0.5), Math.max(...ms)]
  return `p50 ${half.toFixed(1)} ms, p99 ${percentile(ms, 0.99).toFixed(1)} ms, most ${most.toFixed(0)} ms`
}

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  console.error(error)
  process.exitCode = 1
}
// A process of a crowd that is busy with its end is no reason to wait.
process.exit()
