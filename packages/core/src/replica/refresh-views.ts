/**
 * Views, indexes and channels that are stored were made by some version of a collection. When a replica opens with another one, they are made anew before it is open, page by page; a row
 * remembers how far, so that a crash in the middle costs one page. Opening waits, because a query that sees some records as one version and some as another has no right answer.
 *
 * Documents are not touched. A replica that goes back to an older version makes the older views again, in the same way.
 */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import type { Collection } from '../records/collection.ts'
import type { ReplicaCore } from './replica-core.ts'
import type { Turn } from './turn.ts'

const VIEWS_TABLE = 'views'
/** Records of one commit: their documents are in memory together. */
const PAGE_ROWS = 200

interface Progress {
  /** By what the views are, or are being, made. */
  by: string
  /** The last record that was done; absent when all are. */
  upTo?: string
}

export async function refreshViews(core: ReplicaCore): Promise<void> {
  if (core.writer.head === 0) return begin(core)
  for (const collection of core.collections.values()) {
    const by = makerOf(collection)
    const progress = await readProgress(core, collection.name)
    if (progress?.by !== by) await refresh(core, collection, by, '')
    else if (progress.upTo !== undefined) await refresh(core, collection, by, progress.upTo)
  }
}

/** Whether views are stored that must be made anew. */
export async function areViewsOld(core: ReplicaCore): Promise<boolean> {
  if (core.writer.head === 0) return false
  for (const collection of core.collections.values()) {
    const progress = await readProgress(core, collection.name)
    if (progress?.by !== makerOf(collection) || progress.upTo !== undefined) return true
  }
  return false
}

/** An empty log has no views of another version; it remembers which those will be of that come. */
async function begin(core: ReplicaCore): Promise<void> {
  await core.writer.runFirst(async (turn) => {
    for (const collection of core.collections.values())
      remember(turn, collection.name, { by: makerOf(collection) })
  })
}

function remember(turn: Turn, collection: string, progress: Progress): void {
  turn.put(VIEWS_TABLE, collection, encodeUtf8(JSON.stringify(progress)))
}

/** What a stored row follows from, beside the document. The functions that compute channels and conversions cannot be compared: a new version says that they changed. */
function makerOf({ versions, indexes }: Collection): string {
  return JSON.stringify([versions.number, [...indexes].sort()])
}

async function refresh(core: ReplicaCore, { name }: Collection, by: string, from: string): Promise<void> {
  let upTo = from
  let refreshed = 0
  for (let isDone = false; !isDone; ) {
    const keys = (await core.store.scanRows(name, upTo, PAGE_ROWS)).map(({ record }) => record)
    isDone = keys.length < PAGE_ROWS
    upTo = keys.at(-1) ?? upTo
    const progress: Progress = isDone ? { by } : { by, upTo }
    await core.writer.run(async (turn) => {
      for (const key of keys) if (await refreshRecord(turn, key)) refreshed++
      remember(turn, name, progress)
    })
  }
  if (refreshed > 0)
    core.events({
      level: 'info',
      code: 'views-refreshed',
      message: `the views of ${refreshed} records of ${name} were made anew, as the collection says now`,
      fields: { collection: name, records: refreshed },
    })
}

async function refreshRecord(turn: Turn, key: string): Promise<boolean> {
  const record = await turn.open(key)
  // What the engine cannot load goes into quarantine, and keeps the view of another version until it is released.
  if (record.isNew || record.isQuarantined) return false
  // Asked for here, so that what cannot be loaded is known before anything else of the page is written.
  void record.view
  turn.touch(record)
  return true
}

async function readProgress({ store }: ReplicaCore, collection: string): Promise<Progress | undefined> {
  const value = await store.get(VIEWS_TABLE, collection)
  return value && (JSON.parse(decodeUtf8(value) ?? '{}') as Progress)
}
