/** Which records of this replica have a blob: asked when one is dropped, or a hub went back to a backup, which are rare, so nothing is kept for it. */
import type { JsonObject, Store } from '@skerry/core'
import { refersTo } from './blob-ref.ts'
import { REFERRING_ROWS } from './limits.ts'

const HASHES = /[0-9a-f]{64}/g

/** Key of a record that refers to the blob here; undefined: none does. */
export async function recordReferring(
  rows: Pick<Store, 'scanRows'>,
  collections: Iterable<string>,
  sha256: string,
): Promise<string | undefined> {
  return (await recordsReferring(rows, collections, new Map([[sha256, '']]))).get(sha256)
}

/** By hash of each blob that a record here refers to, its key. @param wanted by hash, the record that is preferred where it is one of them */
export async function recordsReferring(
  rows: Pick<Store, 'scanRows'>,
  collections: Iterable<string>,
  wanted: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  const look = (record: string, view: string) => {
    for (const [sha256] of view.matchAll(HASHES)) {
      const isBetter = wanted.get(sha256) === record || !found.has(sha256)
      if (wanted.has(sha256) && isBetter && refersTo(JSON.parse(view) as JsonObject, sha256))
        found.set(sha256, record)
    }
  }
  for (const collection of collections) {
    for (let after = ''; ; ) {
      const page = await rows.scanRows(collection, after, REFERRING_ROWS)
      for (const { record, view } of page) if (view) look(record, view)
      if (page.length < REFERRING_ROWS) break
      after = page.at(-1)!.record
    }
  }
  return found
}
