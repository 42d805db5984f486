/**
 * `npm run soak`: a hub with many records while edits go on: of records anywhere, so that each is loaded anew, and of an edge through its session, told to others. Its
 * memory is sampled, and a line laid through the samples after the warm-up: what it gains in an hour.
 */
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as elapsed } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { commandLine, positiveNumber, wholeNumber } from '@skerry/command-line'
import { SeededRandom } from '@skerry/core/testing'
import { Bench } from './bench.ts'
import type { CrowdCommands } from './crowd-process.ts'
import type { HubCommands } from './hub-process.ts'
import { describeMachine, load } from './machine.ts'
import { enrolCrowd } from './measurements/enrol-crowd.ts'
import { startProcess } from './process.ts'
import { full } from './scale.ts'
import { slope } from './slope.ts'
import { visitId } from './visits.ts'

const SAMPLE_EVERY_S = 5
/** Share of the run that warms up: caches fill, code is compiled. */
const WARM_UP = 0.25
const MB_MAX = 400
const GROWTH_PER_HOUR_MAX = 0.1
/** Records that the edge edits. */
const OWN_RECORDS = 500

const usage = `npm run soak -- [--records 100000] [--minutes 10] [--edits 100] [--sessions 100] [--store file] [--flags=…]

  --records    at the hub
  --minutes    of edits
  --edits      a second
  --sessions   that are told
  --store      a hub's store that has the records already; a copy of it is edited
  --flags      of Node, for the hub, with commas between: --flags=--max-semi-space-size=16

Ends with 1 when the memory was above ${MB_MAX} MB at the end, or grew by more than ${GROWTH_PER_HOUR_MAX * 100} % of itself in an hour.
`

const { store, flags, records, minutes, edits, sessions } = commandLine(usage, (words) => {
  const { values } = parseArgs({
    args: [...words],
    options: {
      records: { type: 'string', default: '100000' },
      minutes: { type: 'string', default: '10' },
      edits: { type: 'string', default: '100' },
      sessions: { type: 'string', default: '100' },
      store: { type: 'string' },
      flags: { type: 'string', default: '' },
    },
  })
  return {
    store: values.store,
    flags: values.flags.split(',').filter(Boolean),
    records: wholeNumber('--records', values.records, 1),
    minutes: positiveNumber('--minutes', values.minutes),
    edits: wholeNumber('--edits', values.edits, 2),
    sessions: wholeNumber('--sessions', values.sessions, 0),
  }
})

interface Sample {
  s: number
  mb: number
}

async function main(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-soak-'))
  const hub = await startProcess<HubCommands>('hub-process.ts', flags)
  const crowd = await startProcess<CrowdCommands>('crowd-process.ts')
  try {
    const file = join(folder, 'hub', basename(store ?? 'hub.db'))
    if (store) await cp(dirname(store), dirname(file), { recursive: true })
    else await mkdir(dirname(file))
    const { url } = await hub.call[store ? 'openCopy' : 'open'](file)
    if (!store) await hub.call.create({ first: 0, count: records })
    const open = { process: hub, url }
    const bench = new Bench({ folder, scale: full, profiles: folder, say: console.error })
    await enrolCrowd(open, crowd, { count: sessions, region: 'soak', takes: 'counts' })
    await crowd.call.join(url)
    return await bench.withEdge(
      open,
      async (edge) => {
        await edge.call.sync(url)
        await edge.call.create({ first: records, count: OWN_RECORDS, region: 'soak' })
        const random = new SeededRandom(1)
        const samples: Sample[] = []
        const startedMs = performance.now()
        const passedS = () => (performance.now() - startedMs) / 1000
        let made = 0
        for (let round = 0; passedS() < minutes * 60; round++) {
          const ids = Array.from({ length: edits / 2 }, () => visitId(random.below(records)))
          await hub.call.edit({ ids: [...new Set(ids)], edits: 1, mark: round })
          const own = ids.map(() => visitId(records + random.below(OWN_RECORDS)))
          await edge.call.edit({ ids: own, edits: own.length, mark: round })
          made += new Set(ids).size + own.length
          if (samples.length * SAMPLE_EVERY_S <= passedS()) {
            const { residentBytes } = await hub.call.residentMemory()
            samples.push({ s: passedS(), mb: residentBytes / 1e6 })
            console.log(
              `${passedS().toFixed(0).padStart(5)} s  ${(residentBytes / 1e6).toFixed(0).padStart(4)} MB  ${made} edits`,
            )
          }
          await elapsed(Math.max(0, (round + 1) * 1000 - passedS() * 1000))
        }
        return verdict(samples, await hub.call.memory(), made)
      },
      { region: 'soak' },
    )
  } finally {
    await crowd.end()
    await hub.end()
    await rm(folder, { recursive: true })
  }
}

function verdict(samples: readonly Sample[], end: Record<string, number>, made: number): boolean {
  const steady = samples.slice(Math.floor(samples.length * WARM_UP))
  const mbPerHour = slope(steady.map(({ s, mb }) => [s / 3600, mb]))
  const last = steady.at(-1)!.mb
  const mb = (name: string) => Math.round(end[name]! / 1e6)
  console.log(`${describeMachine()}; processes that wanted a core: ${load().toFixed(1)}`)
  console.log(
    `${records} records, ${sessions} sessions, ${made} edits in ${minutes} min: ${last.toFixed(0)} MB at the end, most ever ${mb('peakBytes')} MB; ` +
      `${mbPerHour.toFixed(0)} MB an hour over the last ${steady.length} samples`,
  )
  console.log(
    `after collecting garbage: ${mb('residentBytes')} MB resident; JavaScript's heap ${mb('heapUsed')} of ${mb('heapTotal')} MB, external ${mb('external')} MB`,
  )
  return last <= MB_MAX && mbPerHour <= last * GROWTH_PER_HOUR_MAX
}

process.exit((await main()) ? 0 : 1)
