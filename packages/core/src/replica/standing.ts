/**
 * What became of the newest edits of each field at one place: what an app shows beside the field (P-7, P-8). Receipts speak of edits, by author and sequence; here they are laid against
 * the edits that the record's history has of each field.
 */
import { actorKind } from '../change/actors.ts'
import type { HistoryItem } from '../records/history.ts'
import { pointerOf } from '../records/pointer.ts'
import { type BothValues, covers, type Outcome, type Receipt, speaksOf } from './receipts.ts'

/** `pending`: the place has not answered yet. */
export type FieldState = 'pending' | Outcome

export interface Standing {
  field: string
  state: FieldState
  /** In the place's own words. */
  reason?: string | undefined
  rule?: string | undefined
  values?: BothValues | undefined
  /** Wall clock of the place, milliseconds since 1970; absent while it is pending. */
  at?: number | undefined
}

/** Newest edit of a field by each author, in the order of the history: sequence per actor (hex). */
export type FieldEdits = ReadonlyMap<string, number>

/** By field at the root. Imports and containers are nobody's edits. */
export function editsByField(
  history: readonly Pick<HistoryItem, 'actor' | 'seq' | 'fields'>[],
): Map<string, FieldEdits> {
  const edits = new Map<string, Map<string, number>>()
  for (const { actor, seq, fields } of history) {
    if (actorKind(actor) !== 'run') continue
    for (const [field] of fields) {
      if (field === undefined) continue
      const seqs = edits.get(field) ?? new Map<string, number>()
      seqs.delete(actor)
      edits.set(field, seqs.set(actor, seq))
    }
  }
  return edits
}

/** @param receipts of one place, oldest first */
export function standingOf(field: string, edits: FieldEdits, receipts: readonly Receipt[]): Standing {
  let standing: Standing = { field, state: 'pending' }
  for (const receipt of receipts) {
    if (!speaksOf(receipt, field)) continue
    if (covers(receipt, edits)) standing = told(field, receipt)
    // It says what became of the review, and nothing of the edit: that is on its way again.
    else if (standing.state === 'review' && receipt.fields) standing = { field, state: 'pending' }
    if (isFinal(standing.state)) return standing
  }
  return standing
}

/** Nothing that a place says later of the same edit undoes it: an edit that was overruled is not saved because another one is. */
function isFinal(state: FieldState): boolean {
  return state === 'saved' || state === 'mended' || state === 'overruled'
}

function told(field: string, { outcome, reason, rule, values, at }: Receipt): Standing {
  const both = values?.[pointerOf([field])]
  return {
    field,
    state: outcome,
    ...(reason !== undefined && { reason }),
    ...(rule !== undefined && { rule }),
    ...(both && { values: both }),
    at,
  }
}
