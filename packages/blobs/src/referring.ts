/** Which record of this replica has a blob: asked when one is dropped, which is rare, so nothing is kept for it. */
import type { JsonObject, Store } from '@skerry/core'
import { refersTo } from './blob-ref.ts'
import { REFERRING_ROWS } from './limits.ts'

/** Key of a record that refers to the blob here; undefined: none does. */
export async function recordReferring(
  rows: Pick<Store, 'scanRows'>,
  collections: Iterable<string>,
  sha256: string,
): Promise<string | undefined> {
  for (const collection of collections) {
    for (let after = ''; ; ) {
      const page = await rows.scanRows(collection, after, REFERRING_ROWS)
      const found = page.find(
        ({ view }) => view?.includes(sha256) && refersTo(JSON.parse(view) as JsonObject, sha256),
      )
      if (found) return found.record
      if (page.length < REFERRING_ROWS) break
      after = page.at(-1)!.record
    }
  }
  return undefined
}
