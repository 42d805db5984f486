/** A person's word on a review: change, receipts, shadow and what is to be written are one append (SPEC B-103, B-104). */
import { equalJson, type Json } from '@skerry/core'
import { decidedFact } from '../audit/facts.ts'
import { BridgeError } from '../bridge-error.ts'
import { mappingOfRecord } from '../choose-mapping.ts'
import type { BridgeContext } from '../context.ts'
import { takeHeld } from '../incoming.ts'
import { DECIDER_LENGTH_MAX } from '../limits.ts'
import { readField } from '../mapping/field.ts'
import { resolveReferences } from '../mapping/references.ts'
import type { Mapping } from '../mapping.ts'
import { atHand, shadowFor } from '../plan.ts'
import { misfit } from '../schema-fit.ts'
import { settle } from '../settle.ts'
import type { BridgeTables } from '../tables.ts'
import type { Verdict } from '../verdict.ts'
import { keepDecision } from './decisions.ts'
import { end } from './end.ts'
import { type HeldField, type HeldRecord, sidesOf } from './item.ts'
import type { Review } from './list.ts'
import { versionOf } from './version.ts'

/** `null` as a value empties the field. */
export type Decision = 'ours' | 'theirs' | { value: Json }

export interface DecisionOptions {
  /** Who decides: it stands in the receipt. Default `an operator`. */
  by?: string
}

interface Read {
  review: Pick<Review, 'record' | 'field' | 'version'>
  decision: Decision
  by: string
}

/** @throws BridgeError review-changed, review-value, mapping */
export async function decideReview(context: BridgeContext, tables: BridgeTables, read: Read): Promise<void> {
  const { record, field } = read.review
  if (read.by.length === 0 || read.by.length > DECIDER_LENGTH_MAX)
    throw new BridgeError(
      'review-value',
      `who decides has ${read.by.length} characters; from 1 to ${DECIDER_LENGTH_MAX} are allowed`,
    )
  const item = await tables.review(record)
  const mapping = mappingOfRecord(context, record, (await tables.shadowHead(record))?.type)
  const [whole, held] = field === '' ? [item?.whole] : [undefined, item?.fields[field]]
  const known = whole ?? held
  if (!mapping || !known || versionOf(context.host, { record, field, held: known }) !== read.review.version)
    throw new BridgeError(
      'review-changed',
      known
        ? `${record}: ${field || 'the record'} has changed since it was read; look at it again`
        : `${record}: nothing is under review in ${field || 'the record as a whole'}; it was decided, or is over`,
    )
  tables.note(decidedFact(read, known))
  if (whole) await decideWhole(context, tables, { mapping, held: whole, read })
  else if (held) await decideField(context, tables, { mapping, held, read })
  await settle(context, tables, record)
}

async function decideField(
  context: BridgeContext,
  tables: BridgeTables,
  { mapping: one, held, read: { review, decision, by } }: { mapping: Mapping; held: HeldField; read: Read },
): Promise<void> {
  const { record, field: name } = review
  const state = await tables.transaction.record(record)
  const shadow = shadowFor(state, await tables.shadow(record))
  const mapping = await resolveReferences(context, tables, one, atHand(state, shadow))
  const field = mapping.fields.find((each) => each.name === name)
  const ours = field && readField(state.value, field)
  // An edit that the bridge has not looked at yet; it will, and then the review says so.
  if (!field || !shadow || !state.value || !equalJson(ours ?? null, held.ours))
    throw new BridgeError('review-changed', `${record}: ${name} is being changed; look at it again`)
  const theirs = held.theirs ?? undefined
  const value = decision === 'ours' ? ours : decision === 'theirs' ? theirs : (decision.value ?? undefined)
  const against = misfit(mapping, state.value, field, value)
  if (against && decision !== 'ours')
    throw new BridgeError('review-value', `${record}: ${name} cannot be that: ${against}`)
  const winner = equalJson(value, ours) ? 'ours' : equalJson(value, theirs) ? 'theirs' : 'made'
  const verdict: Verdict = {
    field,
    ours,
    theirs,
    agreed: held.agreed ?? undefined,
    kind: 'conflict',
    isOwed: false,
  }
  await keepDecision(tables, {
    mapping,
    conflict: { ...sidesOf(held), record, here: state.value },
    verdict,
    value,
  })
  await end(
    context,
    tables,
    { mapping, record, state, shadow },
    {
      verdict,
      ending: winner === 'made' ? { winner, value, keeps: false } : { winner },
      rule: 'review',
      sides: sidesOf(held),
      by,
    },
  )
}

/** The row that waited is taken in under the rule that the decision means. */
async function decideWhole(
  context: BridgeContext,
  tables: BridgeTables,
  { mapping, held, read: { review, decision, by } }: { mapping: Mapping; held: HeldRecord; read: Read },
): Promise<void> {
  const { record } = review
  if (typeof decision === 'object')
    throw new BridgeError(
      'review-value',
      `${record}: one side deleted it and the other edited it; decide 'ours' or 'theirs', and edit it then`,
    )
  const { row } = held
  const lives = decision === (row.deleted ? 'ours' : 'theirs')
  const decided = { ...mapping, deletes: lives ? ('edit-wins' as const) : ('delete-wins' as const) }
  await takeHeld(context, tables, { mapping: decided, record, row, by })
}
