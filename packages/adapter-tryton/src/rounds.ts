/** Writes in rounds that each are one batch: no larger than allowed, and none with two writes of one row, which Tryton would make of one transaction. */
import type { Write } from '@skerry/bridge'

export function roundsOf(writes: readonly Write[], roundMax: number): Write[][] {
  const rounds: { writes: Write[]; rows: Set<string> }[] = []
  for (const write of writes) {
    const row = write.id === undefined ? `external ${write.externalId}` : `id ${write.id}`
    // A row's second write follows its first, and never overtakes it.
    const last = rounds.findLastIndex(({ rows }) => rows.has(row))
    const open = rounds.slice(last + 1).find((round) => round.writes.length < roundMax)
    const round = open ?? { writes: [], rows: new Set<string>() }
    if (!open) rounds.push(round)
    round.writes.push(write)
    round.rows.add(row)
  }
  return rounds.map((round) => round.writes)
}
