/** Who wrote what stands in a plain field: a rule that asks where a value came from needs the writer of the value, not of the last change that touched the record. */
import type { Document } from '../engine/document.ts'
import type { Json } from './shape.ts'
import type { Versions } from './versions.ts'

export interface Written {
  value: Json
  actor: string
}

/** Values of a field at the root: the one that shows, then those written beside it. Empty for a field that is absent, merges, or that this version does not show. */
export function writtenIn(document: Document, versions: Versions, field: string): Written[] {
  const root = document.container([])
  const key = versions.storedAs(field)?.key
  const named = key === undefined ? undefined : versions.named([key])
  if (!root || key === undefined || !named) return []
  // The engine lists the one that shows last.
  return document
    .values(root.id, key)
    .reverse()
    .flatMap(({ value: stored, operation }) => {
      const value = named.read(stored)
      return value === undefined ? [] : [{ value, actor: operation.slice(operation.indexOf('@') + 1) }]
    })
}
