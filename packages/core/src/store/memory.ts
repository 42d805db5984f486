/**
 * The reference store: the port's guarantees in the most obvious form, for tests, the simulator and replicas that keep nothing.
 * It resolves by microtasks only, so that a simulator decides what happens when. It cannot tell a copied disk from the original;
 * whoever clones a disk says so with `accept: 'copy'`.
 */
import { checkRun } from './batch-check.ts'
import { channelItems, channelRows } from './channel-items.ts'
import type { LogIndex } from './log-index.ts'
import { copyBatch, copyEntry, copyRow } from './memory-copy.ts'
import { MemoryDisk } from './memory-disk.ts'
import { takeEntries, takeItems, takeRows } from './page.ts'
import type { Batch, ChannelRow, LogIdentity, RecordRow, Store } from './port.ts'

export interface MemoryStoreOptions {
  /** What lasts. Absent: a new, empty disk. */
  disk?: MemoryDisk
  /** `copy`: this disk is a copy that lives on beside the original; it gets a new log id and loses its table `identity`. */
  accept?: 'copy'
  /** Called before each commit takes effect; a throw (a StoreError) fails the commit and leaves the store as it was. */
  beforeCommit?: () => void | Promise<void>
}

export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const disk = options.disk ?? new MemoryDisk()
  const owner = {}
  const state = () => disk.stateOf(owner)
  let lastCommit: Promise<unknown> = Promise.resolve()

  async function commitOne(batch: Batch): Promise<void> {
    state()
    await options.beforeCommit?.()
    state().apply(batch)
  }

  return {
    async open(run) {
      checkRun(run)
      const opened = disk.attach(owner)
      try {
        return startRun(opened, run, options.accept)
      } catch (error) {
        disk.detach(owner)
        throw error
      }
    },
    commit(batch) {
      const own = copyBatch(batch)
      const done = lastCommit.then(() => commitOne(own))
      lastCommit = done.catch(() => undefined)
      return done
    },
    async readLog(after, limit) {
      return takeEntries(state().entries.above(after), limit).map(copyEntry)
    },
    async readChannels(after, limit) {
      return takeItems(channelItems(state(), after, copyEntry), limit, state().head)
    },
    async readRecord(record) {
      return (state().records.get(record)?.entries ?? []).map(copyEntry)
    },
    async readEntries(seqs) {
      const { entryAt } = state()
      const ascending = [...new Set(seqs)].sort((left, right) => left - right)
      return ascending.flatMap((seq) => entryAt.get(seq) ?? []).map(copyEntry)
    },
    async readMarks(record) {
      return [...(state().records.get(record)?.marks.values() ?? [])].map((mark) => ({ ...mark }))
    },
    async rows(records) {
      const known = state().records
      return records.map((record) => known.get(record)?.row).map((row) => row && copyRow(row))
    },
    async scanRows(collection, after, limit) {
      const rows = state().rowsByCollection.get(collection)
      return rows ? take(rows.above(after), limit, ([, row]) => copyRow(row)) : []
    },
    async findRows(collection, equals) {
      return state().matching(collection, equals).filter(isShown).map(copyRow)
    },
    async channelRows(channel, after, limit) {
      return takeRows(shown(channelRows(state(), channel, after)), limit).map(({ seq, row }) => ({
        seq,
        row: copyRow(row),
      }))
    },
    async get(table, key) {
      const value = state().tables.get(table)?.get(key)
      return value && new Uint8Array(value)
    },
    async scan(table, { prefix, after, limit }) {
      const pairs = state().pairs(table, prefix, after)
      return take(pairs, limit, ([key, value]) => ({ key, value: new Uint8Array(value) }))
    },
    async size() {
      return sizeOf(state())
    },
    async close() {
      await lastCommit
      disk.detach(owner)
    },
  }
}

function startRun(state: LogIndex, run: string, accept: 'copy' | undefined): LogIdentity {
  if (state.runs.some((known) => known.run === run)) {
    throw new RangeError(`open: run ${run} was used before; every open needs a new random run`)
  }
  // The run is random already, and core has no randomness of its own.
  if (state.log === '' || accept === 'copy') state.log = run
  if (accept === 'copy') state.tables.delete('identity')
  state.runs.push({ run, first: state.head + 1 })
  return { log: state.log, runs: state.runs.map((row) => ({ ...row })), head: state.head }
}

function isShown(row: RecordRow): boolean {
  return row.view !== undefined
}

function* shown(rows: Iterable<ChannelRow>): Generator<ChannelRow> {
  for (const each of rows) if (isShown(each.row)) yield each
}

function sizeOf(state: LogIndex): Awaited<ReturnType<Store['size']>> {
  let bytes = 0
  let records = 0
  for (const entry of state.entries.above(0)) bytes += entry.bytes.length
  for (const { row } of state.records.values()) {
    if (!row) continue
    records += 1
    bytes += row.frontier.length + (row.view?.length ?? 0)
  }
  for (const table of state.tables.values())
    for (const [, value] of table.above(undefined)) bytes += value.length
  return { entries: state.entries.size, records, bytes }
}

function take<T, R>(items: Iterable<T>, limit: number, map: (item: T) => R): R[] {
  const taken: R[] = []
  for (const item of items) {
    if (taken.length >= limit) break
    taken.push(map(item))
  }
  return taken
}
