/**
 * The hub mends, it never rewrites. What a device was entitled to write is in the log already when this runs; if the result breaks the schema or a rule,
 * a change that makes it right is added, and a receipt that says why.
 *
 * A violation that was there before the edit is not the edit's, and stays: a rule that is new would otherwise take away what it finds. And nothing waits for a rule that fails
 * itself, or for a mend that cannot be written: whoever runs the hub hears of it.
 */
import { EngineError } from '../engine/document.ts'
import { changedFields, outermost, valueAt } from '../records/changed-fields.ts'
import { DraftError, type Edit } from '../records/edits.ts'
import { pointerOf } from '../records/pointer.ts'
import type { Rule } from '../records/rule.ts'
import type { Json, JsonObject } from '../records/shape.ts'
import { DELETED_KEY } from '../records/view.ts'
import { type Author, EditRefused, writeRecord } from './author.ts'
import { giveReceipt } from './give-receipt.ts'
import type { OpenRecord } from './open-record.ts'
import type { Turn } from './turn.ts'
import { findViolation, RuleFailed, type Suspect, type Violation } from './violation.ts'

/** Mends of one record in one delivery: one mend may break another rule, but two rules must not play ball. */
const MENDS_MAX = 4

/** The rules of which a mend was made, and those of which none could be. */
export interface Mended {
  made: string[]
  failed: { rule: string; reason: string }[]
}

export async function mend(
  turn: Turn,
  hub: Author,
  rules: readonly Rule[],
  suspect: Suspect,
): Promise<Mended> {
  const mended: Mended = { made: [], failed: [] }
  const passed = new Set<string>()
  while (mended.made.length < MENDS_MAX) {
    const record = await turn.open(suspect.record.key)
    const after = record.visible
    if (!after) break
    try {
      const violation = findViolation({ ...suspect, record }, after, rules, passed)
      if (!violation) break
      const edits = editsTo({ ...suspect, record }, violation)
      if (edits.length === 0) passed.add(violation.rule)
      else {
        await applyMend(turn, hub, { ...suspect, record }, violation, edits)
        mended.made.push(violation.rule)
      }
    } catch (error) {
      if (!(error instanceof RuleFailed)) throw error
      passed.add(error.rule)
      mended.failed.push({ rule: error.rule, reason: error.message })
    }
  }
  return mended
}

/** None when there is nothing that this edit broke. A new record that cannot be made right is taken away. */
function editsTo({ record, before }: Suspect, { mended, rule }: Violation): Edit[] {
  const edits = mended ? difference(rule, record, mended) : []
  if (edits.length > 0 || before) return edits
  return [{ op: 'put', path: [DELETED_KEY], value: true }]
}

function difference(rule: string, record: OpenRecord, mended: JsonObject): Edit[] {
  try {
    return record.editsTo(mended, 'leave')
  } catch (cause) {
    if (cause instanceof DraftError) throw new RuleFailed(rule, cause)
    throw cause
  }
}

/** @throws RuleFailed when the mend cannot be written; then nothing of it is */
async function applyMend(
  turn: Turn,
  hub: Author,
  { record, seqs }: Suspect,
  { rule, reason }: Violation,
  edits: readonly Edit[],
): Promise<void> {
  const was = record.stored ?? {}
  try {
    await writeRecord(turn, hub, record, edits)
  } catch (cause) {
    if (cause instanceof EditRefused || cause instanceof EngineError) throw new RuleFailed(rule, cause)
    throw cause
  }
  await giveReceipt(turn, hub, record, {
    record: record.key,
    place: 'hub',
    outcome: 'mended',
    seqs,
    reason,
    rule,
    ...fieldsMended(record, was, record.stored ?? {}),
    at: hub.host.now(),
  })
}

/** As they are stored: each version reads the receipt by its own names. */
export function fieldsMended(
  { collection }: OpenRecord,
  was: JsonObject,
  became: JsonObject,
): { fields: string[]; values: Record<string, { was: Json; became: Json }> } {
  const { stored } = collection!.versions
  const paths = outermost(changedFields(stored, was, became))
  const values: Record<string, { was: Json; became: Json }> = {}
  for (const path of paths)
    values[pointerOf(path)] = {
      was: valueAt(stored, was, path) ?? null,
      became: valueAt(stored, became, path) ?? null,
    }
  return { fields: paths.map(pointerOf), values }
}
