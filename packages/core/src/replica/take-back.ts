/**
 * What a revoked device wrote, carried to the hub by another one (or what the hub answered before it could weigh it, and does not allow). It is let in, since somebody honest may have built on it, and who did may come with it, in a later frame, or next week. Its effect is taken back at once, in the
 * same commit, by an ordinary mend (rule `revoked`, or the code of the refusal). A change on top that did not know of the mend and touched the same field is concurrent with it: then the mend gives way, whichever of
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
import { rebaseField } from '../records/rebase.ts'
import { isObject, type Json, type JsonObject, type Shape } from '../records/shape.ts'
import { DELETED_KEY, type View, viewOf } from '../records/view.ts'
import { type Author, EditRefused, writeRecord } from './author.ts'
import { giveReceipt } from './give-receipt.ts'
import { fieldsMended } from './mend.ts'
import type { OpenRecord } from './open-record.ts'
import { changesOf, type Turn } from './turn.ts'
import { RuleFailed, type Suspect, type TakenBack } from './violation.ts'
import { writtenByOthers } from './written-by-others.ts'

/** Of what a revoked device wrote: its name among the rules. */
export const REVOKED_RULE = 'revoked'
/** By record: JSON of what was taken back of it. */
const TAKEN_TABLE = 'taken-back'
/** A deletion is taken back first, then what else was changed. */
const WRITES_MAX = 2
/** Mends of one record remembered, and values of one field: a device that was revoked, carried in as many deliveries. Beyond it the older ones stand as any mend does. */
const REMEMBERED_MAX = 64

interface TakenField {
  /** What the revoked device had written (null: nothing). */
  was: Json[]
  /** What the field went back to. */
  became: Json
  /** Where several write into it: what others had written, when that was written again last. */
  given?: Json
}

interface Taken {
  /** The hub's changes that took back, by actor (hex) and sequence. */
  mends: { actor: string; seq: number }[]
  /** The revoked device's changes: `seq` is the last, `since` the one before the first. */
  edits: { actor: string; since: number; seq: number }[]
  /** By JSON pointer, as stored. */
  fields: Record<string, TakenField>
  /** The record went, since nobody else had edited it. */
  deleted: boolean
}

/** Returns whether there was anything to take back. @throws RuleFailed when it cannot be written; nothing of it is then */
export async function takeBack(
  turn: Turn,
  hub: Author,
  { record: { key }, before, seqs, since }: Suspect,
  { rule, reason }: TakenBack,
): Promise<boolean> {
  const { stored: shown, content: was } = await turn.open(key)
  const mends: Taken['mends'] = []
  for (let writes = 0; writes < WRITES_MAX; writes++) {
    const record = await turn.open(key)
    if (!(await write(turn, hub, record, () => editsBack(record, before)))) break
    mends.push(newestOf(await turn.open(key), hub))
  }
  const edits = Object.entries(seqs).map(([actor, seq]) => ({ actor, since: since[actor] ?? 0, seq }))
  const known = await readTaken(turn, key)
  if (mends.length === 0) {
    // Nothing of it shows, because of what was taken back before: others may show it again.
    if (known) putTaken(turn, key, withMore(known, { mends, edits, values: {}, deleted: known.deleted }))
    return false
  }
  const record = await turn.open(key)
  const became = record.stored ?? {}
  // Where a deletion is taken back all fields come back; the mend writes those alone that it hid as something else.
  const back = fieldsMended(record, shown ?? {}, became)
  const written = shown ? back : fieldsMended(record, was ?? {}, became)
  await giveReceipt(turn, hub, record, {
    record: key,
    place: 'hub',
    outcome: 'mended',
    seqs,
    reason,
    rule,
    fields: [...new Set([...back.fields, ...written.fields])],
    values: { ...back.values, ...written.values },
    at: hub.host.now(),
  })
  putTaken(turn, key, withMore(known, { mends, edits, values: written.values, deleted: !record.visible }))
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
  const unmended = await changesWithout(turn, hub.host, key, isMend)
  const without = viewAfter(hub, record, unmended)
  // Where the revoked device's value won over one that was written beside it.
  const beside = viewAfter(hub, record, leftAfter(unmended, isTaken))
  const ofOthers = writtenByOthers(hub.identity.actor, record.collection.versions.stored, {
    changes: withoutEmptied(unmended),
    isTaken,
    pointers: Object.entries(taken.fields).flatMap(([pointer, { became }]) =>
      isBuiltOn(record, pointer, became) ? [pointer] : [],
    ),
  })
  const isBack =
    taken.deleted &&
    record.view.deleted &&
    !without.deleted &&
    (await write(turn, hub, record, () => [{ op: 'put', path: [DELETED_KEY], value: false }]))
  const now = await turn.open(key)
  const { edits, fields } = givenAgain(now, { views: [without, beside], ofOthers, taken })
  const given = await write(turn, hub, now, edits)
  if (!isBack && !given) return false
  putTaken(turn, key, { ...taken, fields: given ? fields : taken.fields, deleted: taken.deleted && !isBack })
  return true
}

/** Others may have written into it, and it went with what had made it: what they wrote is no value of its own. A counter's never is. */
function isBuiltOn({ collection }: OpenRecord, pointer: string, became: Json): boolean {
  const kind = shapeAt(collection!.versions.stored, pathOf(pointer))?.kind
  if (kind === 'counter') return true
  return became === null && kind !== undefined && kind !== 'scalar' && kind !== 'map'
}

function editsBack(record: OpenRecord, before: JsonObject | undefined): Edit[] {
  const { visible } = record
  if (!before) return visible ? [{ op: 'put', path: [DELETED_KEY], value: true }] : []
  if (!visible) return [{ op: 'put', path: [DELETED_KEY], value: false }]
  return record.editsTo(before, 'leave')
}

interface Others {
  /** What the record would say without the mends, and without what was taken back too. */
  views: readonly View[]
  /** By pointer of what others build on. */
  ofOthers: ReadonlyMap<string, Json | undefined>
  taken: Taken
}

/** Where a mend's own value shows, and without it neither that nor what was taken back would: somebody else wrote there. Of what others build on, what they wrote since that was written again last. */
function givenAgain(
  { collection, stored }: OpenRecord,
  { views, ofOthers, taken }: Others,
): { edits: () => Edit[]; fields: Taken['fields'] } {
  const fields = { ...taken.fields }
  if (!collection || !stored) return { edits: () => [], fields }
  const shape = collection.versions.stored
  let wanted = stored
  for (const [pointer, field] of Object.entries(taken.fields)) {
    const path = pathOf(pointer)
    const shown = valueAt(shape, stored, path) ?? null
    if (ofOthers.has(pointer)) {
      const written = ofOthers.get(pointer)
      const value = builtOn(shapeAt(shape, path), field, written, shown)
      if (written === undefined || value === undefined) continue
      wanted = putBack(shape, views[0]!.value, wanted, [path])
      setAt(valueAt(shape, wanted, path.slice(0, -1)), path.at(-1)!, value)
      fields[pointer] = { ...field, given: written }
      continue
    }
    const { was, became } = field
    if (!equalJson(shown, became)) continue
    const others = views.find(({ value }) => {
      const would = valueAt(shape, value, path) ?? null
      return ![became, ...was].some((one) => equalJson(one, would))
    })
    if (!others) continue
    wanted = putBack(shape, others.value, wanted, [path])
  }
  return { edits: () => diffViews(shape, stored, wanted, 'leave'), fields }
}

/** What shows, with what others wrote and was not written again yet; undefined where there is nothing more, or somebody took it away since. */
function builtOn(
  shape: Shape | undefined,
  { became, given }: TakenField,
  written: Json | undefined,
  shown: Json,
): Json | undefined {
  const isOthers = given === undefined ? !equalJson(shown, became) : shown === null
  if (isOthers) return undefined
  const value = rebaseField(shape, given ?? became ?? undefined, written, shown ?? undefined)
  return value === undefined || equalJson(value, shown) ? undefined : value
}

function setAt(at: Json | undefined, name: string, value: Json): void {
  if (isObject(at)) at[name] = value
}

/** The record's changes, oldest first, but for these and what was written in the knowledge of them. */
async function changesWithout(
  turn: Turn,
  host: Author['host'],
  key: string,
  isLeftOut: (change: ParsedChange) => boolean,
): Promise<ParsedChange[]> {
  const entries = await turn.entriesOf(key)
  const changes = entries
    .flatMap((entry) => changesOf(entry, host))
    .map((bytes) => parseChange(bytes, host, defaultChangeLimits))
  return leftAfter(changes, isLeftOut)
}

function leftAfter(
  changes: readonly ParsedChange[],
  isLeftOut: (change: ParsedChange) => boolean,
): ParsedChange[] {
  const left = new Set<string>()
  return changes.filter((change) => {
    if (!isLeftOut(change) && !change.deps.some((dep) => left.has(dep))) return true
    left.add(change.hashHex)
    return false
  })
}

/** What the record would say of these changes alone. */
function viewAfter({ identity }: Author, { collection }: OpenRecord, changes: readonly ParsedChange[]): View {
  const document = new Document(identity.actor)
  try {
    document.apply(withoutEmptied(changes).map(({ bytes }) => bytes))
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
  for (const [pointer, { was, became }] of Object.entries(values)) {
    const known = fields[pointer]
    fields[pointer] = { ...known, was: [...(known?.was ?? []), was].slice(-REMEMBERED_MAX), became }
  }
  const mends = [...(known?.mends ?? []), ...more.mends].slice(-REMEMBERED_MAX)
  const edits = [...(known?.edits ?? []), ...more.edits].slice(-REMEMBERED_MAX)
  return { mends, edits, fields, deleted: more.deleted }
}

function putTaken(turn: Turn, key: string, taken: Taken): void {
  turn.put(TAKEN_TABLE, key, encodeUtf8(JSON.stringify(taken)))
}

async function readTaken(turn: Turn, key: string): Promise<Taken | undefined> {
  const value = await turn.get(TAKEN_TABLE, key)
  return value && (JSON.parse(decodeUtf8(value) ?? '') as Taken)
}
