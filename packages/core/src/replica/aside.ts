/**
 * Edits that the hub would not take. They leave the record and its log (nobody else has them), and are kept beside it with the hub's words, so that the app can
 * show them, write them again later, or drop them.
 */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { diffViews, type Edit } from '../records/edits.ts'
import type { LoggedEntry, Seq } from '../store/port.ts'
import { defaultChangeLimits } from '../change/limits.ts'
import { parseChange } from '../change/parse.ts'
import type { Host } from '../host.ts'
import { cloneFrontier, type Frontier } from '../log/frontier.ts'
import type { Refusal } from '../session/port.ts'
import type { OpenRecord } from './open-record.ts'
import { changesOf, type Turn } from './turn.ts'

export const ASIDE_TABLE = 'aside'

export interface AsideEdit {
  /** Names it for `reapply` and `drop`. */
  key: string
  record: string
  code: string
  reason: string
  /** What the edits did, against the record as it is without them. */
  edits: Edit[]
  /** Wall clock here, milliseconds since 1970. */
  at: number
}

/** Takes the record's own edits from the first refused one on out of the log. Returns what was set aside. */
export async function setAside(turn: Turn, host: Host, key: string, refusals: readonly Refusal[]): Promise<AsideEdit | undefined> {
  const record = await turn.open(key)
  const entries = await turn.entriesOf(key)
  const first = refusals[0]!
  const mine = entries.filter((entry) => entry.kind === 'changes' && !entry.origin && entry.seq >= first.seq)
  if (mine.length === 0) return undefined
  const withEdits = record.visible ?? {}
  for (const entry of mine) turn.remove(entry.seq)
  const kept = entries.filter((entry) => !mine.includes(entry))
  const frontier = frontierOf(record, kept, host)
  const restored = await turn.restore(record, frontier, true)
  restored.changed()
  const aside: AsideEdit = {
    key: `${key}\n${String(first.seq).padStart(15, '0')}`,
    record: key,
    code: first.code,
    reason: first.reason,
    edits: record.collection ? diffViews(record.collection.shape, restored.visible ?? {}, withEdits) : [],
    at: host.now(),
  }
  turn.put(ASIDE_TABLE, aside.key, encodeUtf8(JSON.stringify(aside)))
  if (kept.length === 0) turn.forget(restored)
  return aside
}

function frontierOf(record: OpenRecord, kept: readonly LoggedEntry[], host: Host): Frontier {
  const frontier = { ...cloneFrontier(record.frontier), heads: [], seqs: new Map<string, number>(), maxOp: 0, ownSeq: 0 as Seq }
  for (const entry of kept) {
    if (!entry.origin && entry.kind === 'changes') frontier.ownSeq = entry.seq
    for (const bytes of changesOf(entry)) {
      const change = parseChange(bytes, host, defaultChangeLimits)
      frontier.seqs.set(change.actorHex, Math.max(change.seq, frontier.seqs.get(change.actorHex) ?? 0))
      frontier.maxOp = Math.max(frontier.maxOp, change.maxOp)
    }
  }
  return frontier
}

export function decodeAside(value: Uint8Array): AsideEdit {
  return JSON.parse(decodeUtf8(value) ?? '') as AsideEdit
}
