/**
 * Edits that the hub would not take. They leave the record and its log (nobody else has them), and are kept beside it with the hub's words, so that the app can
 * show them, write them again later, or drop them.
 */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { countAgain } from '../digest/digest-tables.ts'
import type { Host } from '../host.ts'
import type { Collection } from '../records/collection.ts'
import { diffViews, type Edit } from '../records/edits.ts'
import { rebase } from '../records/rebase.ts'
import type { JsonObject } from '../records/shape.ts'
import { DELETED_KEY, type View } from '../records/view.ts'
import type { Refusal } from '../session/port.ts'
import type { LoggedEntry, Seq } from '../store/port.ts'
import { frontierFrom } from './frontier-from.ts'
import { DEPENDS_ON_REFUSED } from './judge.ts'
import type { OpenRecord } from './open-record.ts'
import type { Turn } from './turn.ts'

export const ASIDE_TABLE = 'aside'

export interface AsideEdit {
  /** Names it for `reapply` and `drop`. */
  key: string
  record: string
  code: string
  reason: string
  /** Subject that made them, which need not have the device any more. Absent where that is not known, as in rows of earlier versions. */
  author?: string
  /** What the edits did, against the record as it is without them, and without later ones of other subjects. */
  edits: Edit[]
  /** Wall clock here, milliseconds since 1970. */
  at: number
}

/** Who signed what. */
interface Signed {
  host: Host
  /** Subject; undefined where it is not known. */
  subjectOf(entry: LoggedEntry): Promise<string | undefined>
}

/**
 * Takes the refused entries out of the log, and own edits of the record that came after them and so build on them. Own edits are kept aside, those of each subject apart, as what is returned; entries of others
 * leave for good, since the hub's word on who may write is final.
 */
export async function withdraw(
  turn: Turn,
  core: Signed,
  key: string,
  refusals: readonly Refusal[],
  /** Something else is to be made of the record in this turn: it is not forgotten when nothing is left of it. */
  keeps = false,
): Promise<AsideEdit[]> {
  const { host } = core
  const record = await turn.open(key)
  const entries = await turn.entriesOf(key)
  const first = refusals.reduce((a, b) => (a.seq < b.seq ? a : b))
  const refused = new Map(refusals.map((refusal) => [refusal.seq, refusal]))
  if (record.isQuarantined) {
    // Of a damaged record they are told again, and refused again. Of another one, what they did cannot be told without loading it: that they were refused, can.
    const own = !record.isDamaged && entries.find((entry) => !entry.origin && refused.has(entry.seq))
    if (!own) return []
    const noted = asideOf(key, [], refused.get(own.seq)!, { host, author: await core.subjectOf(own) })
    putAside(turn, noted)
    return [noted]
  }
  const gone = entries.filter(
    (entry) =>
      entry.kind === 'changes' && (refused.has(entry.seq) || (!entry.origin && entry.seq >= first.seq)),
  )
  if (gone.length === 0) return []
  await countAgain(turn, key)
  const groups = await bySubject(core, gone)
  const became: View[] = [contentOf(record)]
  let kept = entries
  let restored = record
  // The newest first: what is left each time is what they were made on.
  for (const { made } of groups.toReversed()) {
    for (const { seq } of made) turn.remove(seq)
    kept = kept.filter((entry) => !made.includes(entry))
    restored = await turn.restore(restored, frontierFrom(record.frontier, kept, host), true)
    restored.changed()
    became.unshift(contentOf(restored))
  }
  const asides = groups.flatMap(({ author, own }, i) => {
    if (!own) return []
    const isFirst = i === 0
    const refusal = refused.get(own.seq) ?? (isFirst ? first : builtOn(first, own.seq, key))
    const edits = editsOf(restored, became[i]!, became[i + 1]!, isFirst)
    return [asideOf(key, edits, refusal, { host, author })]
  })
  for (const aside of asides) putAside(turn, aside)
  if (kept.length === 0 && !keeps) turn.forget(restored)
  return asides
}

/** As the document keeps it. */
function contentOf(record: OpenRecord): View {
  return { value: record.stored ?? {}, deleted: !record.isNew && record.view.deleted }
}

/** What made `after` of `before`, brought over to what the record is without any of it: to `before`, for the first. */
function editsOf({ collection, stored }: OpenRecord, before: View, after: View, isFirst: boolean): Edit[] {
  if (!collection) return []
  const { stored: shape } = collection.versions
  const value = isFirst ? after.value : rebase(shape, before.value, after.value, stored ?? {})
  return editsBetween(collection, stored, { ...after, value })
}

interface Made {
  author: string | undefined
  /** The first of them that is of this device. */
  own: LoggedEntry | undefined
  made: LoggedEntry[]
}

/** In the order in which they had the device; what is of others goes with the first. */
async function bySubject(core: Signed, entries: readonly LoggedEntry[]): Promise<Made[]> {
  const groups: Made[] = []
  for (const entry of entries.filter(({ origin }) => !origin)) {
    const author = await core.subjectOf(entry)
    const last = groups.at(-1)
    if (last && last.author === author) last.made.push(entry)
    else groups.push({ author, own: entry, made: [entry] })
  }
  const others = entries.filter(({ origin }) => origin)
  if (groups[0]) groups[0].made.push(...others)
  else groups.push({ author: undefined, own: undefined, made: others })
  return groups
}

export function putAside(turn: Turn, aside: AsideEdit): void {
  turn.put(ASIDE_TABLE, aside.key, encodeUtf8(JSON.stringify(aside)))
}

/** Sequence, in this log, of the edit that was set aside. */
export function asideSeq(edit: AsideEdit): Seq {
  return Number(edit.key.slice(edit.key.lastIndexOf('\n') + 1))
}

/** What was not refused itself, but was made on what a former subject wrote. */
function builtOn({ reason }: Refusal, seq: Seq, key: string): Refusal {
  return {
    seq,
    code: DEPENDS_ON_REFUSED,
    reason: `it builds on an edit of ${key} that was refused: ${reason}`,
  }
}

/** Whose edits are set aside, and when. */
interface Setting {
  host: Host
  author: string | undefined
}

export function asideOf(
  record: string,
  edits: Edit[],
  { seq, code, reason }: Refusal,
  { host, author }: Setting,
): AsideEdit {
  const key = `${record}\n${String(seq).padStart(15, '0')}`
  return { key, record, code, reason, ...(author !== undefined && { author }), edits, at: host.now() }
}

/**
 * What makes `withThem` of a record that is `without` the edits, undefined when there is none. Of what the document keeps, so that the edits say the same to a later version of
 * the app.
 */
export function editsBetween(
  { versions }: Collection,
  without: JsonObject | undefined,
  withThem: View,
): Edit[] {
  if (withThem.deleted && without) return [{ op: 'put', path: [DELETED_KEY], value: true }]
  return diffViews(versions.stored, without ?? {}, withThem.value, 'leave')
}

export function decodeAside(value: Uint8Array): AsideEdit {
  return JSON.parse(decodeUtf8(value) ?? '') as AsideEdit
}
