/** Positions in logs, and which run owns a sequence. A cursor whose run does not own its sequence is not to be trusted. */
import type { RunRow, Seq } from '../store/port.ts'

/** Runs are oldest first. The run that owns `seq`; undefined for 0 and for what none of the listed ones owns. */
export function runOwning(
  runs: readonly RunRow[],
  seq: Seq,
  head: Seq = Number.MAX_SAFE_INTEGER,
): RunRow | undefined {
  if (seq < 1 || seq > head) return undefined
  for (let i = runs.length - 1; i >= 0; i--) if (runs[i]!.first <= seq) return runs[i]
  return undefined
}

/** True when `run` is among the runs and owns `seq`. */
export function ownsSeq(runs: readonly RunRow[], run: string, seq: Seq, head?: Seq): boolean {
  return runOwning(runs, seq, head)?.run === run
}
