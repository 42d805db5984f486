/**
 * The port's rules a second time, as plainly as they can be said: flat lists and filters over everything. It knows nothing of how a
 * store is built; the random runs compare the two.
 */
import type {
  Batch,
  ChannelItem,
  ChannelRow,
  LoggedEntry,
  Mark,
  NewEntry,
  RecordRow,
  Seq,
} from '@skerry/core'

export class Model {
  entries: NewEntry[] = []
  marks: Mark[] = []
  rows = new Map<string, RecordRow>()
  tables = new Map<string, Map<string, Uint8Array>>()
  head: Seq = 0

  apply(batch: Batch): void {
    this.entries = this.entries.filter(
      ({ record, seq }) => !batch.forgotten.includes(record) && !batch.removed.includes(seq),
    )
    this.marks = this.marks.filter(({ record }) => !batch.forgotten.includes(record))
    for (const record of batch.forgotten) this.rows.delete(record)
    this.entries.push(...batch.entries)
    for (const mark of batch.marks) {
      const others = this.marks.filter(
        ({ channel, record }) => channel !== mark.channel || record !== mark.record,
      )
      this.marks = [...others, mark]
    }
    for (const entry of batch.replaced) {
      const kept = this.entries.filter(({ seq }) => seq !== entry.seq)
      this.entries = [...kept, entry].sort(bySeq)
    }
    for (const row of batch.records) this.rows.set(row.record, row)
    for (const { table, key, value } of batch.tables) {
      const rows = this.tables.get(table) ?? new Map<string, Uint8Array>()
      this.tables.set(table, rows)
      if (value) rows.set(key, value)
      else rows.delete(key)
    }
    this.head = Math.max(this.head, ...[...batch.entries, ...batch.marks].map(({ seq }) => seq))
  }

  log(): LoggedEntry[] {
    return this.entries.map(asLogged)
  }

  /** Everything the channels are to be told beyond their positions. */
  told(after: ReadonlyMap<string, Seq>): ChannelItem[] {
    const entries = this.entries
      .filter((entry) => entry.channels.some((channel) => this.#tellsIn(channel, entry, after)))
      .map((entry): ChannelItem => ({ kind: 'entry', seq: entry.seq, entry: asLogged(entry) }))
    const marks = this.marks
      .filter(({ channel, seq, kind }) => {
        const position = after.get(channel)
        return position !== undefined && seq > position && (kind === 'enter' || position > 0)
      })
      .map((mark) => this.#markItem(mark, after))
    return [...entries, ...marks].sort(bySeq)
  }

  found(collection: string, field: string, value: unknown): RecordRow[] {
    return this.scanned(collection).filter(
      (row) =>
        row.view !== undefined && row.indexed.some(([name, known]) => name === field && known === value),
    )
  }

  inChannel(channel: string): ChannelRow[] {
    return this.marks
      .filter((mark) => mark.channel === channel && mark.kind === 'enter')
      .flatMap(({ seq, record }) => {
        const row = this.rows.get(record)
        return row?.view === undefined ? [] : [{ seq, row }]
      })
      .sort(bySeq)
  }

  scanned(collection: string): RecordRow[] {
    return [...this.rows.values()]
      .filter((row) => row.collection === collection)
      .sort((left, right) => (left.record < right.record ? -1 : 1))
  }

  #tellsIn(channel: string, entry: NewEntry, after: ReadonlyMap<string, Seq>): boolean {
    const position = after.get(channel)
    const mark = this.#markOf(channel, entry.record)
    return position !== undefined && entry.seq > position && mark?.kind === 'enter' && mark.seq < entry.seq
  }

  #markItem({ kind, seq, channel, record }: Mark, after: ReadonlyMap<string, Seq>): ChannelItem {
    if (kind === 'leave') return { kind, seq, channel, record }
    const earlier = [...after.keys()].some((other) => {
      const mark = this.#markOf(other, record)
      return mark?.kind === 'enter' && mark.seq < seq
    })
    const history = this.entries.filter((entry) => entry.record === record && entry.seq < seq)
    return { kind, seq, channel, record, entries: earlier ? [] : history.map(asLogged) }
  }

  #markOf(channel: string, record: string): Mark | undefined {
    return this.marks.find((mark) => mark.channel === channel && mark.record === record)
  }
}

function asLogged({ channels: _, ...entry }: NewEntry): LoggedEntry {
  return entry
}

function bySeq(left: { seq: Seq }, right: { seq: Seq }): number {
  return left.seq - right.seq
}
