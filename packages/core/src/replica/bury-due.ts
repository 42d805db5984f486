/** A hub's part of deleting: it notes when a record was deleted, and says by a tombstone that its content goes once that was long enough ago (SPEC.md, Tombstones). */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { encodeEntry } from '../log/entry.ts'
import { encodeTombstone } from '../log/tombstone.ts'
import { bury } from './bury.ts'
import { collectionOf } from './open-record.ts'
import type { ReplicaCore } from './replica-core.ts'
import type { Turn } from './turn.ts'

/** Deleted records by when their content goes: 15 digits of milliseconds, then the record; the value says when the deletion was heard of. */
const DUE_TABLE = 'deleted-due'
/** By record: its key in the table above. */
const DELETED_TABLE = 'deleted'
/** The largest time that 15 digits hold: the year 33,658. */
const DUE_MS_MAX = 999_999_999_999_999
const DUE_ROWS_MAX = 256

/** Of records that changed: remembers when they were deleted, or forgets it. */
export async function noteDeletions(
  turn: Turn,
  core: ReplicaCore,
  records: readonly string[],
): Promise<void> {
  const keys = [...new Set(records)].filter((key) => core.collections.has(collectionOf(key)))
  const rows = await core.store.rows(keys)
  for (const [i, key] of keys.entries()) {
    const isShown = rows[i]?.view !== undefined
    if (!isShown || (await turn.get(DELETED_TABLE, key))) await noteDeletion(turn, core, key)
  }
}

async function noteDeletion(turn: Turn, core: ReplicaCore, key: string): Promise<void> {
  const noted = await turn.get(DELETED_TABLE, key)
  const record = await turn.open(key)
  if (record.isQuarantined) return
  const isDeleted = !record.isNew && record.view.deleted
  if (isDeleted === (noted !== undefined)) return
  if (noted) forget(turn, key, decodeUtf8(noted) ?? '')
  const keptMs = core.collections.get(collectionOf(key))?.deletedKeptMs ?? Number.POSITIVE_INFINITY
  if (!isDeleted || keptMs === Number.POSITIVE_INFINITY) return
  // A hub whose clock was behind must not take a deletion for old; one whose clock is ahead only keeps it longer.
  const written = Math.max(0, ...record.document.history().map(({ time }) => time * 1000))
  const at = Math.max(core.host.now(), Math.min(written, DUE_MS_MAX))
  const due = `${String(Math.min(Math.ceil(at + keptMs), DUE_MS_MAX)).padStart(15, '0')}\n${key}`
  turn.put(DUE_TABLE, due, encodeUtf8(String(at)))
  turn.put(DELETED_TABLE, key, encodeUtf8(due))
}

/** The content of records goes whose time has come, at most `recordsMax`. Returns how many. */
export async function buryDue(core: ReplicaCore, recordsMax: number): Promise<number> {
  const rows = await core.store.scan(DUE_TABLE, { limit: Math.min(recordsMax, DUE_ROWS_MAX) })
  let buried = 0
  for (const { key: due, value } of rows) {
    const end = due.indexOf('\n')
    if (Number(due.slice(0, end)) > core.host.now()) break
    const key = due.slice(end + 1)
    const deletedAt = Number(decodeUtf8(value))
    buried += await core.writer.run((turn) => buryOne(turn, core, { key, due, deletedAt }))
  }
  return buried
}

async function buryOne(
  turn: Turn,
  core: ReplicaCore,
  { key, due, deletedAt }: { key: string; due: string; deletedAt: number },
): Promise<number> {
  forget(turn, key, due)
  const record = await turn.open(key)
  if (record.isNew || !record.view.deleted) return 0
  const { incarnation } = record.frontier
  const bytes = await tombstoneEntry(core, key, incarnation, deletedAt)
  await bury(turn, record, incarnation)
  turn.append({ kind: 'tombstone', record: key, bytes })
  return 1
}

/** Says, signed by this replica, that this incarnation of the record has gone. */
export async function tombstoneEntry(
  { identity }: Pick<ReplicaCore, 'identity'>,
  record: string,
  incarnation: number,
  deletedAt: number,
): Promise<Uint8Array> {
  const body = encodeTombstone({ deletedAt })
  const signature = await identity.signBody('tombstone', { record, incarnation }, body)
  return encodeEntry({ kind: 'tombstone', record, incarnation, signature, body })
}

function forget(turn: Turn, key: string, due: string): void {
  turn.put(DUE_TABLE, due, undefined)
  turn.put(DELETED_TABLE, key, undefined)
}
