/**
 * What readers of channels are told, worked out from a log's index: walk every asked channel's entries and marks together in
 * ascending sequence, and keep what the port's rules tell.
 */
import type { IndexedEntry, IndexedRow, LogIndex } from './log-index.ts'
import type { ChannelItem, Mark, Seq } from './port.ts'

type Told<Entry> = { entry: Entry; mark?: never } | { mark: Mark; entry?: never }

/** All items beyond `after`, lazily. `copy` makes what is handed out the reader's own. */
export function* channelItems<Entry extends IndexedEntry, Row extends IndexedRow, Value, Copy>(
  index: LogIndex<Entry, Row, Value>,
  after: ReadonlyMap<string, Seq>,
  copy: (entry: Entry) => Copy,
): Generator<ChannelItem<Copy>> {
  let toldEntry: Seq = 0
  for (const [channel, { entry, mark }] of merged(sources(index, after))) {
    if (mark) {
      if (mark.kind === 'enter') yield enterItem(index, mark, after, copy)
      else if (after.get(channel) !== 0) yield { kind: 'leave', seq: mark.seq, channel, record: mark.record }
    } else if (entry.seq !== toldEntry && isTold(index, channel, entry)) {
      toldEntry = entry.seq
      yield { kind: 'entry', seq: entry.seq, entry: copy(entry) }
    }
  }
}

/** Who is in the channel, lazily, in the order in which they entered. */
export function* channelRows<Entry extends IndexedEntry, Row extends IndexedRow, Value>(
  index: LogIndex<Entry, Row, Value>,
  channel: string,
  after: Seq,
): Generator<{ seq: Seq; row: Row }> {
  for (const { kind, seq, record } of index.channels.get(channel)?.marks.above(after) ?? []) {
    const row = kind === 'enter' ? index.records.get(record)?.row : undefined
    if (row) yield { seq, row }
  }
}

function isTold<Entry extends IndexedEntry, Row extends IndexedRow, Value>(
  index: LogIndex<Entry, Row, Value>,
  channel: string,
  entry: Entry,
): boolean {
  const mark = index.records.get(entry.record)?.marks.get(channel)
  return mark?.kind === 'enter' && mark.seq < entry.seq
}

function enterItem<Entry extends IndexedEntry, Row extends IndexedRow, Value, Copy>(
  index: LogIndex<Entry, Row, Value>,
  mark: Mark,
  after: ReadonlyMap<string, Seq>,
  copy: (entry: Entry) => Copy,
): ChannelItem<Copy> {
  const { channel, record, seq } = mark
  const { marks, entries } = index.records.get(record) ?? { marks: new Map<string, Mark>(), entries: [] }
  const earlier = [...marks.values()].some(
    (other) => other.kind === 'enter' && other.seq < seq && after.has(other.channel),
  )
  return {
    kind: 'enter',
    seq,
    channel,
    record,
    entries: earlier ? [] : entries.filter((entry) => entry.seq <= seq).map(copy),
  }
}

type Source<Entry> = Generator<[channel: string, told: Told<Entry>]>

/** Entries before marks, so that at one sequence the entry comes first. */
function sources<Entry extends IndexedEntry, Row extends IndexedRow, Value>(
  index: LogIndex<Entry, Row, Value>,
  after: ReadonlyMap<string, Seq>,
): Source<Entry>[] {
  const asked = [...after].flatMap(([channel, position]) => {
    const known = index.channels.get(channel)
    return known ? [{ channel, position, known }] : []
  })
  return [
    ...asked.map(({ channel, position, known }) =>
      named(channel, known.entries.above(position), (entry): Told<Entry> => ({ entry })),
    ),
    ...asked.map(({ channel, position, known }) =>
      named(channel, known.marks.above(position), (mark): Told<Entry> => ({ mark })),
    ),
  ]
}

function* named<T, Entry>(
  channel: string,
  items: Iterable<T>,
  wrap: (item: T) => Told<Entry>,
): Source<Entry> {
  for (const item of items) yield [channel, wrap(item)]
}

/** Merges ascending sources into one; at equal sequences the earlier source first. */
function* merged<Entry extends IndexedEntry>(from: Source<Entry>[]): Source<Entry> {
  const heads = from.flatMap((source) => {
    const first = source.next()
    return first.done ? [] : [{ source, value: first.value }]
  })
  while (heads.length > 0) {
    let lowest = 0
    for (let at = 1; at < heads.length; at += 1) if (seqAt(heads, at) < seqAt(heads, lowest)) lowest = at
    const head = heads[lowest] as (typeof heads)[number]
    yield head.value
    const next = head.source.next()
    if (next.done) heads.splice(lowest, 1)
    else head.value = next.value
  }
}

function seqAt<Entry extends IndexedEntry>(
  heads: { value: [channel: string, told: Told<Entry>] }[],
  at: number,
): Seq {
  const [, told] = (heads[at] as { value: [string, Told<Entry>] }).value
  return told.entry === undefined ? told.mark!.seq : told.entry.seq
}
