/**
 * The store itself: core's port over frames in IndexedDB (SPEC.md). Reads ask the index what lies where, fetch the bodies that are not at hand, and cut out copies; writing is frame-log.ts.
 */
import {
  channelItems,
  channelRows,
  checkRun,
  type RecordRow,
  type Store,
  type StoredEntry,
  StoreError,
  takeEntries,
  takeItems,
  takeRows,
} from '@skerry/core'
import { Connection, databaseName } from './connection.ts'
import { entryIn, rowIn, valueIn } from './contents.ts'
import type { Index, PlacedEntry, PlacedRow } from './frame.ts'
import { FrameLog } from './frame-log.ts'
import { LOCK_MS_MAX, takeLock } from './lock.ts'
import { noteClosed } from './log-turn.ts'
import { openLog } from './opening.ts'
import { type Picked, picked } from './picked.ts'
import { healthAfter, persistStorage, type StorageHealth, storageHealth } from './storage-health.ts'

/** Milliseconds after opening when what is to be written first is written, if nothing was: what is read at a start has been read by then, and the first edit does not wait for it. */
const BEGIN_MS = 500

export interface IdbStoreOptions {
  /** Of the log; the database is `skerry:NAME`. */
  name: string
  /** Who this is, for whoever finds the store locked. Default: the address of the page or worker. */
  owner?: string
  /** Drops what can be fetched again, such as caches of photos. Called when a commit finds no room, which is then tried once more. */
  makeRoom?: () => Promise<void>
}

export interface IdbStore extends Store {
  /** What the browser will do with what is stored; `failed` as long as commits fail. */
  health(): Promise<StorageHealth>
  /** Asks the browser to keep it. Only a page can ask. */
  persist(): Promise<StorageHealth>
}

export function idbStore({ name, owner = here(), makeRoom }: IdbStoreOptions): IdbStore {
  const connection = new Connection(name)
  let freeLock: (() => Promise<void>) | undefined
  let open: FrameLog | undefined

  function opened(): FrameLog {
    if (open) return open
    throw new StoreError('closed', `store ${name} is not open: it was never opened, or was closed`)
  }

  async function release(): Promise<void> {
    open = undefined
    connection.close()
    await freeLock?.()
    freeLock = undefined
  }

  async function read<T>(pick: (index: Index) => Picked<T>): Promise<T> {
    const { index, bodies } = opened()
    return picked(index, bodies, pick)
  }

  function entries(pick: (index: Index) => PlacedEntry[]): Promise<StoredEntry[]> {
    return read((index) => {
      const placed = pick(index).map(pinned)
      return {
        spans: placed.map(({ bytes }) => bytes),
        build: (bodies) => placed.map((one) => entryIn(bodies, one)),
      }
    })
  }

  function rows(pick: (index: Index) => PlacedRow[]): Promise<RecordRow[]> {
    return read((index) => {
      const placed = pick(index).map(pinned)
      return {
        spans: placed.map(({ bytes }) => bytes),
        build: (bodies) => placed.map((one) => rowIn(bodies, one)),
      }
    })
  }

  return {
    async open(run) {
      checkRun(run)
      freeLock = await lockOf(name)
      try {
        await connection.open()
        open = new FrameLog(connection, await openLog(connection, name, run, ownerText(owner)), makeRoom)
        // The first commit tries again, and tells what it meets. Once the store is closed, nothing is done.
        setTimeout(() => open?.begin().catch(() => undefined), BEGIN_MS)
        return open.identity
      } catch (error) {
        await release()
        throw error
      }
    },
    async commit(batch) {
      await opened().commit(batch)
    },

    readLog: (after, limit) => entries((index) => takeEntries(index.entries.above(after), limit)),
    readRecord: (record) => entries((index) => index.records.get(record)?.entries ?? []),
    readEntries: (seqs) =>
      entries(({ entryAt }) =>
        [...new Set(seqs)].sort((left, right) => left - right).flatMap((seq) => entryAt.get(seq) ?? []),
      ),
    readChannels: (after, limit) =>
      read((index) => {
        const page = takeItems(channelItems(index, after, pinned), limit, index.head)
        const told = page.items.flatMap((item) =>
          item.kind === 'entry' ? [item.entry] : item.kind === 'enter' ? item.entries : [],
        )
        return {
          spans: told.map(({ bytes }) => bytes),
          build: (bodies) => ({
            ...page,
            items: page.items.map((item) => {
              if (item.kind === 'leave') return item
              if (item.kind === 'entry') return { ...item, entry: entryIn(bodies, item.entry) }
              return { ...item, entries: item.entries.map((entry) => entryIn(bodies, entry)) }
            }),
          }),
        }
      }),
    async readMarks(record) {
      return [...(opened().index.records.get(record)?.marks.values() ?? [])].map((mark) => ({ ...mark }))
    },

    rows: (records) =>
      read((index) => {
        const placed = records
          .map((record) => index.records.get(record)?.row)
          .map((row) => row && pinned(row))
        return {
          spans: placed.flatMap((row) => row?.bytes ?? []),
          build: (bodies) => placed.map((row) => row && rowIn(bodies, row)),
        }
      }),
    async scanRows(collection, after, limit) {
      const above = (index: Index, key: string) =>
        take(index.rowsByCollection.get(collection)?.above(key) ?? [], limit).map(([, row]) => row)
      const page = await rows((index) => above(index, after))
      // Who reads a whole page mostly asks for the next, and the browser reads that while he looks at this.
      if (page.length === limit && open)
        open.bodies.loadAhead(above(open.index, page.at(-1)!.record).map(({ bytes }) => bytes))
      return page
    },
    findRows: (collection, equals) => rows((index) => index.matching(collection, equals).filter(isShown)),
    channelRows: (channel, after, limit) =>
      read((index) => {
        const placed = takeRows(shown(channelRows(index, channel, after)), limit)
        const pins = placed.map(({ seq, row }) => ({ seq, row: pinned(row) }))
        return {
          spans: pins.map(({ row }) => row.bytes),
          build: (bodies) => pins.map(({ seq, row }) => ({ seq, row: rowIn(bodies, row) })),
        }
      }),

    get: (table, key) =>
      read((index) => {
        const span = index.tables.get(table)?.get(key)
        return { spans: span ? [span] : [], build: (bodies) => span && valueIn(bodies, table, key, span) }
      }),
    scan: (table, { prefix, after, limit }) =>
      read((index) => {
        const pairs = take(index.pairs(table, prefix, after), limit)
        return {
          spans: pairs.map(([, span]) => span),
          build: (bodies) => pairs.map(([key, span]) => ({ key, value: valueIn(bodies, table, key, span) })),
        }
      }),

    async size() {
      const { index, bytes } = opened()
      let records = 0
      for (const { size } of index.rowsByCollection.values()) records += size
      return { entries: index.entries.size, records, bytes }
    },
    async close() {
      const closing = open
      open = undefined
      if (await closing?.settled()) await noteClosed(connection)
      await release()
    },

    health: () => (open?.failure ? healthAfter(open.failure) : storageHealth()),
    async persist() {
      const health = await persistStorage()
      return open?.failure ? healthAfter(open.failure) : health
    },
  }
}

/** As it is now: a merge changes where the index says that it lies. */
function pinned<Placed extends PlacedEntry | PlacedRow>(placed: Placed): Placed {
  return { ...placed }
}

function isShown({ view }: PlacedRow): boolean {
  return view !== undefined
}

function* shown<Row extends { row: PlacedRow }>(rows: Iterable<Row>): Generator<Row> {
  for (const each of rows) if (isShown(each.row)) yield each
}

function take<T>(items: Iterable<T>, limit: number): T[] {
  const taken: T[] = []
  for (const item of items) {
    if (taken.length >= limit) break
    taken.push(item)
  }
  return taken
}

/** Node has no location. */
function here(): string {
  const { location }: { location?: Location } = globalThis
  return location?.href ?? 'this process'
}

function ownerText(owner: string): string {
  return `${owner}, since ${new Date().toISOString()}`
}

/** @throws StoreError locked */
async function lockOf(name: string): Promise<() => Promise<void>> {
  const free = await takeLock(databaseName(name), LOCK_MS_MAX)
  if (free) return free
  throw new StoreError(
    'locked',
    `open ${name}: ${await ownerOf(name)} has it open; close that first, or talk to it`,
  )
}

/** What the owner wrote of itself, if it came to that. */
async function ownerOf(name: string): Promise<string> {
  const connection = new Connection(name)
  try {
    await connection.open()
    return (
      (await connection.read('look into', ['meta'], (tx) => tx.objectStore('meta').get('owner'))) ??
      'another tab'
    )
  } catch (error) {
    if (error instanceof StoreError) return `another tab (${error.message})`
    throw error
  } finally {
    connection.close()
  }
}
