/**
 * What a walk remembers of the rows it has met: which were listed, as hashes of 8 bytes, and which were missing from the listing (SPEC B-118). Kept in the store, page by page, for a walk that is to survive its process;
 * in memory for a dry run, which leaves no trace.
 */
import { encodeUtf8, type Host } from '@skerry/core'
import type { Shared } from '../bridge-life.ts'
import { SCAN_ROWS } from '../limits.ts'
import { type BridgeTables, tableOf } from '../tables.ts'

export interface WalkNotes {
  keepPage(tables: BridgeTables, page: number, hashes: Float64Array): void
  pages(): AsyncGenerator<Float64Array>
  keepMissing(tables: BridgeTables, rowId: string): void
  dropMissing(tables: BridgeTables, rowId: string): void
  /** Some of them, those that were dropped left out. */
  missing(limit: number): Promise<string[]>
  clear(): Promise<void>
}

/** A row that collides with another, once in 10^10 for a million rows, is taken for listed; under the next walk's salt it is not. */
export function hashOf({ sha256 }: Pick<Host, 'sha256'>, salt: number, rowId: string): number {
  const bytes = sha256(encodeUtf8(`${salt} ${rowId}`))
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return view.getUint32(0) * 2 ** 21 + (view.getUint32(4) >>> 11)
}

/** Hashes of one part of all, ascending. */
export async function partOf(notes: WalkNotes, part: number, parts: number): Promise<Float64Array> {
  let hashes = new Float64Array(1024)
  let count = 0
  for await (const page of notes.pages())
    for (const hash of page) {
      if (hash % parts !== part) continue
      if (count === hashes.length) {
        const grown = new Float64Array(2 * count)
        grown.set(hashes)
        hashes = grown
      }
      hashes[count++] = hash
    }
  return hashes.subarray(0, count).sort()
}

export function isAmong(sorted: Float64Array, hash: number): boolean {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < hash) low = middle + 1
    else high = middle
  }
  return sorted[low] === hash
}

const present = new Uint8Array([1])

export function keptNotes(shared: Shared, type: string): WalkNotes {
  const prefix = `${type}\n`
  const { replica, context } = shared
  const rows = (kind: 'listed' | 'missing', limit: number, after?: string) =>
    replica.tableRows(tableOf(context.system, kind), { prefix, limit, ...(after && { after }) })
  return {
    keepPage: (tables, page, hashes) =>
      tables.put(
        'listed',
        `${prefix}${String(page).padStart(9, '0')}`,
        new Uint8Array(hashes.buffer, hashes.byteOffset, hashes.byteLength),
      ),
    async *pages() {
      for (let after: string | undefined; ; ) {
        const some = await rows('listed', SCAN_ROWS, after)
        for (const { value } of some) yield new Float64Array(value.slice().buffer)
        after = some.at(-1)?.key
        if (some.length < SCAN_ROWS) return
      }
    },
    keepMissing: (tables, rowId) => tables.put('missing', `${prefix}${rowId}`, present),
    dropMissing: (tables, rowId) => tables.put('missing', `${prefix}${rowId}`, undefined),
    missing: async (limit) => (await rows('missing', limit)).map(({ key }) => key.slice(prefix.length)),
    async clear() {
      for (const kind of ['listed', 'missing'] as const)
        for (;;) {
          const some = await rows(kind, SCAN_ROWS)
          if (some.length === 0) break
          await shared.transact(async (tables) => {
            for (const { key } of some) tables.put(kind, key, undefined)
          })
        }
    },
  }
}

export function passingNotes(): WalkNotes {
  const pages: Float64Array[] = []
  const missing = new Set<string>()
  return {
    keepPage: (_, page, hashes) => {
      pages[page] = hashes
    },
    async *pages() {
      yield* pages
    },
    keepMissing: (_, rowId) => missing.add(rowId),
    dropMissing: (_, rowId) => missing.delete(rowId),
    missing: async (limit) => [...missing].slice(0, limit),
    async clear() {
      pages.length = 0
      missing.clear()
    },
  }
}
