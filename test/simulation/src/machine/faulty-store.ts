/**
 * A process's way to its disk: commits may be slow, fail, or find no room, and what is read may have a flipped bit, which an entry's checksum must find as in every store. When the process dies, the commit under way is on the disk
 * whole or not at all (ATOMIC), those behind it are lost, and no call is ever answered.
 */
import {
  type Batch,
  decodeEntry,
  EntryError,
  isDamaged,
  type LoggedEntry,
  type Seq,
  type Store,
  type StoredEntry,
  StoreError,
} from '@skerry/core'
import type { DiskFaults } from './disk.ts'
import type { Life } from './life.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'

export interface FaultyStoreParts {
  inner: Store
  life: Life
  scheduler: Scheduler
  random: Random
  /** Read at each call, so faults come and go. */
  faults: () => DiskFaults
  flipped: () => void
  /** Entries that the disk has lost. */
  rotten: Set<Seq>
  /** This is on the disk; `removed`: the entries that it took out. */
  stored: (batch: Batch, removed: readonly StoredEntry[]) => void
}

export interface FaultyStore extends Store {
  /** An entry that came from somebody else, who may have it still, cannot be read any more. Undefined: there is none. */
  rot(random: Random): Promise<LoggedEntry | undefined>
  /** After the process has died, before the disk is opened again: the power went in the middle of a commit. */
  tear(): Promise<void>
}

export function faultyStore(parts: FaultyStoreParts): FaultyStore {
  const { inner, life, scheduler, random, faults, rotten } = parts
  let last: Promise<void> = Promise.resolve()
  let underWay: Batch | undefined

  async function commit(batch: Batch): Promise<void> {
    if (!life.isAlive) return
    const { isFull, failShare, slowMs, slowShare } = faults()
    if (isFull) throw new StoreError('full', 'commit: the simulated disk is full')
    if (random.chance(failShare)) throw new StoreError('io', 'commit: the simulated disk failed')
    underWay = batch
    if (random.chance(slowShare)) await scheduler.wait(random.between(0, slowMs))
    // Dead by now: whether this is on the disk was decided when the power went.
    if (!life.isAlive) return
    underWay = undefined
    const removed = batch.removed.length > 0 ? await inner.readEntries(batch.removed) : []
    await inner.commit(batch)
    for (const { seq } of batch.replaced) rotten.delete(seq)
    for (const seq of batch.removed) rotten.delete(seq)
    parts.stored(batch, removed)
  }

  const flip = (entry: StoredEntry): StoredEntry => {
    if (rotten.has(entry.seq)) return { seq: entry.seq, record: entry.record, damage: 'it rotted' }
    if (isDamaged(entry) || !random.chance(faults().flipShare)) return entry
    parts.flipped()
    const bytes = entry.bytes.slice()
    bytes[random.below(bytes.length)]! ^= 1 << random.below(8)
    return checked({ ...entry, bytes })
  }
  const flipAll = async (entries: Promise<StoredEntry[]>) => (await entries).map(flip)
  const hear = <T>(answer: Promise<T>) => life.hear(answer)

  return {
    open: (run) => hear(inner.open(run)),
    commit(batch) {
      const own = structuredClone(batch)
      const done = last.then(() => commit(own))
      last = done.catch(() => undefined)
      return hear(done)
    },
    readLog: (after, limit) => hear(flipAll(inner.readLog(after, limit))),
    readChannels: (after, limit) =>
      hear(
        inner.readChannels(after, limit).then((page) => ({
          ...page,
          items: page.items.map((item) => {
            if (item.kind === 'leave') return item
            return item.kind === 'enter'
              ? { ...item, entries: item.entries.map(flip) }
              : { ...item, entry: flip(item.entry) }
          }),
        })),
      ),
    readRecord: (record) => hear(flipAll(inner.readRecord(record))),
    readEntries: (seqs) => hear(flipAll(inner.readEntries(seqs))),
    readMarks: (record) => hear(inner.readMarks(record)),
    rows: (records) => hear(inner.rows(records)),
    scanRows: (collection, after, limit) => hear(inner.scanRows(collection, after, limit)),
    findRows: (collection, equals) => hear(inner.findRows(collection, equals)),
    channelRows: (channel, after, limit) => hear(inner.channelRows(channel, after, limit)),
    get: (table, key) => hear(inner.get(table, key)),
    scan: (table, range) => hear(inner.scan(table, range)),
    size: () => hear(inner.size()),
    close: () => hear(last.then(() => inner.close())),
    async rot(by) {
      const entries = await inner.readLog(0, { entries: 100_000, bytes: Number.MAX_SAFE_INTEGER })
      const heard = entries.flatMap((entry) => (isDamaged(entry) || !entry.origin ? [] : [entry]))
      const usable = heard.filter(({ kind, seq }) => kind === 'changes' && !rotten.has(seq))
      if (usable.length === 0) return undefined
      const entry = by.pick(usable)
      rotten.add(entry.seq)
      return entry
    },
    async tear() {
      const torn = underWay
      underWay = undefined
      if (torn && random.chance(0.5)) await inner.commit(torn)
    },
  }
}

/** As stores do. What passes is taken for what was written. */
function checked(entry: LoggedEntry): StoredEntry {
  try {
    decodeEntry(entry.bytes)
    return entry
  } catch (cause) {
    if (!(cause instanceof EntryError)) throw cause
    return { seq: entry.seq, record: entry.record, damage: cause.message }
  }
}
