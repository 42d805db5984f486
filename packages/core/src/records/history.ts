/** A record's changes as a list that people can read. */
import { actorKind } from '../change/actors.ts'
import type { Document } from '../engine/document.ts'
import { isReservedKey } from './shape.ts'
import type { TouchedFields } from './touched-fields.ts'
import type { Versions } from './versions.ts'

export interface HistoryItem {
  /** Change hash, hex. */
  hash: string
  actor: string
  /** Counts the actor's changes of this record from 1: what a receipt speaks of. */
  seq: number
  /** Subject of the credential that signed it; undefined while unknown. */
  author: string | undefined
  /** Milliseconds since 1970, as the author's clock said; a label, not a proof. 0 of a row whose system does not say (W-16). */
  time: number
  /** Paths of the fields it touched, from the root, as this version of the schema names them. */
  fields: string[][]
}

/** Oldest first. Changes that only make a container are left out: nobody wrote them. @param since heads, all of which the document must have: only what came later */
export async function historyOf(
  { document, touched }: { document: Document; touched: TouchedFields },
  versions: Versions,
  authorOf: (actor: string) => Promise<string | undefined>,
  since: readonly string[] = [],
): Promise<HistoryItem[]> {
  const items: HistoryItem[] = []
  const isLater = laterThan(document, since)
  for (const { hash, actor, seq, time, paths } of touched.of(document)) {
    if (actorKind(actor) === 'container' || !isLater(hash)) continue
    const author = await authorOf(actor)
    items.push({ hash, actor, seq, author, time: time * 1000, fields: fieldsNamed(versions, paths) })
  }
  return items
}

function laterThan(document: Document, since: readonly string[]): (hash: string) => boolean {
  if (since.length === 0) return () => true
  const later = new Set(document.history(since).map(({ hash }) => hash))
  return (hash) => later.has(hash)
}

function fieldsNamed(versions: Versions, paths: readonly string[][]): string[][] {
  const named = paths
    .filter((path) => !path.some(isReservedKey))
    .flatMap((path) => {
      const field = versions.named(path)
      return field ? [[JSON.stringify(field.path), field.path] as const] : []
    })
  return [...new Map(named).values()]
}
