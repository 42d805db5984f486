/**
 * The log as everybody but its store reads it: entries that the store cannot read back are left out, and whoever keeps account of them hears of each before anything else of that read is used. What is told to others
 * leaves out all of a record that lacks something, since an entry without those it builds on is refused where it arrives, and would not be told again.
 */
import {
  type ChannelItem,
  type ChannelPage,
  type DamagedEntry,
  isDamaged,
  type LoggedEntry,
  type PageLimit,
  type Seq,
  type Store,
  type StoredEntry,
} from './port.ts'

export interface SoundLogParts {
  store: Pick<Store, 'readLog' | 'readChannels' | 'readRecord' | 'readEntries'>
  /** Resolves when it is durable that these are lacking. */
  found(damaged: readonly DamagedEntry[]): Promise<void>
  /** Nothing of this record is told. */
  isWithheld(record: string): boolean
}

export class SoundLog {
  readonly #parts: SoundLogParts

  constructor(parts: SoundLogParts) {
    this.#parts = parts
  }

  /** As `Store.readLog`. */
  readLog(after: Seq, limit: PageLimit): Promise<LoggedEntry[]> {
    return this.#pageOf(after, limit, () => true)
  }

  async readRecord(record: string): Promise<LoggedEntry[]> {
    return this.#sound(await this.#parts.store.readRecord(record))
  }

  async readEntries(seqs: readonly Seq[]): Promise<LoggedEntry[]> {
    return this.#sound(await this.#parts.store.readEntries(seqs))
  }

  /** What others may be told of the log. */
  tellLog(after: Seq, limit: PageLimit): Promise<LoggedEntry[]> {
    return this.#pageOf(after, limit, ({ record }) => !this.#parts.isWithheld(record))
  }

  async tellRecord(record: string): Promise<LoggedEntry[]> {
    const entries = await this.readRecord(record)
    return this.#parts.isWithheld(record) ? [] : entries
  }

  /** As `Store.readChannels`. Marks with which a withheld record enters wait with its entries; that it left is told. */
  async tellChannels(after: ReadonlyMap<string, Seq>, limit: PageLimit): Promise<ChannelPage> {
    const { items, upTo, done } = await this.#parts.store.readChannels(after, limit)
    await this.#note(items.flatMap(entriesOf))
    return { items: items.flatMap((item) => this.#told(item) ?? []), upTo, done }
  }

  /** Goes on until something is left, or nothing is there: an empty page means that the log has ended. */
  async #pageOf(
    after: Seq,
    limit: PageLimit,
    isTold: (entry: LoggedEntry) => boolean,
  ): Promise<LoggedEntry[]> {
    for (let from = after; ; ) {
      const page = await this.#parts.store.readLog(from, limit)
      const told = (await this.#sound(page)).filter(isTold)
      if (told.length > 0 || page.length === 0) return told
      from = page.at(-1)!.seq
    }
  }

  async #sound(entries: readonly StoredEntry[]): Promise<LoggedEntry[]> {
    await this.#note(entries)
    return entries.filter(isSound)
  }

  async #note(entries: readonly StoredEntry[]): Promise<void> {
    const damaged = entries.filter(isDamaged)
    if (damaged.length > 0) await this.#parts.found(damaged)
  }

  #told(item: ChannelItem<StoredEntry>): ChannelItem | undefined {
    if (item.kind === 'leave') return item
    if (item.kind === 'enter') {
      const entries = item.entries.filter(isSound)
      return this.#parts.isWithheld(item.record) ? undefined : { ...item, entries }
    }
    const { entry } = item
    return isDamaged(entry) || this.#parts.isWithheld(entry.record) ? undefined : { ...item, entry }
  }
}

function isSound(entry: StoredEntry): entry is LoggedEntry {
  return !isDamaged(entry)
}

function entriesOf(item: ChannelItem<StoredEntry>): readonly StoredEntry[] {
  if (item.kind === 'entry') return [item.entry]
  return item.kind === 'enter' ? item.entries : []
}
