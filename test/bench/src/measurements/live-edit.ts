/** One edit at a time, from an edge over the hub to another edge, until it is durable on all three. */
import type { Bench } from '../bench.ts'
import type { Figure } from '../figure.ts'
import { percentile } from '../statistics.ts'
import { visitId } from '../visits.ts'

const RECORDS = 100
const WARM_UP_EDITS = 200
const PROFILED_EDITS = 200
/** Bytes of an entry with one such edit. */
const EDIT_BYTES = 300
const goals = { p50: 2, p99: 10 }

export async function liveEdit(bench: Bench): Promise<Figure[]> {
  const ours = await throughHub(bench)
  const bare = await throughBare(bench)
  const section = 'live-edit'
  const note = `over ${ours.length} edits, one at a time`
  return [
    {
      what: 'live edit, edge to hub to edge, durable on all: p50',
      value: percentile(ours, 0.5),
      unit: 'ms',
      goal: goals.p50,
      bare: percentile(bare, 0.5),
      note,
      section,
    },
    {
      what: 'live edit, edge to hub to edge, durable on all: p99',
      value: percentile(ours, 0.99),
      unit: 'ms',
      goal: goals.p99,
      bare: percentile(bare, 0.99),
      note,
      section,
    },
  ]
}

function throughHub(bench: Bench): Promise<number[]> {
  return bench.withHub({ records: RECORDS }, (hub) =>
    bench.withEdge(hub, (writer) =>
      bench.withEdge(hub, async (reader) => {
        await writer.call.sync(hub.url)
        await reader.call.sync(hub.url)
        let edits = 0
        const one = async () => {
          const arrival = reader.call.arrival()
          edits += 1
          const began = await writer.call.editOne({ id: visitId(edits % RECORDS), mark: edits })
          return Number((await arrival) - began) / 1e6
        }
        await inTurn(WARM_UP_EDITS, one)
        const times = await inTurn(bench.scale.liveEdits, one)
        await bench.profile('live-edit', [hub.process, writer, reader], () => inTurn(PROFILED_EDITS, one))
        return times
      }),
    ),
  )
}

function throughBare(bench: Bench): Promise<number[]> {
  return bench.withBare(3, async ([middle, writer, reader]) => {
    const url = await middle!.call.listenForEdits()
    await writer!.call.connect(url)
    await reader!.call.connect(url)
    await reader!.call.keepEdits()
    const one = async () => {
      const arrival = reader!.call.arrival()
      const began = await writer!.call.editOne(EDIT_BYTES)
      return Number((await arrival) - began) / 1e6
    }
    await inTurn(WARM_UP_EDITS, one)
    return inTurn(bench.scale.liveEdits, one)
  })
}

async function inTurn(count: number, one: () => Promise<number>): Promise<number[]> {
  const times: number[] = []
  while (times.length < count) times.push(await one())
  return times
}
