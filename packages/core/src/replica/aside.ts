/**
 * Edits that the hub would not take. They leave the record and its log (nobody else has them), and are kept beside it with the hub's words, so that the app can
 * show them, write them again later, or drop them.
 */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { countAgain } from '../digest/digest-tables.ts'
import type { Host } from '../host.ts'
import type { Collection } from '../records/collection.ts'
import { diffViews, type Edit } from '../records/edits.ts'
import type { JsonObject } from '../records/shape.ts'
import { DELETED_KEY, type View } from '../records/view.ts'
import type { Refusal } from '../session/port.ts'
import type { Seq } from '../store/port.ts'
import { frontierFrom } from './frontier-from.ts'
import type { OpenRecord } from './open-record.ts'
import type { Turn } from './turn.ts'

export const ASIDE_TABLE = 'aside'

export interface AsideEdit {
  /** Names it for `reapply` and `drop`. */
  key: string
  record: string
  code: string
  reason: string
  /** What the edits did, against the record as it is without them. */
  edits: Edit[]
  /** Wall clock here, milliseconds since 1970. */
  at: number
}

/**
 * Takes the refused entries out of the log, and own edits of the record that came after them and so build on them. Own edits are kept aside, as what is returned; entries of others
 * leave for good, since the hub's word on who may write is final.
 */
export async function withdraw(
  turn: Turn,
  host: Host,
  key: string,
  refusals: readonly Refusal[],
  /** Something else is to be made of the record in this turn: it is not forgotten when nothing is left of it. */
  keeps = false,
): Promise<AsideEdit | undefined> {
  const record = await turn.open(key)
  // What they did cannot be told without loading it.
  if (record.isQuarantined) return undefined
  const entries = await turn.entriesOf(key)
  const first = refusals.reduce((a, b) => (a.seq < b.seq ? a : b))
  const refused = new Set(refusals.map((refusal) => refusal.seq))
  const gone = entries.filter(
    (entry) =>
      entry.kind === 'changes' && (refused.has(entry.seq) || (!entry.origin && entry.seq >= first.seq)),
  )
  if (gone.length === 0) return undefined
  const before = { value: record.stored ?? {}, deleted: !record.isNew && record.view.deleted }
  for (const entry of gone) turn.remove(entry.seq)
  await countAgain(turn, key)
  const kept = entries.filter((entry) => !gone.includes(entry))
  const restored = await turn.restore(record, frontierFrom(record.frontier, kept, host), true)
  restored.changed()
  const own = gone.find((entry) => !entry.origin)
  const aside =
    own && asideEdit(restored, before, refusals.find((refusal) => refusal.seq === own.seq) ?? first, host)
  if (aside) turn.put(ASIDE_TABLE, aside.key, encodeUtf8(JSON.stringify(aside)))
  if (kept.length === 0 && !keeps) turn.forget(restored)
  return aside
}

/** Sequence, in this log, of the edit that was set aside. */
export function asideSeq(edit: AsideEdit): Seq {
  return Number(edit.key.slice(edit.key.lastIndexOf('\n') + 1))
}

function asideEdit(restored: OpenRecord, before: View, refusal: Refusal, host: Host): AsideEdit {
  const { key, collection, stored } = restored
  return asideOf(key, collection ? editsBetween(collection, stored, before) : [], refusal, host)
}

export function asideOf(
  record: string,
  edits: Edit[],
  { seq, code, reason }: Refusal,
  host: Host,
): AsideEdit {
  return { key: `${record}\n${String(seq).padStart(15, '0')}`, record, code, reason, edits, at: host.now() }
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
