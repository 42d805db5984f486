/**
 * Cutting pages: given what is to be told, in order and lazily, take as much as the limit allows. Shared by the stores, so that
 * a page means the same in each. A page is never cut between two things that stand at one sequence, because a cursor could not
 * say which of them it has seen.
 */
import { checkLimit } from './batch-check.ts'
import type { ChannelItem, ChannelPage, DamagedEntry, PageLimit, Seq } from './port.ts'

/** An entry, or what stands for one that is read later. */
type Sized = DamagedEntry | { seq: Seq; bytes: { readonly length: number } }

/** At least one entry if there is one, else up to the limit. `entries` ascends and is not read further than one past the page. */
export function takeEntries<Entry extends Sized>(entries: Iterable<Entry>, limit: PageLimit): Entry[] {
  checkLimit(limit)
  const page: Entry[] = []
  let bytes = 0
  for (const entry of entries) {
    bytes += sizeOf(entry)
    if (page.length > 0 && bytes > limit.bytes) break
    page.push(entry)
    if (page.length >= limit.entries) break
  }
  return page
}

/** A mark counts as one entry, or as all it brings. `items` ascends and is not read further than one past the page. */
export function takeItems<Entry extends Sized>(
  items: Iterable<ChannelItem<Entry>>,
  limit: PageLimit,
  head: Seq,
): ChannelPage<Entry> {
  checkLimit(limit)
  const page: ChannelItem<Entry>[] = []
  let entries = 0
  let bytes = 0
  for (const item of items) {
    entries += item.kind === 'enter' ? Math.max(1, item.entries.length) : 1
    bytes += bytesOf(item)
    const last = page.at(-1)
    if (last && item.seq > last.seq && (entries > limit.entries || bytes > limit.bytes)) {
      return { items: page, upTo: item.seq - 1, done: false }
    }
    page.push(item)
  }
  return { items: page, upTo: head, done: true }
}

/** At least one row if there is one, else up to the limit. `rows` ascends and is not read further than one past the page. */
export function takeRows<Row extends { seq: Seq; row: { view?: { readonly length: number } | undefined } }>(
  rows: Iterable<Row>,
  limit: PageLimit,
): Row[] {
  checkLimit(limit)
  const page: Row[] = []
  let characters = 0
  for (const one of rows) {
    characters += one.row.view?.length ?? 0
    const last = page.at(-1)
    if (last && one.seq > last.seq && (page.length >= limit.entries || characters > limit.bytes)) break
    page.push(one)
  }
  return page
}

function bytesOf(item: ChannelItem<Sized>): number {
  if (item.kind === 'leave') return 0
  if (item.kind === 'entry') return sizeOf(item.entry)
  return item.entries.reduce((sum, entry) => sum + sizeOf(entry), 0)
}

function sizeOf(entry: Sized): number {
  return 'damage' in entry ? 0 : entry.bytes.length
}
