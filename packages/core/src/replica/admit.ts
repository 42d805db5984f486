/**
 * Letting judged entries into the log: known ones are skipped, the rest are applied to their record and, unless the authority told them, weighed against
 * their author's rights. What is refused leaves no trace; what is accepted is appended as it came.
 */

import { toHex } from '../bytes/hex.ts'
import { actorKind } from '../change/actors.ts'
import { defaultChangeLimits } from '../change/limits.ts'
import { type ParsedChange, parseChange } from '../change/parse.ts'
import { ChangeRefused } from '../change/refused.ts'
import { checkAgainst } from '../change/structure.ts'
import { EngineError } from '../engine/document.ts'
import { firstWithoutEcho } from '../engine/echo.ts'
import type { Host } from '../host.ts'
import { type Credential, grants, SPACE_CHANNEL } from '../identity/credential.ts'
import type { Entry } from '../log/entry.ts'
import { cloneFrontier } from '../log/frontier.ts'
import type { Origin, Seq } from '../store/port.ts'
import { appendToChannels } from './append-entry.ts'
import { checkRecordSize, EditRefused, followChanges } from './author.ts'
import { bury, RECORD_GONE } from './bury.ts'
import { Forked, forkIn } from './fork.ts'
import { importedFrom } from './import-actor.ts'
import type { Isolation } from './isolation.ts'
import { type Judged, Refused } from './judge.ts'
import { collectionOf, type OpenRecord } from './open-record.ts'
import { ownTables, type Tables } from './own-tables.ts'
import { quarantineRefusal } from './quarantine-refusal.ts'
import { decodeReceipt, RECEIPTS_TABLE, ReceiptError, receiptKey } from './receipts.ts'
import type { Turn } from './turn.ts'

/** Keeps a kind of entry that belongs to no record of a collection. */
export interface KindHandler {
  /**
   * Looks at an entry that passed checksum and signature; `hash` is the sha256 of its body. Returns undefined when it is known already. Writes nothing yet, because
   * the entry may still be refused, and has no sequence. Throws `Refused`.
   */
  admit(
    tables: Pick<Tables, 'get' | 'scan'>,
    entry: { record: string; body: Uint8Array; hash: Uint8Array },
  ): Promise<Keeping | undefined>
  /** Where the entry stands in this log that is just this one; undefined when there is none. Asked when such an entry cannot be read any more. */
  seqOf?(
    tables: Pick<Tables, 'get' | 'scan'>,
    entry: { record: string; body: Uint8Array; hash: Uint8Array },
  ): Promise<Seq | undefined>
}

/** How an entry that a handler let in is kept. */
export interface Keeping {
  /** Channels the entry goes to. */
  channels: readonly string[]
  /** Writes what is kept of the entry beside it, in the same append; `seq` is where it stands in this log. */
  keep(tables: Tables, seq: Seq): Promise<void>
}

export interface AdmitContext {
  host: Host
  origin: Origin | undefined
  /** False on an edge: entries of a collection it does not know are kept for whoever does. */
  strict: boolean
  kinds: ReadonlyMap<string, KindHandler>
  actors: ActorBook
  isolation: Isolation
  /** It is taken back, whatever its author may write. */
  waivesRights: boolean
  /** @throws Refused when these systems are lent to another node (LE-2) */
  checkLease(author: Credential, systems: readonly string[]): void
}

export interface ActorBook {
  /** Key (hex) that first signed under this actor; undefined if none has. */
  keyOf(turn: Turn, actor: string): Promise<string | undefined>
  bind(turn: Turn, actor: string, author: { publicKey: string; credential: string }): void
}

/** Returns the record when it changed. @throws Refused */
export async function admit(
  turn: Turn,
  judged: Judged,
  context: AdmitContext,
): Promise<OpenRecord | undefined> {
  const { kind } = judged.entry
  if (kind === 'changes') return admitChanges(turn, judged, context)
  if (kind === 'receipt') return admitReceipt(turn, judged, context)
  const handler = context.kinds.get(kind)
  if (!handler) throw new Refused('unsupported-kind', `entries of kind ${kind} are not kept here`)
  await admitKind(turn, judged, context, handler)
  return undefined
}

async function admitKind(
  turn: Turn,
  { entry, author, barred, bytes }: Judged,
  context: AdmitContext,
  handler: KindHandler,
): Promise<void> {
  const { kind, record, body } = entry
  const tables = ownTables(turn)
  const keeping = await handler.admit(tables, { record, body, hash: context.host.sha256(body) })
  if (!keeping) return
  if (barred) throw barred
  const foreign = keeping.channels.find(
    (channel) =>
      author && author.role !== 'authority' && (channel === SPACE_CHANNEL || !grants(author.write, channel)),
  )
  if (foreign !== undefined)
    throw new Refused(
      'channel-not-granted',
      `${author?.subject} may not write ${record} into ${foreign}; ask the operator for a credential that may write there`,
    )
  await keeping.keep(
    tables,
    await appendToChannels(turn, { kind, record, bytes, origin: context.origin }, keeping.channels),
  )
}

async function admitChanges(
  turn: Turn,
  judged: Judged,
  context: AdmitContext,
): Promise<OpenRecord | undefined> {
  const taken = await takeChanges(turn, judged, context)
  if (!taken) return undefined
  taken.bindActor()
  turn.append({
    kind: 'changes',
    record: judged.entry.record,
    bytes: judged.bytes,
    origin: context.origin,
  })
  return taken.record
}

export interface TakenChanges {
  record: OpenRecord
  /** Its actor belongs to its author from now on. To be called when nothing can be refused any more. */
  bindActor(): void
}

/** Applies what is new of these changes to their record, which then waits for an entry to be appended. Undefined when all is known. @throws Refused; nothing is left then */
export async function takeChanges(
  turn: Turn,
  judged: Judged,
  context: AdmitContext,
): Promise<TakenChanges | undefined> {
  const known = await turn.open(judged.entry.record)
  if (!known.collection && context.strict)
    throw new Refused(
      'unknown-collection',
      `there is no collection '${collectionOf(known.key)}' here; add it to the config`,
    )
  if (await isGone(turn, known, judged)) return undefined
  const record = await turn.open(judged.entry.record)
  const forked = forkIn(record, judged.changes)
  if (forked) throw new Forked(record.key, forked)
  const fresh = judged.changes.filter(
    (change) => change.seq > (record.frontier.seqs.get(change.actorHex) ?? 0),
  )
  if (fresh.length === 0) return undefined
  if (judged.barred) throw judged.barred
  if (record.isQuarantined) throw quarantineRefusal(record)
  const bindActor = await checkActors(turn, judged, fresh, context)
  // What the authority told in plain sequence needs neither weighing nor the engine.
  const parse = (change: Uint8Array) => parseChange(change, context.host, defaultChangeLimits)
  if (!judged.author && record.followPlainly(fresh, parse)) followChanges(record, fresh)
  else await applyWeighed(turn, record, fresh, judged, context)
  turn.touch(record)
  return { record, bindActor }
}

/** By the engine; what it or the author's rights refuse is undone. @throws Refused */
async function applyWeighed(
  turn: Turn,
  record: OpenRecord,
  fresh: readonly ParsedChange[],
  judged: Judged,
  { host, isolation, waivesRights }: AdmitContext,
): Promise<void> {
  const { author } = judged
  checkStructure(record, fresh)
  await isolation.mayTake(record, judged, fresh, () => turn.changesOf(record.key))
  const undo = {
    frontier: cloneFrontier(record.frontier),
    channels: author && !record.isNew ? record.channelsNow() : undefined,
  }
  const touched = turn.decisions.touched.has(record.key)
  try {
    record.document.apply(fresh.map((change) => change.bytes))
    followChanges(record, fresh)
    if (author) {
      checkEcho(record, undo.frontier.heads, fresh, host)
      checkRecordSize(record)
      if (!waivesRights) checkRights(record, author, undo.channels)
    }
  } catch (error) {
    await turn.restore(record, undo.frontier, touched)
    throw asRefused(error, record.key)
  }
}

/**
 * An entry of an earlier incarnation comes too late: the record was deleted and its content has gone. What the authority tells of one is from before it was set back to an older copy: it will be
 * told of the tombstone. A later incarnation is the authority's to begin.
 */
async function isGone(turn: Turn, record: OpenRecord, { entry, author }: Judged): Promise<boolean> {
  const { incarnation } = record.frontier
  if (entry.incarnation < incarnation) {
    if (!author) return true
    throw new Refused(
      RECORD_GONE,
      `${record.key} was deleted and its content has gone; create it anew if it is still wanted`,
    )
  }
  if (entry.incarnation === incarnation) return false
  if (author) throw wrongIncarnation(record, entry)
  await bury(turn, record, entry.incarnation - 1)
  return false
}

function wrongIncarnation({ key, frontier }: OpenRecord, { incarnation }: Entry): Refused {
  return new Refused(
    'wrong-incarnation',
    `an entry of ${key} is of incarnation ${incarnation}, the record here of ${frontier.incarnation}`,
  )
}

function asRefused(error: unknown, record: string): unknown {
  if (error instanceof ChangeRefused)
    return new Refused('engine-refused', `${record}: ${error.message}`, { cause: error })
  if (error instanceof EngineError)
    return new Refused('engine-refused', `${record}: ${error.message}`, { cause: error })
  if (error instanceof EditRefused) return new Refused(error.code, error.message, { cause: error })
  return error
}

function checkStructure(record: OpenRecord, fresh: readonly ParsedChange[]): void {
  const { frontier } = record
  const within = new Map(fresh.map((change) => [change.hashHex, change]))
  const seqs = new Map<string, number>()
  let maxOp = frontier.maxOp
  for (const change of fresh) {
    let depsMaxOp = 0
    for (const dep of change.deps) {
      const maxOpOfDep = within.get(dep)?.maxOp ?? maxOpKnown(record, dep)
      if (maxOpOfDep === undefined)
        throw new Refused(
          'missing-dependencies',
          `a change of ${record.key} builds on ${dep.slice(0, 12)}…, which is not here`,
        )
      depsMaxOp = Math.max(depsMaxOp, maxOpOfDep)
    }
    const seqByActor = (actor: string) => seqs.get(actor) ?? frontier.seqs.get(actor) ?? 0
    const verdict = checkAgainst({ seqByActor, maxOp }, change, depsMaxOp)
    if (verdict.kind === 'sequence-gap')
      throw new Refused(
        'missing-dependencies',
        `a change of ${record.key} has sequence ${verdict.found}, the next one here is ${verdict.expected}`,
      )
    if (verdict.kind !== 'next')
      throw new Refused(verdict.kind, `a change of ${record.key} is refused: ${verdict.kind}`)
    seqs.set(change.actorHex, change.seq)
    maxOp = Math.max(maxOp, change.maxOp)
  }
}

/** Highest operation of a change that the record has; undefined when it has not. Everything in a record is below its only head, so the engine need not be asked. */
function maxOpKnown(record: OpenRecord, hash: string): number | undefined {
  const { heads, maxOp } = record.frontier
  return heads.length === 1 && heads[0] === hash ? maxOp : record.document.maxOpOf(hash)
}

/**
 * The engine applies changes that refer to what is not there, and then saves a record that cannot be loaded. It gives such a change back with other bytes than it
 * was given (change/SPEC.md, C-50).
 */
function checkEcho(
  record: OpenRecord,
  before: readonly string[],
  fresh: readonly ParsedChange[],
  host: Host,
): void {
  if (firstWithoutEcho(record.document, before, fresh, host))
    throw new Refused(
      'engine-refused',
      `a change of ${record.key} refers to what is not there; the engine would not load the record again`,
    )
}

/** An actor belongs to the first key that signs under it; imports belong to adapter nodes. Returns what binds a new actor, for when the change is let in. */
async function checkActors(
  turn: Turn,
  judged: Judged,
  fresh: readonly ParsedChange[],
  context: AdmitContext,
): Promise<() => void> {
  const last = fresh.at(-1)!
  if (actorKind(last.actorHex) === 'container') return nothing
  const { author } = judged
  const signature = judged.entry.signature
  if (actorKind(last.actorHex) === 'import') {
    const systems =
      author?.systems.filter((system) => importedFrom(context.host, last.actorHex, [system])) ?? []
    if (author && author.role !== 'authority' && systems.length === 0)
      throw new Refused(
        'reserved-actor',
        `${author.subject} may not import from the system that this change names; its systems are: ${author.systems.join(', ') || 'none'}`,
      )
    if (author) context.checkLease(author, systems)
    return nothing
  }
  if (!author) {
    if (!signature || (await context.actors.keyOf(turn, last.actorHex)) !== undefined) return nothing
    const binding = { publicKey: '', credential: toHex(signature.credentialHash) }
    return () => context.actors.bind(turn, last.actorHex, binding)
  }
  const key = toHex(author.publicKey)
  const bound = await context.actors.keyOf(turn, last.actorHex)
  if (bound !== undefined && bound !== '' && bound !== key)
    throw new Refused(
      'bad-signature',
      `actor ${last.actorHex} of ${judged.entry.record} belongs to another device than ${author.subject}'s`,
    )
  if (bound === key) return nothing
  return () => context.actors.bind(turn, last.actorHex, { publicKey: key, credential: author.hash })
}

function nothing(): void {}

function checkRights(record: OpenRecord, author: Credential, before: readonly string[] | undefined): void {
  if (author.role === 'authority') return
  checkMayEdit(record.key, author, before)
  const granted = (channel: string) => grants(author.write, channel)
  const foreign = record.channelsNow().find((channel) => !before?.includes(channel) && !granted(channel))
  if (foreign !== undefined)
    throw new Refused(
      'channel-not-granted',
      `${author.subject} may not put ${record.key} into ${foreign}; ask the operator for a credential that may write there`,
    )
}

/** What a record's channels tell before the edit is applied; undefined: it is not here yet. @throws Refused read-only, not-granted */
export function checkMayEdit(key: string, author: Credential, before: readonly string[] | undefined): void {
  if (author.role === 'authority') return
  if (author.write.length === 0)
    throw new Refused(
      'read-only',
      `${author.subject} may read ${key} but write nothing; ask the operator for a credential that may write`,
    )
  if (before && !before.some((channel) => grants(author.write, channel)))
    throw new Refused(
      'not-granted',
      `${author.subject} may not write ${key}, which is in ${shownTo(author, before)}; ask the operator for a credential that may write there`,
    )
}

/** Whoever may not read a channel is not told by a refusal that a record is in it. */
function shownTo(author: Credential, channels: readonly string[]): string {
  if (channels.length === 0) return 'no channel'
  const readable = channels.filter((channel) => grants(author.read, channel))
  return readable.join(', ') || 'channels that it may not read'
}

async function admitReceipt(
  turn: Turn,
  judged: Judged,
  context: AdmitContext,
): Promise<OpenRecord | undefined> {
  const taken = await takeReceipt(turn, judged, context)
  if (!taken) return undefined
  taken.keep()
  const { record } = judged.entry
  turn.append({ kind: 'receipt', record, bytes: judged.bytes, origin: context.origin })
  return taken.record
}

/** What a receipt says of its record, and what keeps it, but for its entry. Undefined when it is known. @throws Refused; nothing is left then */
export async function takeReceipt(
  turn: Turn,
  { entry, author, barred }: Judged,
  context: AdmitContext,
): Promise<{ record: OpenRecord; keep(): void } | undefined> {
  try {
    const receipt = decodeReceipt(entry.record, entry.body)
    if (author && author.role !== 'authority' && !author.systems.includes(receipt.place))
      throw new Refused('not-authority', `${author.subject} may not give receipts for ${receipt.place}`)
    const key = receiptKey(receipt, toHex(context.host.sha256(entry.body)).slice(0, 16))
    if (await turn.get(RECEIPTS_TABLE, key)) return undefined
    if (barred) throw barred
    if (author) context.checkLease(author, [receipt.place])
    const record = await turn.open(entry.record)
    if (entry.incarnation < record.frontier.incarnation) return undefined
    const isLater = entry.incarnation > record.frontier.incarnation
    if (isLater && author) throw wrongIncarnation(record, entry)
    if (record.isNew || isLater)
      throw new Refused('missing-dependencies', `a receipt for ${entry.record}, which is not here`)
    const keep = () => {
      turn.touch(record)
      turn.put(RECEIPTS_TABLE, key, entry.body)
    }
    return { record, keep }
  } catch (cause) {
    if (cause instanceof ReceiptError) throw new Refused(cause.code, cause.message, { cause })
    throw cause
  }
}
