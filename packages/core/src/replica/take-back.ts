/**
 * What a revoked device wrote, carried to the hub by another one. It is let in, since somebody honest may have built on it, and who did may come with it, in a later frame, or next week. Its effect is taken back at once, in the
 * same commit, by an ordinary mend (rule `revoked`). A change on top that did not know of the mend and touched the same field is concurrent with it: then the mend gives way, whichever of
 * the two the engine lets win.
 */

import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { actorKind } from '../change/actors.ts'
import { defaultChangeLimits } from '../change/limits.ts'
import { type ParsedChange, parseChange } from '../change/parse.ts'
import { Document, EngineError } from '../engine/document.ts'
import { putBack, shapeAt, valueAt } from '../records/changed-fields.ts'
import { DraftError, diffViews, type Edit, equalJson } from '../records/edits.ts'
import { pathOf } from '../records/pointer.ts'
import { isObject, type Json, type JsonObject } from '../records/shape.ts'
import { DELETED_KEY, type View, viewOf } from '../records/view.ts'
import { type Author, EditRefused, writeRecord } from './author.ts'
import { giveReceipt } from './give-receipt.ts'
import { fieldsMended } from './mend.ts'
import type { OpenRecord } from './open-record.ts'
import { changesOf, type Turn } from './turn.ts'
import { RuleFailed, type Suspect } from './violation.ts'

/** Name under which this stands among the rules. */
export const REVOKED_RULE = 'revoked'
/** By record: JSON of what was taken back of it. */
const TAKEN_TABLE = 'taken-back'
/** A deletion is taken back first, then what else was changed. */
const WRITES_MAX = 2
/** Mends of one record remembered, and values of one field: a device that was revoked, carried in as many deliveries. Beyond it the older ones stand as any mend does. */
const REMEMBERED_MAX = 64

interface Taken {
  /** The hub's changes that took back, by actor (hex) and sequence. */
  mends: { actor: string; seq: number }[]
  /** The revoked device's changes: `seq` is the last, `since` the one before the first. */
  edits: { actor: string; since: number; seq: number }[]
  /** By JSON pointer, as stored: what the revoked device had written (null: nothing), and what the field went back to. */
  fields: Record<string, { was: Json[]; became: Json }>
  /** The record went, since nobody else had edited it. */
  deleted: boolean
}

/** Returns whether there was anything to take back. @throws RuleFailed when it cannot be written; nothing of it is then */
export async function takeBack(
  turn: Turn,
  hub: Author,
  { record: { key }, before, seqs, since, author }: Suspect,
): Promise<boolean> {
  const was = (await turn.open(key)).stored ?? {}
  const mends: Taken['mends'] = []
  for (let writes = 0; writes < WRITES_MAX; writes++) {
    const record = await turn.open(key)
    if (!(await write(turn, hub, record, () => editsBack(record, before)))) break
    mends.push(newestOf(await turn.open(key), hub))
  }
  if (mends.length === 0) return false
  const record = await turn.open(key)
  const { fields, values = {} } = fieldsMended(record, was, record.stored ?? {})
  const reason = `${author.subject} was revoked before this came here`
  await giveReceipt(turn, hub, record, {
    record: key,
    place: 'hub',
    outcome: 'mended',
    seqs,
    reason,
    rule: REVOKED_RULE,
    fields,
    values,
    at: hub.host.now(),
  })
  const edits = Object.entries(seqs).map(([actor, seq]) => ({ actor, since: since[actor] ?? 0, seq }))
  const taken = withMore(await readTaken(turn, key), { mends, edits, values, deleted: !record.visible })
  turn.put(TAKEN_TABLE, key, encodeUtf8(JSON.stringify(taken)))
  return true
}

/** Somebody else's edit of the record came: where it is on top of what was taken back, it stays. Returns whether a mend gave way. @throws RuleFailed */
export async function giveWay(turn: Turn, hub: Author, key: string): Promise<boolean> {
  const taken = await readTaken(turn, key)
  const record = await turn.open(key)
  if (!taken || record.isNew || !record.collection) return false
  const isMend = ({ actorHex, seq: at }: ParsedChange) =>
    taken.mends.some(({ actor, seq }) => actor === actorHex && seq === at)
  const isTaken = ({ actorHex, seq: at }: ParsedChange) =>
    taken.edits.some(({ actor, since, seq }) => actor === actorHex && at > since && at <= seq)
  const without = await viewWithout(turn, hub, record, isMend)
  // Where the revoked device's value won over one that was written beside it.
  const beside = await viewWithout(turn, hub, record, (change) => isMend(change) || isTaken(change))
  const isBack =
    taken.deleted &&
    record.view.deleted &&
    !without.deleted &&
    (await write(turn, hub, record, () => [{ op: 'put', path: [DELETED_KEY], value: false }]))
  if (isBack) turn.put(TAKEN_TABLE, key, encodeUtf8(JSON.stringify({ ...taken, deleted: false })))
  const now = await turn.open(key)
  const given = await write(turn, hub, now, () => editsGiven(now, [without, beside], taken))
  return isBack || given
}

function editsBack(record: OpenRecord, before: JsonObject | undefined): Edit[] {
  const { visible } = record
  if (!before) return visible ? [{ op: 'put', path: [DELETED_KEY], value: true }] : []
  if (!visible) return [{ op: 'put', path: [DELETED_KEY], value: false }]
  return record.editsTo(before, 'leave')
}

/** Where a mend's own value shows, and without it neither that nor what was taken back would: somebody else wrote there. */
function editsGiven({ collection, stored }: OpenRecord, views: readonly View[], taken: Taken): Edit[] {
  if (!collection || !stored) return []
  const shape = collection.versions.stored
  let wanted = stored
  for (const [pointer, { was, became }] of Object.entries(taken.fields)) {
    const path = pathOf(pointer)
    if (!equalJson(valueAt(shape, stored, path) ?? null, became)) continue
    const others = views.find(({ value }) => {
      const would = valueAt(shape, value, path) ?? null
      return ![became, ...was].some((one) => equalJson(one, would))
    })
    if (!others) continue
    wanted = putBack(shape, others.value, wanted, [path])
    if (shapeAt(shape, path)?.kind === 'counter')
      takeOff(valueAt(shape, wanted, path.slice(0, -1)), path.at(-1)!, was, became)
  }
  return diffViews(shape, stored, wanted, 'leave')
}

/** What others added to a counter that the revoked device had made stands on what that had put there: only their part of it stays. */
function takeOff(at: Json | undefined, name: string, was: readonly Json[], became: Json): void {
  if (!isObject(at)) return
  const taken = was.reduce((sum: number, value) => sum + Number(value) - Number(became), 0)
  at[name] = Number(at[name]) - taken
}

/** What the record would say without these changes and what was written in the knowledge of them. */
async function viewWithout(
  turn: Turn,
  { host, identity }: Author,
  { key, collection }: OpenRecord,
  isLeftOut: (change: ParsedChange) => boolean,
): Promise<View> {
  const entries = await turn.entriesOf(key)
  const changes = entries
    .flatMap((entry) => changesOf(entry, host))
    .map((bytes) => parseChange(bytes, host, defaultChangeLimits))
  const left = new Set<string>()
  const others = changes.filter((change) => {
    if (!isLeftOut(change) && !change.deps.some((dep) => left.has(dep))) return true
    left.add(change.hashHex)
    return false
  })
  const document = new Document(identity.actor)
  try {
    document.apply(withoutEmptied(others).map(({ bytes }) => bytes))
    return viewOf(collection!.versions.stored, document.read())
  } finally {
    document.free()
  }
}

/** A container that was made for what is left out would show as an empty one. */
function withoutEmptied(changes: readonly ParsedChange[]): ParsedChange[] {
  const needed = new Set<string>()
  const kept: ParsedChange[] = []
  for (const change of changes.toReversed()) {
    if (actorKind(change.actorHex) === 'container' && !needed.has(change.hashHex)) continue
    for (const dep of change.deps) needed.add(dep)
    kept.push(change)
  }
  return kept.reverse()
}

/** Returns whether there was anything to write. @throws RuleFailed */
async function write(turn: Turn, hub: Author, record: OpenRecord, edits: () => Edit[]): Promise<boolean> {
  try {
    const made = edits()
    return made.length > 0 && (await writeRecord(turn, hub, record, made)) !== undefined
  } catch (cause) {
    if (cause instanceof EditRefused || cause instanceof EngineError || cause instanceof DraftError)
      throw new RuleFailed(REVOKED_RULE, cause)
    throw cause
  }
}

function newestOf({ frontier }: OpenRecord, { identity: { actor } }: Author): { actor: string; seq: number } {
  return { actor, seq: frontier.seqs.get(actor) ?? 0 }
}

function withMore(
  known: Taken | undefined,
  { values, ...more }: Omit<Taken, 'fields'> & { values: Record<string, { was: Json; became: Json }> },
): Taken {
  const fields = { ...known?.fields }
  for (const [pointer, { was, became }] of Object.entries(values))
    fields[pointer] = { was: [...(fields[pointer]?.was ?? []), was].slice(-REMEMBERED_MAX), became }
  const mends = [...(known?.mends ?? []), ...more.mends].slice(-REMEMBERED_MAX)
  const edits = [...(known?.edits ?? []), ...more.edits].slice(-REMEMBERED_MAX)
  return { mends, edits, fields, deleted: more.deleted }
}

async function readTaken(turn: Turn, key: string): Promise<Taken | undefined> {
  const value = await turn.get(TAKEN_TABLE, key)
  return value && (JSON.parse(decodeUtf8(value) ?? '') as Taken)
}
