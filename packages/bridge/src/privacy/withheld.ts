/**
 * What may stand in no table of a bridge: fields that are never bridged, and the plain values of those that are bridged as hashes (SPEC B-157 to B-159). Whatever is kept of a record goes
 * through here on its way into a table, whoever puts it there.
 */
import { collectionOf, type JsonObject } from '@skerry/core'
import { isSameOrInside, type Path } from '../mapping/path.ts'
import type { OutboxItem } from '../outbox.ts'
import type { ReviewItem } from '../review/item.ts'
import type { Shadow } from '../shadow.ts'
import { without } from './without.ts'

/** Paths of records, by collection. */
export type Withheld = ReadonlyMap<string, readonly Path[]>

export const nothingWithheld: Withheld = new Map()

/** Of a collection in several mappings all that any of them withholds. */
export function withheldBy(
  mappings: readonly { collection: { name: string }; withheld: readonly Path[] }[],
): Withheld {
  const all = new Map<string, Path[]>()
  for (const { collection, withheld } of mappings)
    if (withheld.length > 0) all.set(collection.name, [...(all.get(collection.name) ?? []), ...withheld])
  return all
}

const none = new Uint8Array(0)

/** Of a record of which something is withheld the document is not kept either, which has all of it: it is made again of the record's history. */
export function shadowAtRest(withheld: Withheld, record: string, shadow: Shadow): Shadow {
  const paths = withheld.get(collectionOf(record))
  return paths ? { ...shadow, view: without(shadow.view, paths), document: none } : shadow
}

export function itemAtRest(withheld: Withheld, record: string, item: OutboxItem): OutboxItem {
  const paths = withheld.get(collectionOf(record))
  if (!paths || item.state !== 'begun') return item
  return { ...item, view: without(item.view, paths), document: none }
}

export function reviewAtRest(withheld: Withheld, record: string, item: ReviewItem): ReviewItem {
  const paths = withheld.get(collectionOf(record))
  const { whole } = item
  if (!paths || !whole) return item
  const less = <Value extends JsonObject | null>(value: Value) => (value && without(value, paths)) as Value
  return {
    ...item,
    whole: { ...whole, agreed: less(whole.agreed), ours: less(whole.ours), theirs: less(whole.theirs) },
  }
}

/** True for a place in the record that is withheld, lies in one that is, or holds one. */
export function isWithheld(withheld: Withheld, record: string, steps: readonly string[]): boolean {
  return (withheld.get(collectionOf(record)) ?? []).some((path) => isSameOrInside(path.steps, steps))
}
