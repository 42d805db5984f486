/** The rules at work on one row: what becomes of each field that it changed, what that makes of the merge, and who is told (SPEC B-30 to B-34, B-90 to B-98). */
import { equalJson, type HistoryItem, type Json, type RecordState } from '@skerry/core'
import type { ExternalRow } from './adapter-port.ts'
import { byAuthority } from './authority.ts'
import { type BridgeContext, isBeyond, type Overruled, runSeqs } from './context.ts'
import { importAtHeads } from './import-at-heads.ts'
import { concerns, type Field, versionNaming, withField } from './mapping/field.ts'
import { isSameOrInside } from './mapping/path.ts'
import type { Mapping } from './mapping.ts'
import type { Tried } from './outbox.ts'
import { without } from './privacy/without.ts'
import type { Sides } from './review/item.ts'
import type { Resolution } from './rules/conflict.ts'
import { nameOf, resolve } from './rules/resolve.ts'
import { misfit } from './schema-fit.ts'
import type { BridgeTables } from './tables.ts'
import { overruledIn, tellOverruled } from './told.ts'
import type { Verdict } from './verdict.ts'

/** `same`: both sides had said it already. */
export type Ending = Resolution | { winner: 'same' }

export interface Decided extends Verdict {
  ending: Ending
  /** What decided, for receipts and counts; undefined where nothing was in conflict. */
  rule: string | undefined
  sides: Sides
}

export interface Deciding {
  mapping: Mapping
  state: RecordState
  /** Who changed the row, and when. */
  theirs: Pick<Sides, 'theirsAt' | 'theirsBy'>
  verdicts: readonly Verdict[]
  /** A call with edits of these fields met a row that had changed. */
  tried?: Tried | undefined
}

/** What becomes of each field. Nothing is written. */
export async function decide(
  context: BridgeContext,
  tables: BridgeTables,
  { mapping, state, theirs, verdicts, tried }: Deciding,
): Promise<Decided[]> {
  const history = verdicts.some(({ kind }) => kind === 'conflict')
    ? await tables.transaction.history(state.key)
    : []
  const decided: Decided[] = []
  for (const verdict of verdicts) {
    const sides = { ...theirs, ...newestHere(context, history, { field: verdict.field, tried }) }
    const ruling = await rulingOn(context, tables, { mapping, state, verdict, sides })
    decided.push({ ...verdict, ...ruling, sides })
  }
  return decided
}

interface Ruling {
  ending: Ending
  rule: string | undefined
}

/** What becomes of one field. Nothing is written. */
export async function rulingOn(
  context: BridgeContext,
  tables: BridgeTables,
  one: { mapping: Mapping; state: RecordState; verdict: Verdict; sides: Sides },
): Promise<Ruling> {
  const { verdict } = one
  const { field, kind, isOwed } = verdict
  if (kind === 'same' || kind === 'alone')
    return { ending: { winner: kind === 'same' ? 'same' : 'theirs' }, rule: undefined }
  const right = await byAuthority(context, tables, one.state.key, verdict)
  if (kind === 'conflict' && field.direction === 'in' && !right)
    return { ending: { winner: 'theirs' }, rule: 'that-side' }
  if (right && (kind === 'conflict' || right === 'ours'))
    return { ending: { winner: right }, rule: 'authority' }
  if (kind === 'theirs')
    // Nobody changed it here, but the engine's order does not know that when it was changed and changed back.
    return { ending: { winner: field.rule === 'merge' && !isOwed ? 'both' : 'theirs' }, rule: undefined }
  return { ending: byRule(one), rule: nameOf(field.rule) }
}

function byRule({
  mapping,
  state,
  verdict,
  sides,
}: {
  mapping: Mapping
  state: RecordState
  verdict: Verdict
  sides: Sides
}): Resolution {
  const { field, agreed, ours, theirs, isOwed } = verdict
  const here = without(state.value ?? {}, mapping.withheld)
  const ending = resolve(field.rule, {
    record: state.key,
    field: field.name,
    agreed,
    ours,
    theirs,
    here,
    ...sides,
  })
  if (ending.winner === 'both' && isOwed) return { winner: 'theirs' }
  const against = ending.winner === 'made' && misfit(mapping, here, field, ending.value)
  return against ? { winner: 'review', reason: `what the rule made does not fit: ${against}` } : ending
}

/** Who last touched the field here, or the record where none is named, and when: never later than now, nor than a call that told it already, so that a device whose clock is ahead does not always win. */
export function newestHere(
  { host }: BridgeContext,
  history: readonly HistoryItem[],
  { field, tried }: { field?: Field | undefined; tried?: Tried | undefined } = {},
): Pick<Sides, 'oursAt' | 'oursBy'> {
  const now = host.now()
  const latest = ({ actor, seq }: HistoryItem) =>
    tried && seq <= (tried.seqs[actor] ?? 0) ? Math.min(now, tried.at) : now
  const newest = history
    .filter(
      ({ time, fields }) => time > 0 && (field === undefined || fields.some((path) => concerns(field, path))),
    )
    .map((item) => ({ ...item, time: Math.min(latest(item), item.time) }))
    .reduce<HistoryItem | undefined>((last, item) => (last && last.time > item.time ? last : item), undefined)
  return newest ? { oursAt: newest.time, ...(newest.author && { oursBy: newest.author }) } : {}
}

/** When the change that touched this place last was made here; undefined when nothing touched it, or a row did. */
export function lastChangedAt(
  { host }: BridgeContext,
  history: readonly HistoryItem[],
  steps: readonly string[],
): number | undefined {
  const last = history.findLast(({ fields }) => fields.some((path) => isSameOrInside(steps, path)))
  return last && last.time > 0 ? Math.min(host.now(), last.time) : undefined
}

/** What is taken in from the row, so that the log tells what it said; the rest stays as it is here (B-32, B-100). */
export function isTaken({ ending: { winner } }: Decided): boolean {
  return winner !== 'ours' && winner !== 'review'
}

/** Ours to write, whatever else happens: the row has something else, and no change here says so. */
export function isOwedBy({ ending: { winner } }: Decided): boolean {
  return winner === 'ours'
}

/** What the record's field is to be; undefined where the merge's word stands. */
function decidedValue({ ending, ours, theirs }: Decided): { value: Json | undefined } | undefined {
  if (ending.winner === 'made') return { value: ending.value }
  if (ending.winner === 'theirs') return { value: theirs }
  return ending.winner === 'same' ? { value: ours } : undefined
}

/** Puts the decisions on top of the merge, where it shows something else. */
export async function enact(
  context: BridgeContext,
  tables: BridgeTables,
  state: RecordState,
  { row, decided }: { row: ExternalRow; decided: readonly Decided[] },
): Promise<RecordState> {
  if (!state.value) return state
  let value = state.value
  const set: { field: Field; value: Json | undefined }[] = []
  for (const one of decided) {
    const wanted = decidedValue(one)
    if (!wanted) continue
    set.push({ field: one.field, ...wanted })
    value = withField(value, one.field, wanted.value)
  }
  if (equalJson(value, state.value)) return state
  const version = versionNaming(row.version, set)
  return importAtHeads(context, tables, { record: state.key, value, row: { ...row, version } })
}

/** Something that one side said did not come to be. */
export function isLoss({ kind, ending }: Decided): boolean {
  return kind === 'conflict' || (kind === 'theirs' && ending.winner === 'ours')
}

/** A receipt for what lost on either side, with both values. @returns whether an edit made here lost */
export async function tellLosers(
  context: BridgeContext,
  tables: BridgeTables,
  state: RecordState,
  decided: readonly Decided[],
  reason?: string,
): Promise<boolean> {
  const lost = decided.filter(isLoss)
  const overruledBoth = ({ ending }: Decided) => ending.winner === 'made' && !ending.keeps
  const theirs = lost.filter((one) => one.ending.winner === 'ours' || overruledBoth(one))
  const ours = lost.filter((one) => one.ending.winner === 'theirs' || overruledBoth(one))
  const tell = (which: readonly Decided[], was: 'ours' | 'theirs', seqs: Record<string, number>) =>
    tellOverruled(context, tables, state.key, {
      values: valuesOf(which, was),
      rules: which.flatMap(({ rule }) => rule ?? []),
      seqs,
      ...(reason !== undefined && { reason }),
    })
  await tell(theirs, 'theirs', {})
  await tell(ours, 'ours', runSeqs(state))
  return ours.length > 0
}

function valuesOf(decided: readonly Decided[], was: 'ours' | 'theirs'): Overruled {
  return Object.fromEntries(
    decided.flatMap((one) => {
      const became = one.ending.winner === 'made' ? one.ending.value : one[was === 'ours' ? 'theirs' : 'ours']
      return overruledIn(one.field, one[was], became)
    }),
  )
}

/** Whether edits made here, of which the system was not told yet, touched more than these fields: they need an answer of their own (B-108). */
export function editedMore(
  history: readonly HistoryItem[],
  told: Readonly<Record<string, number>>,
  decided: readonly Decided[],
): boolean {
  const hasLost = (path: readonly string[]) => decided.some(({ field }) => concerns(field, path))
  return history.some(
    ({ actor, seq, fields }) =>
      isBeyond(runSeqs({ seqs: { [actor]: seq } }), told) &&
      fields.some((path) => path.length > 0 && !hasLost(path)),
  )
}
