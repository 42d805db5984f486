/** What a record's entries say of it, where its row does not: the row is to be made anew, of other entries or of the same. */
import { defaultChangeLimits } from '../change/limits.ts'
import { parseChange } from '../change/parse.ts'
import type { Host } from '../host.ts'
import { cloneFrontier, type Frontier } from '../log/frontier.ts'
import type { LoggedEntry } from '../store/port.ts'
import { changesOf } from './turn.ts'

/** But for the heads, which the record's document tells. What no entry says (channels, who holds it) stays as it was. */
export function frontierFrom(before: Frontier, entries: readonly LoggedEntry[], host: Host): Frontier {
  const frontier = {
    ...cloneFrontier(before),
    heads: [],
    seqs: new Map<string, number>(),
    maxOp: 0,
    ownSeq: 0,
  }
  for (const entry of entries) {
    if (!entry.origin && entry.kind === 'changes') frontier.ownSeq = entry.seq
    for (const bytes of changesOf(entry, host)) {
      const change = parseChange(bytes, host, defaultChangeLimits)
      frontier.seqs.set(change.actorHex, Math.max(change.seq, frontier.seqs.get(change.actorHex) ?? 0))
      frontier.maxOp = Math.max(frontier.maxOp, change.maxOp)
    }
  }
  return frontier
}
