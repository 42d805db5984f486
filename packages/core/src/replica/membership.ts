/**
 * When an edge gives a record up: none of the channels it may read holds the record any more, and its own edits of it were answered.
 *
 * Who holds what is told by the hub: ENTER and LEAVE marks, and the answer `elsewhere` to an edit of a record that the edge may not read. A record that is to go, but has
 * edits without an answer, waits in a table. When the answer comes in the session in which the leaving was told, the record goes. When it comes in a later session, it says itself
 * whether the record is elsewhere: if not, the record has entered a channel again and stays.
 */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { countAgain } from '../digest/digest-tables.ts'
import { grants } from '../identity/credential.ts'
import { decodeFrontier } from '../log/frontier.ts'
import type { RecordRow } from '../store/port.ts'
import { answeredIn } from './answers.ts'
import { decidedCredential } from './credentials.ts'
import { forgetChannel } from './cursors.ts'
import { forgetEntered } from './entered.ts'
import type { OpenRecord } from './open-record.ts'
import { forgetReceipts } from './receipts.ts'
import type { ReplicaCore } from './replica-core.ts'
import type { Turn } from './turn.ts'
import { setUntoldAside } from './untold-edits.ts'

/** Records to give up as soon as the hub has answered the edits made here, with the newest such edit's sequence. */
const LEAVING_TABLE = 'leaving'
const PAGE_ROWS = 500

/** Removes the record now, or remembers to do so once its own edits are answered. */
export async function giveUp(turn: Turn, core: ReplicaCore, key: string): Promise<void> {
  const record = await turn.open(key)
  const { ownSeq } = record.frontier
  if (ownSeq > (await answeredIn(turn))) {
    turn.put(LEAVING_TABLE, key, encodeUtf8(String(ownSeq)))
    core.leavingNow.add(key)
    // The answer may come with the opening of a session, and what that session was told this log has must be true afterwards.
    await lackUpToNewest(turn, core, key)
    return
  }
  turn.put(LEAVING_TABLE, key, undefined)
  await forgetRecord(turn, core, record)
}

/**
 * The hub has answered: `elsewhere` are records that it keeps where this replica may not read, `refused` those of which edits were set aside.
 */
export async function giveUpAnswered(
  turn: Turn,
  core: ReplicaCore,
  elsewhere: readonly string[],
  refused: Iterable<string>,
): Promise<void> {
  for (const key of elsewhere) {
    const record = await turn.open(key)
    if (record.isNew && !record.isGone) continue
    // Whatever a hub said before it was set back to an older copy, none of these channels holds it now.
    record.frontier.held = []
    turn.touch(record)
    await giveUp(turn, core, key)
  }
  const answered = await answeredIn(turn)
  for (const key of refused) {
    if (!(await turn.get(LEAVING_TABLE, key))) continue
    turn.put(LEAVING_TABLE, key, undefined)
    const record = await turn.open(key)
    // The hub judges in order: what was written before the refused edit has been answered.
    if (!record.isNew && record.frontier.held.length === 0) await forgetRecord(turn, core, record)
  }
  for (const { key, value } of await turn.scan(LEAVING_TABLE, { limit: 10_000 })) {
    if (Number(decodeUtf8(value)) > answered) continue
    turn.put(LEAVING_TABLE, key, undefined)
    const isLeaving = core.leavingNow.has(key)
    turn.afterCommit(() => core.leavingNow.delete(key))
    const record = await turn.open(key)
    if (record.isNew || record.frontier.held.length > 0) continue
    // The answer may be one to what was asked when the lost channel was still granted, and then it does not say `elsewhere`.
    if (isLeaving || !(await isGranted(turn, record.channelsNow()))) await giveUp(turn, core, key)
  }
}

/** After a new credential: channels that it no longer grants are given up, with the records that only they held. */
export async function giveUpChannels(turn: Turn, core: ReplicaCore, read: readonly string[]): Promise<void> {
  const lost = (channel: string) => !grants(read, channel)
  await forgetChannel(turn, lost)
  await forgetEntered(turn, lost)
  for await (const row of rowsOf(core)) {
    const { held, channels } = decodeFrontier(row.frontier)
    const stays =
      held.length === 0
        ? channels.some((channel) => grants(read, channel))
        : held.every((channel) => grants(read, channel))
    if (stays) continue
    const record = await turn.open(row.record)
    record.frontier.held = held.filter((channel) => grants(read, channel))
    turn.touch(record)
    if (record.frontier.held.length === 0) await giveUp(turn, core, row.record)
  }
}

/**
 * The hub does not own the cursors of these channels any more: it was set back to an older copy. What it said of who is in them is to be told again. Records that are in the
 * channel by their own value are compared with the hub's first (settleClaims); claims of the others are void at once.
 */
export async function doubtChannels(
  turn: Turn,
  core: ReplicaCore,
  channels: readonly string[],
): Promise<void> {
  await forgetEntered(turn, (channel) => channels.includes(channel))
  if (channels.length > 0) core.shippedPages.dropAll(turn)
  for await (const row of rowsOf(core)) {
    const { held, channels: own } = decodeFrontier(row.frontier)
    const isVoid = (channel: string) => channels.includes(channel) && !own.includes(channel)
    if (!held.some(isVoid)) continue
    const record = await turn.open(row.record)
    record.frontier.held = record.frontier.held.filter((channel) => !isVoid(channel))
    turn.touch(record)
  }
}

async function isGranted(turn: Turn, channels: readonly string[]): Promise<boolean> {
  const read = (await decidedCredential(turn))?.read ?? []
  return channels.some((channel) => grants(read, channel))
}

async function lackUpToNewest(turn: Turn, core: ReplicaCore, key: string): Promise<void> {
  const newest = (await turn.entriesOf(key)).at(-1)
  if (newest) await core.forgetUpTo(turn, newest.seq)
}

export async function forgetRecord(turn: Turn, core: ReplicaCore, record: OpenRecord): Promise<void> {
  await lackUpToNewest(turn, core, record.key)
  setUntoldAside(turn, core, record)
  // It may come back in parts, and an edit between two of them would take a sequence that is still to come. Of a former incarnation nobody knows any more whose it was.
  const { seqs, incarnation } = record.frontier
  if (incarnation > 0 || seqs.has(core.identity.actor)) core.identity.renewActor()
  turn.forget(record)
  core.parking.forget(turn, record.key)
  await countAgain(turn, record.key)
  await forgetReceipts(turn, record.key)
  core.shippedPages.forgotten(turn, record.key)
}

async function* rowsOf(core: ReplicaCore): AsyncGenerator<RecordRow> {
  for await (const rows of pagesOf(core)) yield* rows
}

/** Rows of all collections known here, page by page. */
export async function* pagesOf(core: ReplicaCore): AsyncGenerator<RecordRow[]> {
  for (const collection of core.collections.keys()) {
    let after = ''
    for (;;) {
      const rows = await core.store.scanRows(collection, after, PAGE_ROWS)
      yield rows
      if (rows.length < PAGE_ROWS) break
      after = rows.at(-1)!.record
    }
  }
}
