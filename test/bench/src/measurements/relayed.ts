/**
 * Entries a second that a hub passes on to edges, without looking into a document: read from the log, filtered by channel, framed and sent. Those who take them only
 * count, so that the hub is what is measured.
 */
import type { Bench, OpenHub } from '../bench.ts'
import type { CrowdCommands } from '../crowd-process.ts'
import type { Figure } from '../figure.ts'
import { type Measured, startProcess } from '../process.ts'
import { median } from '../statistics.ts'
import { REGION } from '../visits.ts'
import { enrolCrowd } from './enrol-crowd.ts'

const GOAL = 20_000
const SECTION = 'relayed'

export async function relayed(bench: Bench): Promise<Figure[]> {
  const { sizes, takers, longRuns } = bench.scale
  const records = Math.max(...sizes.filter((size) => size <= 10_000))
  return bench.withHub({ records }, async (hub) => {
    const rates: number[] = []
    let [bytes, rows] = [0, 0]
    for (let run = 0; run < longRuns + 1; run++) {
      const taken = await take(bench, hub, takers)
      // Each is told the same; other measurements may have edited some of the records before.
      if (taken.entries < takers * records || taken.entries % takers !== 0)
        throw new Error(`${takers} takers of ${records} records took ${taken.entries} entries`)
      rows = taken.entries
      bytes = taken.bytes
      // The first one warms up.
      if (run > 0) rates.push((taken.entries / taken.ms) * 1e3)
    }
    await take(bench, hub, takers, SECTION)
    const bareMs = await bench.bareRows({ bytes, rows })
    return [
      {
        what: `entries relayed to ${takers} edges at once, nothing validated`,
        value: median(rates),
        unit: 'per s',
        goal: GOAL,
        bare: (rows / bareMs) * 1e3,
        note: `median of ${rates.length}, ${(rows / takers).toLocaleString('en-US')} entries each; the bare limit stores them as well`,
        section: SECTION,
      },
    ]
  })
}

/** `section`: to be profiled as this. */
async function take(bench: Bench, hub: OpenHub, takers: number, section?: string) {
  const crowd: Measured<CrowdCommands> = await startProcess<CrowdCommands>('crowd-process.ts')
  try {
    await enrolCrowd(hub, crowd, { count: takers, region: REGION, takes: 'counts' })
    const join = () => crowd.call.join(hub.url)
    return section === undefined ? await join() : await bench.profile(section, [hub.process], join)
  } finally {
    await crowd.end()
  }
}
