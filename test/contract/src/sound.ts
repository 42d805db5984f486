/** What a store that nothing happened to gives back. */
import { type ChannelItem, isDamaged, type LoggedEntry, type StoredEntry } from '@skerry/core'

/** @throws Error for an entry that cannot be read back */
export function soundEntry(entry: StoredEntry): LoggedEntry {
  if (isDamaged(entry)) throw new Error(`entry ${entry.seq} of ${entry.record}: ${entry.damage}`)
  return entry
}

/** The entries that an item brings. */
export function broughtBy(item: ChannelItem<StoredEntry>): LoggedEntry[] {
  if (item.kind === 'leave') return []
  return (item.kind === 'enter' ? item.entries : [item.entry]).map(soundEntry)
}
