/**
 * Tombstones. The authority decides when the content of a deleted record goes, and says so by an entry that reaches everyone who has the record:
 *
 *   deleted ──deletedKeptMs──► tombstone of incarnation n ──► create: incarnation n + 1
 *
 * An absent device that comes back cannot bring the content back: its entries are of an incarnation that has gone. It sets its own aside, and its copy goes when it hears of the tombstone.
 */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { EntryError, encodeEntry } from '../log/entry.ts'
import { decodeTombstone, encodeTombstone } from '../log/tombstone.ts'
import type { AdmitContext } from './admit.ts'
import { answeredIn } from './answers.ts'
import { withdraw } from './aside.ts'
import { bury, RECORD_GONE } from './bury.ts'
import { settleEntered } from './entered.ts'
import { type Judged, Refused } from './judge.ts'
import { collectionOf, type OpenRecord } from './open-record.ts'
import type { ReplicaCore } from './replica-core.ts'
import type { Turn } from './turn.ts'
import { setUntoldAside } from './untold-edits.ts'

/** Deleted records by when their content goes: 15 digits of milliseconds, then the record; the value says when the deletion was heard of. */
const DUE_TABLE = 'deleted-due'
/** By record: its key in the table above. */
export const DELETED_TABLE = 'deleted'
/** The largest time that 15 digits hold: the year 33,658. */
const DUE_MS_MAX = 999_999_999_999_999
const DUE_ROWS_MAX = 256

/** On a hub, of a record that changed: remembers when it was deleted, or forgets it. */
export async function noteDeletion(turn: Turn, core: ReplicaCore, key: string): Promise<void> {
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

/** On a hub: the content of records goes whose time has come, at most `recordsMax`. Returns how many. */
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

/** Returns the record when its content went. @throws Refused */
export async function admitTombstone(
  turn: Turn,
  core: ReplicaCore,
  { entry, author, bytes }: Judged,
  context: Pick<AdmitContext, 'origin' | 'strict'>,
): Promise<OpenRecord | undefined> {
  if (author && author.role !== 'authority')
    throw new Refused('not-authority', `${author.subject} may not say that ${entry.record} has gone`)
  checkBody(entry.body)
  const known = await turn.open(entry.record)
  if (!known.collection && context.strict)
    throw new Refused('unknown-collection', `there is no collection '${collectionOf(known.key)}' here`)
  if (entry.incarnation < known.frontier.incarnation) return undefined
  if (!core.authority) await setUnansweredAside(turn, core, known)
  const gone = await bury(turn, await turn.open(entry.record), entry.incarnation)
  turn.append({ kind: 'tombstone', record: entry.record, bytes, origin: context.origin })
  if (!author) await settleEntered(turn, entry.record)
  return gone
}

/** @throws Refused */
function checkBody(body: Uint8Array): void {
  try {
    decodeTombstone(body)
  } catch (cause) {
    if (cause instanceof EntryError) throw new Refused(cause.code, cause.message, { cause })
    throw cause
  }
}

/** Own edits that the hub has not answered would be refused by it: they are set aside at once. */
async function setUnansweredAside(turn: Turn, core: ReplicaCore, record: OpenRecord): Promise<void> {
  const { key } = record
  if (record.isDamaged) return setUntoldAside(turn, core, record)
  const answered = await answeredIn(turn)
  const own = (await turn.entriesOf(key)).filter(
    ({ kind, origin, seq }) => kind === 'changes' && !origin && seq > answered,
  )
  if (own.length === 0) return
  core.renewActor(turn)
  const reason = `${key} was deleted, and its content has gone`
  const refusals = own.map(({ seq }) => ({ seq, code: RECORD_GONE, reason, record: key }))
  await withdraw(turn, core.host, key, refusals, true)
  core.events({
    level: 'warn',
    code: 'set-aside',
    message: `edits of ${key} were set aside: ${reason}`,
    fields: { reason: RECORD_GONE },
  })
}
