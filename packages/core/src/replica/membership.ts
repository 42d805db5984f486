/**
 * When an edge gives a record up: none of the channels it may read holds the record any more, and its own edits of it were answered.
 *
 * Who holds what is told by the hub: ENTER and LEAVE marks, and the answer `elsewhere` to an edit of a record that the edge may not read. A channel that is read from
 * the beginning again (its cursor was refused) is told no LEAVE for what left it meanwhile; so its records are unconfirmed until they are told, and those that
 * were not told when the hub says "that is all" are given up.
 */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { grants } from '../identity/credential.ts'
import { decodeFrontier } from '../log/frontier.ts'
import type { Want } from '../session/port.ts'
import type { RecordRow, Seq, Store } from '../store/port.ts'
import { forgetChannel } from './cursors.ts'
import type { OpenRecord } from './open-record.ts'
import type { ReplicaCore } from './replica-core.ts'
import type { Turn } from './turn.ts'

/** Records to give up as soon as the hub has answered the edits made here. */
const LEAVING_TABLE = 'leaving'
/** Records that a channel read anew has not told yet. */
const UNCONFIRMED_TABLE = 'unconfirmed'
const present = new Uint8Array([1])
const PAGE_ROWS = 500

/** Removes the record now, or remembers to do so once its own edits are answered. */
export async function giveUp(turn: Turn, core: ReplicaCore, key: string): Promise<void> {
  const record = await turn.open(key)
  if (record.frontier.ownSeq > core.acknowledged) {
    turn.put(LEAVING_TABLE, key, encodeUtf8(String(record.frontier.ownSeq)))
    return
  }
  turn.put(LEAVING_TABLE, key, undefined)
  await forgetRecord(turn, core, record)
}

/** Gives up what only waited for an answer. A record that came back in the meantime stays. */
export async function giveUpAnswered(turn: Turn, core: ReplicaCore): Promise<void> {
  for (const { key, value } of await turn.scan(LEAVING_TABLE, { limit: 10_000 })) {
    if (Number(decodeUtf8(value)) > core.acknowledged) continue
    const record = await turn.open(key)
    turn.put(LEAVING_TABLE, key, undefined)
    if (!record.isNew && record.frontier.held.length === 0) await forgetRecord(turn, core, record)
  }
}

/** After a new credential: channels that it no longer grants are given up, with the records that only they held. */
export async function giveUpChannels(turn: Turn, core: ReplicaCore, read: readonly string[]): Promise<void> {
  await forgetChannel(turn, (channel) => !grants(read, channel))
  for await (const row of rowsOf(core)) {
    const { held, channels } = decodeFrontier(row.frontier)
    const stays = held.length === 0 ? channels.some((channel) => grants(read, channel)) : held.every((channel) => grants(read, channel))
    if (stays) continue
    const record = await turn.open(row.record)
    record.frontier.held = held.filter((channel) => grants(read, channel))
    turn.touch(record)
    if (record.frontier.held.length === 0) await giveUp(turn, core, row.record)
  }
}

/** These channels are read from the beginning: what they were known to hold is unconfirmed until it is told. */
export async function unconfirm(turn: Turn, core: ReplicaCore, want: Want): Promise<void> {
  if (want.kind !== 'channels') return
  const anew = new Set([...want.cursors].filter(([, cursor]) => cursor === undefined).map(([channel]) => channel))
  if (anew.size === 0) return
  for await (const row of rowsOf(core)) {
    const { held } = decodeFrontier(row.frontier)
    if (!held.some((channel) => anew.has(channel))) continue
    const record = await turn.open(row.record)
    record.frontier.held = held.filter((channel) => !anew.has(channel))
    turn.touch(record)
    if (record.frontier.held.length === 0) turn.put(UNCONFIRMED_TABLE, row.record, present)
  }
}

export async function confirm(turn: Turn, key: string): Promise<void> {
  if (await turn.get(UNCONFIRMED_TABLE, key)) turn.put(UNCONFIRMED_TABLE, key, undefined)
}

/** The hub has told all it has: what is still unconfirmed left its channels unseen. */
export async function giveUpUnconfirmed(turn: Turn, core: ReplicaCore): Promise<void> {
  for (const { key } of await turn.scan(UNCONFIRMED_TABLE, { limit: 1_000_000 })) {
    turn.put(UNCONFIRMED_TABLE, key, undefined)
    const record = await turn.open(key)
    if (!record.isNew && record.frontier.held.length === 0) await giveUp(turn, core, key)
  }
}

async function forgetRecord(turn: Turn, core: ReplicaCore, record: OpenRecord): Promise<void> {
  const newest = (await turn.entriesOf(record.key)).at(-1)
  turn.forget(record)
  if (newest) core.forgetUpTo(turn, newest.seq)
}

async function* rowsOf(core: ReplicaCore): AsyncGenerator<RecordRow> {
  for (const collection of core.collections.keys()) {
    let after = ''
    for (;;) {
      const rows = await core.store.scanRows(collection, after, PAGE_ROWS)
      yield* rows
      if (rows.length < PAGE_ROWS) break
      after = rows.at(-1)!.record
    }
  }
}

const FORGOTTEN_KEY = 'forgotten'
const STATE_TABLE = 'state'

/** Sequences up to here may lack entries of records that were given up; a peer must not believe that they are held. */
export async function readForgotten(store: Store): Promise<Seq> {
  const value = await store.get(STATE_TABLE, FORGOTTEN_KEY)
  return value ? Number(decodeUtf8(value)) : 0
}

export function writeForgotten(turn: Turn, seq: Seq): void {
  turn.put(STATE_TABLE, FORGOTTEN_KEY, encodeUtf8(String(seq)))
}
