/** A disk on which bits flip: what a test names cannot be read back any more, until it is written again. */
import { type Seq, type Store, StoreDamage, type StoredEntry } from './port.ts'

export class Rot {
  readonly entries = new Set<Seq>()
  /** Keys of records whose rows are damaged. */
  readonly rows = new Set<string>()
  /** `table/key`. */
  readonly pairs = new Set<string>()

  /** The store as it is on this disk. */
  over(store: Store): Store {
    const read = (entry: StoredEntry): StoredEntry =>
      this.entries.has(entry.seq) ? { seq: entry.seq, record: entry.record, damage: 'a bit flipped' } : entry
    const readAll = async (entries: Promise<StoredEntry[]>) => (await entries).map(read)
    return {
      ...store,
      commit: async (batch) => {
        await store.commit(batch)
        for (const { seq } of batch.replaced) this.entries.delete(seq)
        for (const record of [...batch.forgotten, ...batch.records.map((row) => row.record)])
          this.rows.delete(record)
        for (const { table, key } of batch.tables) this.pairs.delete(`${table}/${key}`)
      },
      readLog: (after, limit) => readAll(store.readLog(after, limit)),
      readRecord: (record) => readAll(store.readRecord(record)),
      readEntries: (seqs) => readAll(store.readEntries(seqs)),
      readChannels: async (after, limit) => {
        const page = await store.readChannels(after, limit)
        const items = page.items.map((item) => {
          if (item.kind === 'entry') return { ...item, entry: read(item.entry) }
          return item.kind === 'enter' ? { ...item, entries: item.entries.map(read) } : item
        })
        return { ...page, items }
      },
      rows: async (records) => this.#checked(await store.rows(records)),
      scanRows: async (...asked) => this.#checked(await store.scanRows(...asked)),
      findRows: async (...asked) => this.#checked(await store.findRows(...asked)),
      channelRows: async (...asked) => {
        const found = await store.channelRows(...asked)
        this.#checked(found.map(({ row }) => row))
        return found
      },
      get: async (table, key) => {
        this.#checkPair(table, key)
        return store.get(table, key)
      },
      scan: async (table, range) => {
        const rows = await store.scan(table, range)
        for (const { key } of rows) this.#checkPair(table, key)
        return rows
      },
    }
  }

  #checked<Row extends { record: string } | undefined>(rows: Row[]): Row[] {
    const damaged = rows.find((row) => row && this.rows.has(row.record))
    if (damaged) throw new StoreDamage(`the row of ${damaged.record} is damaged`, { record: damaged.record })
    return rows
  }

  #checkPair(table: string, key: string): void {
    if (this.pairs.has(`${table}/${key}`))
      throw new StoreDamage(`${key} of table ${table} is damaged`, { table, key })
  }
}
