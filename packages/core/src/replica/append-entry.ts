/** Entries that belong to no record of a collection (segments): appended to channels that whoever keeps that kind names. */
import type { LoggedEntry, Seq, Store } from '../store/port.ts'
import type { Turn } from './turn.ts'

const MARKED_TABLE = 'marked'
/** A stream goes to few channels. */
const CHANNELS_MAX = 1024
const present = new Uint8Array([1])

/** Appends the entry; a channel that sees this stream for the first time gets its enter mark below the entry, so that a reader is told entry by entry. */
export async function appendToChannels(
  turn: Turn,
  entry: Omit<LoggedEntry, 'seq'>,
  channels: readonly string[],
): Promise<Seq> {
  for (const channel of channels) {
    const key = `${entry.record}\n${channel}`
    if (await turn.get(MARKED_TABLE, key)) continue
    turn.put(MARKED_TABLE, key, present)
    turn.mark(channel, entry.record, 'enter')
  }
  return turn.append(entry, channels)
}

/** The channels that entries of this stream were appended to. */
export async function channelsOfStream(store: Pick<Store, 'scan'>, record: string): Promise<string[]> {
  const prefix = `${record}\n`
  const rows = await store.scan(MARKED_TABLE, { prefix, limit: CHANNELS_MAX })
  return rows.map(({ key }) => key.slice(prefix.length))
}
