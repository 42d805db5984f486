/** Writing as this replica: edits become changes, changes a signed entry, and the record's frontier follows. */
import { actorKind } from '../change/actors.ts'
import { parseBatch } from '../change/batch.ts'
import { defaultChangeLimits } from '../change/limits.ts'
import { type ParsedChange, parseChange } from '../change/parse.ts'
import { ChangeRefused } from '../change/refused.ts'
import type { Host } from '../host.ts'
import { EntryError, encodeChanges, encodeEntry } from '../log/entry.ts'
import { cloneFrontier } from '../log/frontier.ts'
import type { Edit } from '../records/edits.ts'
import { WriteError, writeEdits } from '../records/write.ts'
import type { Seq } from '../store/port.ts'
import type { Identity } from './identity.ts'
import {
  ACTORS_PER_RECORD_MAX,
  ENTRY_LIMITS,
  HEADS_PER_RECORD_MAX,
  OPERATIONS_PER_RECORD_MAX,
} from './limits.ts'
import type { OpenRecord } from './open-record.ts'
import type { Turn } from './turn.ts'

/** An edit that this replica cannot write; nothing of it was kept. */
export class EditRefused extends Error {
  override readonly name = 'EditRefused'
  readonly code: string
  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

export interface Author {
  host: Host
  identity: Identity
  /** Keeps who writes under this actor, unless it is kept. */
  bindOwn(turn: Turn, actor: string): Promise<void>
}

/** Appends the edits as one entry of this replica. Returns its sequence, or undefined when there was nothing to write. */
export async function writeRecord(
  turn: Turn,
  author: Author,
  record: OpenRecord,
  edits: readonly Edit[],
  /** When they were made; milliseconds since 1970. */
  at: number = author.host.now(),
): Promise<Seq | undefined> {
  return orUndo(turn, record, async () => {
    const { host } = author
    const changes = withinLimits(record.key, () => {
      const { containers, own } = writeEdits(record.document, edits, {
        record: record.key,
        incarnation: record.frontier.incarnation,
        host,
        time: Math.floor(at / 1000),
        version: record.collection?.versions.number ?? 1,
        knows: (actor) => record.frontier.seqs.has(actor),
      })
      return [...containers, ...own]
    })
    return changes.length === 0
      ? undefined
      : append(turn, author, record, parseOwn(changes, record, author.host))
  })
}

/** Applies these changes to the record and appends them. @throws EditRefused above a ceiling */
export async function writeChanges(
  turn: Turn,
  author: Author,
  record: OpenRecord,
  changes: readonly ParsedChange[],
): Promise<Seq> {
  return orUndo(turn, record, () => {
    const parse = (bytes: Uint8Array) => parseChange(bytes, author.host, defaultChangeLimits)
    if (!record.followPlainly(changes, parse)) record.document.apply(changes.map(({ bytes }) => bytes))
    return append(turn, author, record, changes)
  })
}

/** A turn may go on after an edit that was refused: the record is then as it was before, opened anew. */
async function orUndo<T>(turn: Turn, record: OpenRecord, write: () => Promise<T>): Promise<T> {
  const before = cloneFrontier(record.frontier)
  const touched = turn.decisions.touched.has(record.key)
  turn.touch(record)
  try {
    return await write()
  } catch (error) {
    await turn.restore(record, before, touched)
    throw error
  }
}

/** Appends changes that the record holds already. */
async function append(
  turn: Turn,
  author: Author,
  record: OpenRecord,
  parsed: readonly ParsedChange[],
): Promise<Seq> {
  const last = parsed.at(-1)!
  const made = parsed.filter((change) => change.actorHex === last.actorHex).length
  const expected = (record.frontier.seqs.get(last.actorHex) ?? 0) + made
  if (last.seq !== expected)
    throw new Error(
      `${record.key}: the engine made change ${last.seq} of this actor, ${expected} was next; a change would be lost`,
    )
  followChanges(record, parsed)
  checkRecordSize(record)
  if (actorKind(last.actorHex) === 'run') await author.bindOwn(turn, last.actorHex)
  const { incarnation } = record.frontier
  const signed = { record: record.key, incarnation }
  const signature = await author.identity.signChanges(signed, last.actorHex, last.seq, last.hash)
  const bytes = withinLimits(record.key, () =>
    encodeEntry({
      kind: 'changes',
      record: record.key,
      incarnation,
      signature,
      body: encodeChanges(parsed.map(({ bytes: change }) => change)),
    }),
  )
  const seq = turn.append({ kind: 'changes', record: record.key, bytes })
  record.frontier.ownSeq = seq
  return seq
}

/** The frontier after these changes were applied to the record's document. */
export function followChanges(record: OpenRecord, parsed: readonly ParsedChange[]): void {
  const { frontier } = record
  for (const change of parsed) {
    frontier.seqs.set(change.actorHex, Math.max(change.seq, frontier.seqs.get(change.actorHex) ?? 0))
    frontier.maxOp = Math.max(frontier.maxOp, change.maxOp)
  }
  record.grew(parsed)
}

/** @throws EditRefused record-too-large, too-many-heads */
export function checkRecordSize({ key, frontier }: OpenRecord): void {
  const refuse = (code: string, has: number, what: string, limit: number, help: string) => {
    if (has > limit) throw new EditRefused(code, `${key} would have ${has} ${what}: limit ${limit}; ${help}`)
  }
  const start = 'start a new record, or move long text into a blob'
  refuse('record-too-large', frontier.maxOp, 'operations', OPERATIONS_PER_RECORD_MAX, start)
  refuse('record-too-large', frontier.seqs.size, 'authors and containers', ACTORS_PER_RECORD_MAX, start)
  const later = 'write it again after the next sync, on top of the others'
  refuse('too-many-heads', frontier.heads.length, 'concurrent changes', HEADS_PER_RECORD_MAX, later)
}

/** @throws EditRefused for changes above a ceiling */
export function parseOwn(
  changes: readonly Uint8Array[],
  record: OpenRecord,
  host: Host,
): readonly ParsedChange[] {
  return withinLimits(record.key, () => parseBatch(changes, host, defaultChangeLimits, ENTRY_LIMITS))
}

/** @throws EditRefused instead of what the layers below say of bytes they will not have */
function withinLimits<T>(record: string, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    if (cause instanceof ChangeRefused || cause instanceof EntryError || cause instanceof WriteError)
      throw new EditRefused(
        cause.code,
        `editing ${record}: one edit is too large or not allowed (${cause.message}); split it`,
        { cause },
      )
    throw cause
  }
}
