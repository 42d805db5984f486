/**
 * A first import of very many rows, with its speed and the curve of its memory; then edits there, few and scattered, found by polling and by comparing, with what that costs in calls and bytes. The naive way to
 * find them is to read every row again.
 */
import { join } from 'node:path'
import { setTimeout as elapsed } from 'node:timers/promises'
import { type Measured, startProcess } from '../process.ts'
import { slope } from '../slope.ts'
import type { BackfillCommands } from './backfill-process.ts'
import type { BridgeFigure } from './figure.ts'

const RATE_GOAL = 5_000
const MEMORY_MB_MAX = 300
const SAMPLE_MS = 1_000
/** Contacts looked at, to see that what was imported is what there is. */
const LOOKED_AT = 10_000
/** A node that serves nobody beside its bridge needs no larger heap; with Node's own choice what is garbage already is kept for long. */
const NODE_FLAGS = ['--max-old-space-size=160', '--max-semi-space-size=8']

export interface BackfillSize {
  records: number
  /** Edits found by a poll, then by a comparison; the poll is made with twice as many once more. */
  edits: number
}

interface Sample {
  records: number
  mb: number
}

type Node = Measured<BackfillCommands>

export async function backfill(
  folder: string,
  { records, edits }: BackfillSize,
  say: (line: string) => void,
  profile?: string,
): Promise<BridgeFigure[]> {
  const node: Node = await startProcess<BackfillCommands>('bridge/backfill-process.ts', NODE_FLAGS)
  try {
    await node.call.open({ store: join(folder, 'backfill.db'), records })
    const bare = await node.call.bareSpeed()
    const samples: Sample[] = []
    if (profile !== undefined) await node.call.startProfile()
    await node.call.backfill()
    const { worked, ledger } = await done(node, (at) => {
      samples.push(at)
      if (samples.length % 10 === 0) say(`backfill: ${at.records} records, ${Math.round(at.mb)} MB`)
    })
    if (profile !== undefined) await node.call.stopProfile(join(profile, 'backfill.0.node.cpuprofile'))
    const wrong = await node.call.diverged({ looked: Math.min(records, LOOKED_AT), from: 0 })
    return [
      ...speedOf({ records, worked, bare, bytes: ledger.bytes.rows }),
      ...memoryOf(samples),
      {
        what: 'contacts that differ from their row after the backfill',
        value: wrong,
        unit: 'contacts',
        goal: { atMost: 0 },
        note: `of ${Math.min(records, LOOKED_AT).toLocaleString('en-US')} scattered ones`,
      },
      ...(await edited(node, { records, edits }, ledger.bytes.rows)),
    ]
  } finally {
    await node.end()
  }
}

function speedOf(found: { records: number; worked: Worked; bare: number; bytes: number }): BridgeFigure[] {
  const { records, worked, bare, bytes } = found
  return [
    {
      what: `backfill of ${records.toLocaleString('en-US')} records`,
      value: (records * 1_000) / worked.ms,
      unit: 'per s',
      goal: { atLeast: RATE_GOAL },
      naive: `${Math.round(bare).toLocaleString('en-US')} per s without a bridge`,
      note: `the source alone, in the same process; ${(worked.cpuMs / records).toFixed(3)} ms of CPU a record, ${(worked.mainMs / records).toFixed(3)} ms of them the main thread's, ${Math.round(bytes / 2 ** 20)} MB of rows`,
    },
  ]
}

/** The first quarter is a process that starts: its heap grows to what it may have. */
function memoryOf(samples: readonly Sample[]): BridgeFigure[] {
  const most = Math.max(...samples.map(({ mb }) => mb))
  const late = samples.slice(Math.floor(samples.length / 4))
  const curve = Array.from({ length: 5 }, (_, i) => samples[Math.round((i * (samples.length - 1)) / 4)]!.mb)
  return [
    {
      what: 'memory of the node during the backfill, most',
      value: most,
      unit: 'MB',
      goal: { atMost: MEMORY_MB_MAX },
      note: `at a start, quarter, half, three quarters and the end: ${curve.map((mb) => Math.round(mb)).join(', ')}; node ${NODE_FLAGS.join(' ')}`,
    },
    {
      what: 'memory of the node, slope after the first quarter',
      value: slope(late.map(({ records, mb }) => [records / 1e6, mb])),
      unit: 'MB per million records',
      note: `${samples.length} samples, one a second`,
    },
  ]
}

async function edited(
  node: Node,
  { records, edits }: BackfillSize,
  allBytes: number,
): Promise<BridgeFigure[]> {
  const figures: BridgeFigure[] = []
  const step = Math.max(1, Math.floor(records / edits))
  for (const [round, count] of [edits, 2 * edits].entries()) {
    const from = Math.min(round + 1, step - 1)
    await node.call.edit({ edits: count, from })
    await node.call.poll()
    figures.push(...(await foundBy('a poll', node, { count, from, allBytes })))
  }
  await node.call.edit({ edits, from: 0 })
  await node.call.compare()
  figures.push(...(await foundBy('comparing versions', node, { count: edits, from: 0, allBytes })))
  return figures
}

async function foundBy(
  how: string,
  node: Node,
  { count, from, allBytes }: { count: number; from: number; allBytes: number },
): Promise<BridgeFigure[]> {
  const { worked, ledger } = await done(node, () => undefined)
  const wrong = await node.call.diverged({ looked: count, from })
  const { calls, bytes, rows } = ledger
  const { list, latest, ...found } = calls
  const listed = list + latest
  const findings = Object.values(found).reduce((sum, one) => sum + one, 0)
  const edits = `${count.toLocaleString('en-US')} scattered edits`
  return [
    {
      what: `${edits}, found by ${how}: calls`,
      value: findings,
      unit: 'calls',
      goal: { atMost: count },
      note: `${(worked.ms / 1_000).toFixed(1)} s; ${listed === 0 ? 'and no listing' : `beside ${listed} of a listing of ids and versions`}; ${wrong} of them not found`,
    },
    {
      what: `${edits}, found by ${how}: bytes of rows`,
      value: bytes.rows,
      unit: 'B',
      naive: `${allBytes.toLocaleString('en-US')} B to read all`,
      note: `${(bytes.rows / count).toFixed(0)} B an edit, ${rows.toLocaleString('en-US')} rows told${bytes.listed > 0 ? `; beside ${bytes.listed.toLocaleString('en-US')} B of ids and versions` : ''}`,
    },
  ]
}

type Progress = Awaited<ReturnType<BackfillCommands['progress']>>
type Worked = NonNullable<Progress['worked']>

/** Looks once a second until the work is done. */
async function done(
  node: Node,
  sampled: (sample: Sample) => void,
): Promise<{ worked: Worked; ledger: Progress['ledger'] }> {
  for (;;) {
    const { records, residentBytes, worked, ledger } = await node.call.progress()
    sampled({ records, mb: residentBytes / 1e6 })
    if (worked) return { worked, ledger }
    await elapsed(SAMPLE_MS)
  }
}
