/** One document, read and written by several versions of a collection. */
import { expect } from 'vitest'
import * as z from 'zod'
import { type Collection, collection } from './collection.ts'
import type { Lens } from './lens.ts'
import { type Peer, withPeers } from './peer.test-support.ts'
import type { Json, JsonObject } from './shape.ts'
import type { Migrations } from './versions.ts'
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

export const of = (schema: z.ZodObject, version = 1, migrations: Migrations = {}) =>
  collection('things', schema, { version, migrations }) as Collection
/** Version 2, which these lenses lead to. */
export const steps = (schema: z.ZodObject, ...lenses: Lens[]) => of(schema, 2, { 2: lenses })
export const two = (work: (a: Peer, b: Peer) => void) => withPeers(of(z.object({})).shape, 2, work)
export const set = (field: string, value: Json) => (draft: JsonObject) => {
  draft[field] = value
}

/** `a` writes `before` with `old`; then both versions edit at once and meet. Tells what each version shows. */
export function atOnce(
  [old, now]: readonly [Collection, Collection],
  before: JsonObject,
  left: (draft: JsonObject) => void,
  right: (draft: JsonObject) => void,
): [old: JsonObject, now: JsonObject] {
  let shown: [JsonObject, JsonObject] = [{}, {}]
  two((a, b) => {
    assignAs(old, a, before)
    meet(a, b)
    editAs(old, a, left)
    editAs(now, b, right)
    meet(a, b)
    expect(shownBy(now, a)).toEqual(shownBy(now, b))
    shown = [shownBy(old, a), shownBy(now, b)]
  })
  return shown
}
