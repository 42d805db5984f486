/** Conflict analytics: how often what was in conflict and how it ended, and rules that would have decided as people did (SPEC B-105, B-106). */
import { decodeUtf8 } from '@skerry/core'
import type { Shared } from '../bridge-life.ts'
import { nameOf } from '../rules/resolve.ts'
import { allRows } from '../table-rows.ts'
import { tableOf } from '../tables.ts'
import { type ConflictCount, type ConflictTally, readCount } from './conflict-counts.ts'
import { type KeptDecisions, type Proposal, proposalOf } from './decisions.ts'

export interface Conflicts {
  counts: ConflictCount[]
  proposals: Proposal[]
}

export async function readConflicts(shared: Shared): Promise<Conflicts> {
  const { context, replica } = shared
  const counts: ConflictCount[] = []
  for await (const { key, value } of allRows(replica, tableOf(context.system, 'conflicts')))
    counts.push(readCount(key, JSON.parse(decodeUtf8(value) ?? '') as ConflictTally))
  const proposals: Proposal[] = []
  for await (const { key, value } of allRows(replica, tableOf(context.system, 'decisions'))) {
    const [collection = '', field = ''] = key.split('\n')
    const proposal = proposalOf(collection, field, JSON.parse(decodeUtf8(value) ?? '') as KeptDecisions)
    if (proposal && isNews(shared, proposal)) proposals.push(proposal)
  }
  return { counts, proposals }
}

/** The field is still mapped, and has not that rule yet. */
function isNews({ context }: Shared, { collection, field, rule }: Proposal): boolean {
  const mapping = context.mappings.find((one) => one.collection.name === collection)
  const mapped = mapping?.fields.find(({ name }) => name === field)
  return mapped !== undefined && nameOf(mapped.rule) !== rule
}
