/** Which record without a row is what a row tells of, by the rules of `match` in their order (SPEC B-126). Nothing is written. */
import type { JsonObject } from '@skerry/core'
import type { ExternalRow } from '../adapter-port.ts'
import type { BridgeContext } from '../context.ts'
import { CANDIDATES_MAX } from '../limits.ts'
import type { Mapping } from '../mapping.ts'
import type { BridgeTables } from '../tables.ts'
import { scoreOf } from './alike.ts'
import { candidatesOf } from './candidates.ts'
import type { MatchConfig } from './identity-config.ts'
import { keysBy } from './match-keys.ts'
import { areApart, type PairCandidate } from './pair.ts'

export type Match =
  | { kind: 'none' }
  | { kind: 'sure'; record: string; how: MatchConfig['how'] }
  | { kind: 'doubtful'; candidates: PairCandidate[] }

const none: Match = { kind: 'none' }

/** @param value what the row says, by the record's fields */
export async function findMatch(
  context: BridgeContext,
  tables: BridgeTables,
  { mapping, row, value }: { mapping: Mapping; row: ExternalRow; value: JsonObject },
): Promise<Match> {
  for (const [place, rule] of mapping.match.entries()) {
    const keys = keysBy(context.host, rule, place, value)
    const found: PairCandidate[] = []
    for (const record of await recordsUnder(tables, mapping.type, rule, keys)) {
      const { value: theirs } = await tables.transaction.record(record)
      if (!theirs || (await areApart(tables, mapping.type, row.id, record))) continue
      const score = rule.how === 'scored' ? scoreOf(rule.fields, value, theirs) : 1
      found.push({ record, score, how: rule.how })
    }
    const match = judge(rule, found)
    if (match.kind !== 'none') return match
  }
  return none
}

async function recordsUnder(
  tables: BridgeTables,
  type: string,
  { how }: MatchConfig,
  keys: readonly string[],
): Promise<Set<string>> {
  const records = new Set<string>()
  for (const key of keys) {
    const some = await candidatesOf(tables, type, key, CANDIDATES_MAX + 1)
    // A word that so many share says nothing; whole values that so many share are a question all the same.
    if (how === 'scored' && some.length > CANDIDATES_MAX) continue
    for (const record of some.slice(0, CANDIDATES_MAX)) records.add(record)
  }
  return records
}

function judge(rule: MatchConfig, found: readonly PairCandidate[]): Match {
  const [sure, doubtful] = rule.how === 'scored' ? [rule.sure, rule.doubtful] : [1, 1]
  const likely = found
    .filter(({ score }) => score >= doubtful)
    .sort((a, b) => b.score - a.score || (a.record < b.record ? -1 : 1))
  if (likely.length === 0) return none
  const [best, ...others] = likely.filter(({ score }) => score >= sure)
  if (best && others.length === 0) return { kind: 'sure', record: best.record, how: rule.how }
  return { kind: 'doubtful', candidates: likely.slice(0, CANDIDATES_MAX) }
}
