/**
 * Finds what of a delivery must be tried before its turn takes anything, all of it at once: found one by one while they are let in, each would begin the turn anew, and what was let in before it would be
 * applied once more.
 */
import { WEIGHTLESS } from '../change/weight.ts'
import type { Heavy, Isolation } from './isolation.ts'
import type { Judged } from './judge.ts'
import type { JudgedSnapshot } from './judge-snapshot.ts'
import type { Turn } from './turn.ts'

/** @throws NotYet */
export async function tryAhead(
  turn: Turn,
  isolation: Isolation,
  entries: readonly (Judged | JudgedSnapshot)[],
): Promise<void> {
  const heavy: Heavy[] = []
  for (const [record, parts] of Map.groupBy(entries.flatMap(partsOf), (part) => part.entry.record)) {
    if (!parts.some(({ changes }) => isolation.isHeavy(changes))) continue
    const one = await heavyOf(turn, isolation, record, parts)
    if (one) heavy.push(one)
  }
  if (heavy.length > 0) throw isolation.notYet(heavy)
}

function partsOf(judged: Judged | JudgedSnapshot): Judged[] {
  const parts = 'parts' in judged ? judged.parts : [judged]
  return parts.flatMap((part) =>
    'refused' in part || part.barred || part.changes.length === 0 ? [] : [part],
  )
}

/** Undefined: it can be let in, or be refused, at once. */
async function heavyOf(
  turn: Turn,
  isolation: Isolation,
  key: string,
  parts: readonly Judged[],
): Promise<Heavy | undefined> {
  const record = await turn.open(key)
  if (record.isQuarantined) return undefined
  const { incarnation, seqs } = record.frontier
  const newest = Math.max(incarnation, ...parts.map(({ entry }) => entry.incarnation))
  const isNext = newest > incarnation
  const taken = parts
    .filter(({ entry }) => entry.incarnation === newest)
    .map((of) => ({
      of,
      fresh: isNext ? of.changes : of.changes.filter(({ actorHex, seq }) => seq > (seqs.get(actorHex) ?? 0)),
    }))
  if (!isolation.needsTrial(isNext ? WEIGHTLESS : record.weight, taken)) return undefined
  return { record: key, history: isNext ? [] : await turn.changesOf(key), taken }
}
