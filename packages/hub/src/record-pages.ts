/** Pages of a collection as the store keeps it, each caller seeing only records in the channels it may read. Reads rows, never documents. */
import {
  type Collection,
  decodeFrontier,
  type IndexValue,
  idOf,
  type JsonObject,
  keyOf,
  type RecordRow,
  type Store,
} from '@skerry/core'
import { type Caller, mayRead } from './caller.ts'
import { PAGE_ROWS_SCANNED_MAX } from './limits.ts'

/** Where rows are read; the replica's own, since a damaged one is made anew there. */
type Rows = Pick<Store, 'rows' | 'scanRows' | 'findRows'>

export interface FoundRecord {
  id: string
  value: JsonObject
}

export interface Page {
  records: FoundRecord[]
  /** Record key to go on from; absent at the end. A page may be short, or empty, and still have one. */
  next?: string
}

export interface PageRequest {
  collection: Collection
  caller: Caller
  /** Record key; empty at the beginning. */
  after: string
  limit: number
  /** Declared index and the text of its value. */
  filters: readonly (readonly [field: string, text: string])[]
}

/** Rows read from the store at once. */
const SCAN_ROWS = 1_000

export async function readPage(store: Rows, request: PageRequest): Promise<Page> {
  const records: FoundRecord[] = []
  let scanned = 0
  let last = request.after
  for await (const row of rowsOf(store, request)) {
    if (records.length >= request.limit || scanned >= PAGE_ROWS_SCANNED_MAX) return { records, next: last }
    scanned += 1
    last = row.record
    const record = visible(row, request)
    if (record) records.push(record)
  }
  return { records }
}

/** The record; undefined: there is none; `hidden`: it is in no channel the caller may read (which of the two is not told). */
export async function readOne(
  store: Rows,
  collection: Collection,
  caller: Caller,
  id: string,
): Promise<FoundRecord | 'hidden' | undefined> {
  const [row] = await store.rows([keyOf(collection.name, id)])
  if (row?.view === undefined) return undefined
  return visible(row, { caller, filters: [] }) ?? 'hidden'
}

function visible(
  row: RecordRow,
  { caller, filters }: Pick<PageRequest, 'caller' | 'filters'>,
): FoundRecord | undefined {
  if (row.view === undefined || !mayRead(caller, decodeFrontier(row.frontier).channels)) return undefined
  const value = JSON.parse(row.view) as JsonObject
  if (filters.some(([field, text]) => String(value[field] ?? null) !== text)) return undefined
  return { id: idOf(row.record), value }
}

async function* rowsOf(store: Rows, { collection, after, filters }: PageRequest): AsyncGenerator<RecordRow> {
  const [filter] = filters
  if (filter) {
    yield* await foundRows(store, collection.name, after, filter)
    return
  }
  let position = after
  for (;;) {
    const rows = await store.scanRows(collection.name, position, SCAN_ROWS)
    yield* rows
    if (rows.length < SCAN_ROWS) return
    position = rows.at(-1)!.record
  }
}

/** One filter is looked up in its index; the others are checked row by row. */
async function foundRows(
  store: Rows,
  collection: string,
  after: string,
  [field, text]: readonly [string, string],
): Promise<RecordRow[]> {
  const found = await Promise.all(readings(text).map((value) => store.findRows(collection, [[field, value]])))
  return found
    .flat()
    .filter((row) => row.record > after)
    .sort((a, b) => (a.record < b.record ? -1 : 1))
}

/** A URL has only text: `7` may stand for a number or a string, `true` for a boolean or a string. */
function readings(text: string): IndexValue[] {
  const values: IndexValue[] = [text]
  if (String(Number(text)) === text) values.push(Number(text))
  if (text === 'true' || text === 'false') values.push(text === 'true')
  if (text === 'null') values.push(null)
  return values
}
