/**
 * What readers of channels are told. Each asked channel has two ascending walks, one over its entries and one over its marks; all
 * walks are merged by sequence. A walk fetches its steps in chunks with one join, bytes included, so that no step costs a query.
 *
 * A walk also yields steps that tell nothing: an entry below its enter mark is passed over, but the merge must learn how far the walk
 * has come. Otherwise one walk would run to the end of the log in search of its next item, on every page anew.
 */
import {
  type ChannelItem,
  type ChannelPage,
  checkLimit,
  type Mark,
  type PageLimit,
  type Seq,
  type StoredEntry,
  takeItems,
} from '@skerry/core'
import type Database from 'better-sqlite3'
import { ENTRY_COLUMNS, type EntryColumns, type EntryReader } from './entry-rows.ts'
import { fromKeyText, toKeyText } from './key-text.ts'
import type { Names } from './names.ts'

/** Rows of a walk's first chunk at most and at least; a page of many channels takes few rows from each. */
const CHUNK_ROWS_MAX = 512
const CHUNK_ROWS_MIN = 16
/** Entries up to this size come with the chunk; larger ones are fetched when their item is told, to bound a chunk's memory. */
const CHUNK_ENTRY_BYTES_MAX = 8192

const COLUMNS = ENTRY_COLUMNS.replace(
  'e.bytes',
  `iif(length(e.bytes) <= ${CHUNK_ENTRY_BYTES_MAX}, e.bytes, NULL)`,
)

const ENTRY_WALK = `SELECT c.seq, ${COLUMNS}
  FROM channel_entries c
  LEFT JOIN marks m ON m.record = c.record AND m.channel = c.channel AND m.enter = 1 AND m.seq < c.seq
  LEFT JOIN entries e ON m.seq IS NOT NULL AND e.seq = c.seq
  LEFT JOIN records r ON r.id = e.record
  WHERE c.channel = ? AND c.seq > ? ORDER BY c.seq LIMIT ?`

const EARLIER = `EXISTS (SELECT 1 FROM marks o WHERE o.record = m.record AND o.enter = 1 AND o.seq < m.seq
    AND o.channel IN (SELECT value FROM json_each(?)))`
const markWalk = (unless: string) => `SELECT m.seq, m.enter, k.record, ${COLUMNS}
  FROM marks m INDEXED BY marks_by_channel
  CROSS JOIN records k ON k.id = m.record
  LEFT JOIN entries e ON m.enter = 1 AND e.record = m.record AND e.seq <= m.seq ${unless}
  LEFT JOIN records r ON r.id = e.record
  WHERE m.channel = ? AND m.seq > ? ORDER BY m.seq LIMIT ?`

/** The entry's columns are all null where the step brings none; its bytes alone are null where they are too large for a chunk. */
type EntryStep = [seq: number, ...entry: EntryColumns]
type MarkStep = [seq: number, enter: number, key: string, ...entry: EntryColumns]

interface Step {
  seq: Seq
  item?: ChannelItem<StoredEntry>
}

interface Asked {
  id: number
  channel: string
  position: Seq
}

export class ChannelReader {
  readonly #names: Names
  readonly #entries: EntryReader
  readonly #entryWalk: Database.Statement<[number, number, number], EntryStep>
  readonly #markWalk: Database.Statement<(number | string)[], MarkStep>
  readonly #markWalkAlone: Database.Statement<(number | string)[], MarkStep>
  readonly #marksOf: Database.Statement<[string], [channel: number, seq: number, enter: number]>

  constructor(db: Database.Database, names: Names, entries: EntryReader) {
    this.#names = names
    this.#entries = entries
    this.#entryWalk = db.prepare<[number, number, number], EntryStep>(ENTRY_WALK).raw()
    this.#markWalk = db.prepare<(number | string)[], MarkStep>(markWalk(`AND NOT ${EARLIER}`)).raw()
    this.#markWalkAlone = db.prepare<(number | string)[], MarkStep>(markWalk('')).raw()
    this.#marksOf = db
      .prepare<[string], [number, number, number]>(
        'SELECT m.channel, m.seq, m.enter FROM records r CROSS JOIN marks m ON m.record = r.id WHERE r.record = ?',
      )
      .raw()
  }

  readMarks(record: string): Mark[] {
    return this.#marksOf.all(toKeyText(record)).map(([channel, seq, enter]) => ({
      channel: fromKeyText(this.#names.nameOf(channel)),
      record,
      seq,
      kind: enter === 1 ? 'enter' : 'leave',
    }))
  }

  readChannels(after: ReadonlyMap<string, Seq>, limit: PageLimit, head: Seq): ChannelPage<StoredEntry> {
    checkLimit(limit)
    const asked = [...after].flatMap(([channel, position]): Asked[] => {
      const id = this.#names.find('c', toKeyText(channel))
      return id === undefined ? [] : [{ id, channel, position }]
    })
    const ids = JSON.stringify(asked.map(({ id }) => id))
    const rows = Math.ceil(limit.entries / Math.max(1, asked.length))
    const chunk = Math.min(CHUNK_ROWS_MAX, Math.max(CHUNK_ROWS_MIN, rows))
    const walks = [
      ...asked.map((one) => this.#walkEntries(one, chunk)),
      ...asked.map((one) => this.#walkMarks(one, chunk, asked.length > 1 ? ids : undefined)),
    ]
    return takeItems(itemsOf(merged(walks)), limit, head)
  }

  *#walkEntries({ id, position }: Asked, chunk: number): Generator<Step> {
    let from = position
    for (;;) {
      const steps = this.#entryWalk.all(id, from, chunk)
      for (const [seq, ...columns] of steps) {
        from = seq
        const entry = this.#entryOf(columns)
        yield entry ? { seq, item: { kind: 'entry', seq, entry } } : { seq }
      }
      if (steps.length < chunk) return
    }
  }

  *#walkMarks(asked: Asked, firstChunk: number, ids: string | undefined): Generator<Step> {
    let from = asked.position
    let chunk = firstChunk
    for (;;) {
      const rows = ids
        ? this.#markWalk.all(ids, asked.id, from, chunk)
        : this.#markWalkAlone.all(asked.id, from, chunk)
      const whole = rows.length < chunk ? rows.length : wholeMarks(rows)
      // One mark brings more rows than a chunk holds: take a larger one.
      if (whole === 0 && rows.length > 0) chunk *= 4
      for (let at = 0; at < whole; ) {
        const [seq, enter, key] = rows[at] as MarkStep
        const first = at
        while (at < whole && rows[at]?.[0] === seq && rows[at]?.[2] === key) at += 1
        yield this.#markStep(asked, seq, enter === 1, fromKeyText(key), rows.slice(first, at))
        from = seq
      }
      if (rows.length < chunk && whole === rows.length) return
    }
  }

  #markStep({ channel, position }: Asked, seq: Seq, enter: boolean, record: string, rows: MarkStep[]): Step {
    if (!enter) return position === 0 ? { seq } : { seq, item: { kind: 'leave', seq, channel, record } }
    const entries = rows.flatMap(([, , , ...columns]) => this.#entryOf(columns) ?? [])
    return { seq, item: { kind: 'enter', seq, channel, record, entries } }
  }

  #entryOf(columns: EntryColumns): StoredEntry | undefined {
    const [seq, , , , , , bytes] = columns
    if (seq === null) return undefined
    return bytes === null ? this.#entries.readEntry(seq) : this.#entries.entryOf(columns)
  }
}

/** How many of these rows belong to marks that are there with all their rows, given that more rows may follow the last one. */
function wholeMarks(rows: MarkStep[]): number {
  const last = rows.at(-1)?.[0]
  let whole = rows.length
  while (whole > 0 && rows[whole - 1]?.[0] === last) whole -= 1
  return whole
}

/** Merges ascending walks into one; at equal sequences the earlier walk first. */
function* merged(walks: Generator<Step>[]): Generator<Step> {
  const heads = walks.flatMap((walk) => {
    const first = walk.next()
    return first.done ? [] : [{ walk, step: first.value }]
  })
  while (heads.length > 0) {
    let lowest = heads[0] as (typeof heads)[number]
    for (const head of heads) if (head.step.seq < lowest.step.seq) lowest = head
    yield lowest.step
    const next = lowest.walk.next()
    if (next.done) heads.splice(heads.indexOf(lowest), 1)
    else lowest.step = next.value
  }
}

/** What the steps tell; an entry that several channels hold comes from several walks at one sequence, and is told once. */
function* itemsOf(steps: Iterable<Step>): Generator<ChannelItem<StoredEntry>> {
  let toldEntry: Seq = 0
  for (const { seq, item } of steps) {
    if (!item || (item.kind === 'entry' && seq === toldEntry)) continue
    if (item.kind === 'entry') toldEntry = seq
    yield item
  }
}
