/** A record's changes as a list that people can read. */
import { actorKind } from '../change/actors.ts'
import type { Document } from '../engine/document.ts'
import { isReservedKey } from './shape.ts'
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
  document: Document,
  versions: Versions,
  authorOf: (actor: string) => Promise<string | undefined>,
  since: readonly string[] = [],
): Promise<HistoryItem[]> {
  const items: HistoryItem[] = []
  for (const change of document.history(since)) {
    if (actorKind(change.actor) === 'container') continue
    const touched = document
      .touched(change.deps, [change.hash])
      .filter((path) => !path.some(isReservedKey))
      .flatMap((path) => {
        const named = versions.named(path)
        return named ? [named.path] : []
      })
    const fields = [...new Map(touched.map((path) => [JSON.stringify(path), path])).values()]
    items.push({
      hash: change.hash,
      actor: change.actor,
      seq: change.seq,
      author: await authorOf(change.actor),
      time: change.time * 1000,
      fields,
    })
  }
  return items
}
