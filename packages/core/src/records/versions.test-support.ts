/** One document, read and written by several versions of a collection. */
import type { Collection } from './collection.ts'
import type { Peer } from './peer.test-support.ts'
import type { JsonObject } from './shape.ts'
import { viewOf } from './view.ts'

/** What the peer's document holds, as this version keeps it. */
export function storedIn(peer: Peer, { versions }: Collection): JsonObject {
  return viewOf(versions.stored, peer.document.read()).value
}

export function shownBy(of: Collection, peer: Peer): JsonObject {
  return of.versions.view(storedIn(peer, of))
}

/** Makes this version's view of the peer's document `after`. */
export function assignAs(of: Collection, peer: Peer, after: JsonObject): void {
  const isNew = peer.changes.size === 0
  const stored = storedIn(peer, of)
  peer.version = of.versions.number
  peer.write(of.versions.edits(isNew ? undefined : stored, after))
}

/** Changes what this version shows. */
export function editAs(of: Collection, peer: Peer, change: (draft: JsonObject) => void): void {
  const draft = JSON.parse(JSON.stringify(shownBy(of, peer))) as JsonObject
  change(draft)
  assignAs(of, peer, draft)
}

/** Each takes what the other has. */
export function meet(a: Peer, b: Peer): void {
  a.take(b)
  b.take(a)
}
