/** Very many changes with faults and power cuts, in lives of their own seeds, judged by an oracle that believes neither side; and a few of them without a bridge. */
import { availableParallelism } from 'node:os'
import { type Measured, startProcess } from '../process.ts'
import type { FaultsCommands } from './faults-process.ts'
import type { BridgeFigure } from './figure.ts'
import type { Lived } from './life.ts'

/** Changes of one life: its log is in memory, where a hundred thousand entries cost more to keep than to write. */
const CHANGES_PER_LIFE = 5_000
/** Lives of one process: what a node had in memory when its power went stays there. */
const LIVES_PER_PROCESS = 10
const CHANGES_PER_RECORD = 20

export async function faults(changes: number, say: (line: string) => void): Promise<BridgeFigure[]> {
  const count = Math.max(1, Math.round(changes / CHANGES_PER_LIFE))
  const each = Math.ceil(changes / count)
  const size = { changes: each, records: Math.max(10, Math.round(each / CHANGES_PER_RECORD)) }
  const seeds = Array.from({ length: count }, (_, i) => i + 1)
  const startedMs = performance.now()
  const lived: Lived[] = []
  const liveSome = async () => {
    for (
      let some = seeds.splice(0, LIVES_PER_PROCESS);
      some.length > 0;
      some = seeds.splice(0, LIVES_PER_PROCESS)
    )
      await inProcess(async ({ call }) => {
        for (const seed of some) {
          const one = await call.live({ seed, size })
          lived.push(one)
          for (const example of one.examples) say(`faults: seed ${seed}: ${example}`)
        }
        say(`faults: ${lived.length} of ${count} lives`)
      })
  }
  await Promise.all(Array.from({ length: availableParallelism() }, liveSome))
  const minutes = (performance.now() - startedMs) / 60_000
  const naive = await inProcess(({ call }) => call.liveNaively({ seed: 1, size }))
  return figuresOf(lived, naive, minutes)
}

async function inProcess<T>(work: (process: Measured<FaultsCommands>) => Promise<T>): Promise<T> {
  const process = await startProcess<FaultsCommands>('bridge/faults-process.ts')
  try {
    return await work(process)
  } finally {
    await process.end()
  }
}

function figuresOf(lived: readonly Lived[], naive: Lived, minutes: number): BridgeFigure[] {
  const sum = (of: (one: Lived) => number) => lived.reduce((all, one) => all + of(one), 0)
  const spelled = (count: number) => count.toLocaleString('en-US')
  const changes = sum((one) => one.changes)
  const { lost, broken, busy, quota } = Object.fromEntries(
    (['lost', 'broken', 'busy', 'quota'] as const).map((fault) => [
      fault,
      sum(({ struck }) => struck[fault]),
    ]),
  ) as Lived['struck']
  const what = `${spelled(changes)} changes with faults`
  const beside = (count: number) => `${spelled(count)} of ${spelled(naive.changes)} changes`
  const none = { atMost: 0 }
  return [
    {
      what: `${what}: fields that differ in the end`,
      value: sum(({ diverged }) => diverged),
      unit: 'fields',
      goal: none,
      naive: beside(naive.diverged),
      note: `${lived.length} lives; ${spelled(sum(({ calls }) => calls))} calls: ${spelled(lost)} answers lost, ${spelled(broken)} × 500, ${spelled(busy)} × 503, ${spelled(quota)} × 429; ${spelled(sum(({ cuts }) => cuts))} power cuts; ${minutes.toFixed(1)} min`,
    },
    {
      what: `${what}: effects that came twice`,
      value: sum(({ duplicates }) => duplicates),
      unit: 'effects',
      goal: none,
      naive: beside(naive.duplicates),
      note: 'rows, tags, sums, calls by key, values that came back',
    },
    {
      what: `${what}: edits lost`,
      value: sum((one) => one.lost),
      unit: 'changes',
      goal: none,
      naive: beside(naive.lost),
      note: 'the naive way: pushes that try three times and wait in memory, polls that overwrite',
    },
  ]
}
