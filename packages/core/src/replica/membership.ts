/** When an edge gives a record up: none of the channels it may read holds the record any more, and its own edits of it were answered. */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { grants } from '../identity/credential.ts'
import { decodeFrontier } from '../log/frontier.ts'
import { forgetChannel } from './cursors.ts'
import type { ReplicaCore } from './replica-core.ts'
import type { Turn } from './turn.ts'

/** Records to give up as soon as the hub has answered the edits made here. */
const LEAVING_TABLE = 'leaving'

/** Removes the record now, or remembers to do so once its own edits are answered. */
export async function giveUp(turn: Turn, core: ReplicaCore, key: string): Promise<void> {
  const record = await turn.open(key)
  if (record.frontier.ownSeq > core.acknowledged) {
    turn.put(LEAVING_TABLE, key, encodeUtf8(String(record.frontier.ownSeq)))
    return
  }
  turn.put(LEAVING_TABLE, key, undefined)
  turn.forget(record)
}

/** Gives up what only waited for an answer. A record that came back in the meantime stays. */
export async function giveUpAnswered(turn: Turn, acknowledged: number): Promise<void> {
  for (const { key, value } of await turn.scan(LEAVING_TABLE, { limit: 10_000 })) {
    if (Number(decodeUtf8(value)) > acknowledged) continue
    const record = await turn.open(key)
    turn.put(LEAVING_TABLE, key, undefined)
    if (!record.isNew && record.frontier.held.length === 0) turn.forget(record)
  }
}

/** After a new credential: channels that it no longer grants are given up, with the records that only they held. */
export async function giveUpChannels(turn: Turn, core: ReplicaCore, read: readonly string[]): Promise<void> {
  await forgetChannel(turn, (channel) => !grants(read, channel))
  for (const collection of core.collections.keys()) {
    let after = ''
    for (;;) {
      const rows = await core.store.scanRows(collection, after, 500)
      for (const row of rows) {
        const { held } = decodeFrontier(row.frontier)
        if (held.every((channel) => grants(read, channel))) continue
        const record = await turn.open(row.record)
        record.frontier.held = record.frontier.held.filter((channel) => grants(read, channel))
        turn.touch(record)
        if (record.frontier.held.length === 0) await giveUp(turn, core, row.record)
      }
      if (rows.length < 500) break
      after = rows.at(-1)!.record
    }
  }
}
