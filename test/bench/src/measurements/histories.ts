/** Records with a past: a document carries its history, so a first sync costs by change, and so does the first edit of a record that is not loaded. */
import { type Bench, spreadIds } from '../bench.ts'
import type { Figure } from '../figure.ts'
import { median } from '../statistics.ts'
import { firstSyncOf } from './first-sync.ts'

const CHANGED = 50

export async function histories(bench: Bench): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const { records, changes } of bench.scale.histories) {
    figures.push(...(await firstSyncOf(bench, { records, changes }, `records of ${changes} changes`)))
    figures.push(await changedOf(bench, records, changes))
  }
  return figures
}

function changedOf(bench: Bench, records: number, changes: number): Promise<Figure> {
  return bench.withHub({ records, changes }, (hub) =>
    bench.withEdge(hub, async (edge) => {
      await edge.call.sync(hub.url)
      await edge.call.disconnect()
      await edge.call.reopen()
      const times: number[] = []
      for (let run = 0; run < bench.scale.longRuns; run++) {
        await hub.process.call.edit({ ids: spreadIds(records, CHANGED, run), edits: 1, mark: run })
        const { ms } = await edge.call.sync(hub.url)
        await edge.call.disconnect()
        times.push(ms)
      }
      return {
        what: `reconnect, ${CHANGED} of ${records.toLocaleString('en-US')} records of ${changes} changes changed, none loaded`,
        value: median(times),
        unit: 'ms',
        note: `median of ${times.length}, connecting included`,
      }
    }),
  )
}
