/**
 * Two changes of one device under one actor and sequence: that happens when a device lies, never when a disk is copied, since each open of a store begins a new actor. Here it is
 * found, and two signed entries are taken from what is here and what was told, which prove it to anybody (verify-proof.ts).
 */
import { toHex } from '../bytes/hex.ts'
import { actorKind } from '../change/actors.ts'
import { defaultChangeLimits } from '../change/limits.ts'
import { type ParsedChange, parseChange } from '../change/parse.ts'
import type { Host } from '../host.ts'
import { type Entry, EntryError, type EntrySignature, encodeChanges, encodeEntry } from '../log/entry.ts'
import type { LoggedEntry } from '../store/port.ts'
import { type Judged, Refused } from './judge.ts'
import type { JudgedSnapshot } from './judge-snapshot.ts'
import type { OpenRecord } from './open-record.ts'
import { changesOf, signaturesOf } from './turn.ts'
import { ancestorsOf } from './verify-proof.ts'

/** What was told has a change whose sequence another change of that actor has here. */
export class Forked extends Refused {
  readonly change: ParsedChange
  constructor(record: string, change: ParsedChange) {
    const { actorHex, seq, hashHex } = change
    super(
      'duplicate-sequence',
      `change ${seq} of actor ${actorHex} of ${record} is another one here than ${hashHex.slice(0, 12)}…: a device wrote two under one sequence`,
    )
    this.name = 'Forked'
    this.change = change
  }
}

/**
 * The first of these changes that is known by its sequence, and is not what is here. What an actor wrote before follows from its newest by hash, so one look per actor does
 * where all is well: no document is loaded for what is the record's head.
 */
export function forkIn(record: OpenRecord, changes: readonly ParsedChange[]): ParsedChange | undefined {
  // Which change stands there cannot be told without loading it.
  if (record.isQuarantined) return undefined
  const { heads, seqs } = record.frontier
  const known = changes.filter(
    ({ actorHex, seq }) => seq <= (seqs.get(actorHex) ?? 0) && actorKind(actorHex) === 'run',
  )
  const isHere = ({ hashHex }: ParsedChange) =>
    heads.includes(hashHex) || record.document.maxOpOf(hashHex) !== undefined
  const newest = new Map(known.map((change) => [change.actorHex, change]))
  for (const change of newest.values())
    if (!isHere(change))
      return known.find((one) => one.actorHex === change.actorHex && !isHere(one)) ?? change
  return undefined
}

/** Signed statements over changes: an entry, or a snapshot with one signature of each author. */
interface Source {
  entry: Omit<Entry, 'kind' | 'signature' | 'body'>
  /** Of an entry of one author: it is a statement as it is. */
  bytes: Uint8Array | undefined
  signatures: readonly EntrySignature[]
  changes: readonly ParsedChange[]
}

/** A signed entry that says a change, with who signed it (the hash of a credential). */
export interface Statement {
  entry: Uint8Array
  credential: string
}

/** Of what was told. */
export function toldStatement(judged: Judged | JudgedSnapshot, change: ParsedChange): Statement | undefined {
  const { entry, bytes, changes } = judged
  if ('parts' in judged)
    return statementIn({ entry, bytes: undefined, signatures: judged.signatures, changes }, change)
  return statementIn({ entry, bytes, signatures: entry.signature ? [entry.signature] : [], changes }, change)
}

/** Of what is here: the entry that says the actor's change of this sequence. */
export function statementHere(
  { key, frontier: { incarnation } }: OpenRecord,
  entries: readonly LoggedEntry[],
  { actorHex, seq }: ParsedChange,
  host: Host,
): Statement | undefined {
  for (const logged of entries) {
    const signatures = signaturesOf(logged, host).filter(({ actor }) => toHex(actor) === actorHex)
    if (!signatures.some(({ lastSeq }) => lastSeq >= seq)) continue
    const changes = changesOf(logged, host).map((bytes) => parseChange(bytes, host, defaultChangeLimits))
    const change = changes.find((one) => one.actorHex === actorHex && one.seq === seq)
    const bytes = logged.kind === 'changes' ? logged.bytes : undefined
    const said =
      change && statementIn({ entry: { record: key, incarnation }, bytes, signatures, changes }, change)
    if (said) return said
  }
  return undefined
}

function statementIn(source: Source, change: ParsedChange): Statement | undefined {
  const signature = source.signatures.find(({ actor }) => toHex(actor) === change.actorHex)
  if (!signature) return undefined
  const credential = toHex(signature.credentialHash)
  if (source.bytes) return { entry: source.bytes, credential }
  const entry = statementOf(source, signature, change)
  return entry && { entry, credential }
}

/** An entry of the signed change, and of what leads from it to the other one. */
function statementOf(
  { entry: { record, incarnation }, changes }: Source,
  signature: EntrySignature,
  change: ParsedChange,
): Uint8Array | undefined {
  const last = changes.find(({ actorHex, seq }) => actorHex === change.actorHex && seq === signature.lastSeq)
  if (!last) return undefined
  const below = ancestorsOf(last, changes)
  const above = new Set([change.hashHex])
  for (const one of changes) if (one.deps.some((dep) => above.has(dep))) above.add(one.hashHex)
  const between = changes.filter(({ hashHex }) => below.has(hashHex) && above.has(hashHex))
  if (!between.includes(last)) return undefined
  // In causal order, so the signed one is the last.
  const body = () => encodeChanges(between.map(({ bytes }) => bytes))
  try {
    return encodeEntry({ kind: 'changes', record, incarnation, signature, body: body() })
  } catch (error) {
    // Larger than an entry may be: there is none that could be handed around.
    if (error instanceof EntryError) return undefined
    throw error
  }
}
