/**
 * What readers of channels are told, worked out from the state in memory: walk every asked channel's entries and marks together in
 * ascending sequence, and keep what the port's rules tell.
 */
import type { MemoryState } from './log-index.ts'
import type { ChannelItem, ChannelRow, LoggedEntry, Mark, NewEntry, Seq } from './port.ts'

type Told = { entry: NewEntry; mark?: never } | { mark: Mark; entry?: never }

/** All items beyond `after`, lazily. `copy` makes what is handed out the reader's own. */
export function* channelItems(
  state: MemoryState,
  after: ReadonlyMap<string, Seq>,
  copy: (entry: NewEntry) => LoggedEntry,
): Generator<ChannelItem> {
  let toldEntry: Seq = 0
  for (const [channel, { entry, mark }] of merged(sources(state, after))) {
    if (mark) {
      if (mark.kind === 'enter') yield enterItem(state, mark, after, copy)
      else if (after.get(channel) !== 0) yield { kind: 'leave', seq: mark.seq, channel, record: mark.record }
    } else if (entry.seq !== toldEntry && isTold(state, channel, entry)) {
      toldEntry = entry.seq
      yield { kind: 'entry', seq: entry.seq, entry: copy(entry) }
    }
  }
}

/** Who is in the channel, lazily, in the order in which they entered. */
export function* channelRows(state: MemoryState, channel: string, after: Seq): Generator<ChannelRow> {
  for (const { kind, seq, record } of state.channels.get(channel)?.marks.above(after) ?? []) {
    const row = kind === 'enter' ? state.records.get(record)?.row : undefined
    if (row?.view !== undefined) yield { seq, row }
  }
}

function isTold(state: MemoryState, channel: string, entry: NewEntry): boolean {
  const mark = state.records.get(entry.record)?.marks.get(channel)
  return mark?.kind === 'enter' && mark.seq < entry.seq
}

function enterItem(
  state: MemoryState,
  mark: Mark,
  after: ReadonlyMap<string, Seq>,
  copy: (entry: NewEntry) => LoggedEntry,
): ChannelItem {
  const { channel, record, seq } = mark
  const { marks, entries } = state.records.get(record) ?? { marks: new Map<string, Mark>(), entries: [] }
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

type Source = Generator<[channel: string, told: Told]>

/** Entries before marks, so that at one sequence the entry comes first. */
function sources(state: MemoryState, after: ReadonlyMap<string, Seq>): Source[] {
  const asked = [...after].flatMap(([channel, position]) => {
    const known = state.channels.get(channel)
    return known ? [{ channel, position, known }] : []
  })
  return [
    ...asked.map(({ channel, position, known }) =>
      named(channel, known.entries.above(position), (entry) => ({ entry })),
    ),
    ...asked.map(({ channel, position, known }) =>
      named(channel, known.marks.above(position), (mark) => ({ mark })),
    ),
  ]
}

function* named<T>(channel: string, items: Iterable<T>, wrap: (item: T) => Told): Source {
  for (const item of items) yield [channel, wrap(item)]
}

/** Merges ascending sources into one; at equal sequences the earlier source first. */
function* merged(from: Source[]): Source {
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

function seqAt(heads: { value: [channel: string, told: Told] }[], at: number): Seq {
  const [, { entry, mark }] = (heads[at] as { value: [string, Told] }).value
  return entry ? entry.seq : mark.seq
}
