/** What was fetched, or has been confirmed, is a cache: what was used longest ago goes first when it is above its budget. Originals are no part of it (SPEC.md, BL-22, BL-62). */
import type { Ledger } from './ledger.ts'
import type { BlobStore } from './store/port.ts'

/** Resolves with the hashes that were given up. */
export async function evict(
  store: BlobStore,
  ledger: Ledger,
  { bytesMax, keep }: { bytesMax: number; keep: ReadonlySet<string> },
): Promise<string[]> {
  const rows = (await ledger.all()).filter(({ state }) => state === 'at-hub')
  const here: typeof rows = []
  for (const row of rows) if (await store.stat(row.sha256)) here.push(row)
  let bytes = here.reduce((sum, row) => sum + row.bytes, 0)
  const gone: string[] = []
  for (const row of here.sort((a, b) => a.usedAt - b.usedAt)) {
    if (bytes <= bytesMax) break
    if (keep.has(row.sha256)) continue
    await store.delete(row.sha256)
    bytes -= row.bytes
    gone.push(row.sha256)
  }
  return gone
}
