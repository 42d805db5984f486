/**
 * Looking at what arrived before it may touch anything: framing, checksum, size, operation count, signature. Everything here is decided from the
 * bytes alone (and from credentials), so it runs before the writer's turn, many signatures at a time.
 */
import { equalBytes } from '../bytes/compare.ts'
import { toHex } from '../bytes/hex.ts'
import { actorKind } from '../change/actors.ts'
import { parseBatch } from '../change/batch.ts'
import { checkOperations } from '../change/check-operations.ts'
import { verifyContainerChange } from '../change/container.ts'
import { parseAddress } from '../change/container-address.ts'
import { defaultChangeLimits } from '../change/limits.ts'
import type { ParsedChange } from '../change/parse.ts'
import { adviceOn, ChangeRefused } from '../change/refused.ts'
import type { Host } from '../host.ts'
import { type Credential, CredentialError } from '../identity/credential.ts'
import { decodeChanges, decodeEntry, type Entry, EntryError, statementBytes } from '../log/entry.ts'
import { GENERATIONS_MAX } from '../records/write.ts'
import type { Peer } from '../session/port.ts'
import type { Seq } from '../store/port.ts'
import { ENTRY_LIMITS } from './limits.ts'

export interface Judged {
  seq: Seq
  bytes: Uint8Array
  entry: Entry
  /** For a changes entry; empty otherwise. */
  changes: ParsedChange[]
  /** By whose right it is judged. Undefined: told by the authority itself, which answers for it. */
  author: Credential | undefined
  /** Its author may write nothing any more. What is known already is not refused for that. */
  barred: Refused | undefined
}

/** What is known from the bytes alone. */
export type Told = Omit<Judged, 'author' | 'barred'>

/** Refused for nothing of its own. */
export const DEPENDS_ON_REFUSED = 'depends-on-refused'

export class Refused extends Error {
  readonly code: string
  /** Key of the record that the entry said it is of, as far as it could be read. */
  record: string | undefined
  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'Refused'
    this.code = code
  }
}

export interface JudgeContext {
  host: Host
  space: string
  peer: Peer
  /** A credential seen in a session or beside an entry. */
  credentialByHash(hash: string): Promise<Credential | undefined>
  /** Whether an author's credential still stands; expiry is not asked, since nobody can prove when something was written. @throws CredentialError */
  checkCredential(credential: Credential): Promise<Credential>
  /** Whether this replica has barred an author since, whose session may still be open. */
  isBarred(credential: Credential): boolean
}

/** @throws Refused */
export async function judge(seq: Seq, bytes: Uint8Array, context: JudgeContext): Promise<Judged> {
  let record: string | undefined
  try {
    const entry = decodeEntry(bytes)
    record = entry.record
    const changes =
      entry.kind === 'changes'
        ? parseBatch(decodeChanges(entry.body), context.host, defaultChangeLimits, ENTRY_LIMITS)
        : []
    return await judgeChanges({ seq, bytes, entry, changes }, context)
  } catch (cause) {
    throw asRefusedOf(record, cause)
  }
}

/** The changes of an entry, or of one author in a snapshot, whose `entry` then has that author's signature. @throws Refused, ChangeRefused, CredentialError */
export async function judgeChanges(told: Told, context: JudgeContext): Promise<Judged> {
  if (context.peer.credential.role === 'authority') return { ...told, author: undefined, barred: undefined }
  for (const change of told.changes) checkChange(change, told.entry, context.host)
  const author = await authorOf(told.entry, told.changes, context)
  return { ...told, author, barred: await whyBarred(author, context) }
}

/** What looking at an entry of this record threw, as a refusal where the bytes or their author are to blame. */
export function asRefusedOf(record: string | undefined, cause: unknown): unknown {
  const refused = asRefused(cause, record)
  if (refused) refused.record = record
  return refused ?? cause
}

function asRefused(cause: unknown, record: string | undefined): Refused | undefined {
  if (cause instanceof Refused) return cause
  if (cause instanceof ChangeRefused)
    return new Refused(cause.code, `${record}: ${cause.message}; ${adviceOn(cause.code)}`, { cause })
  if (cause instanceof EntryError) return new Refused(cause.code, cause.message, { cause })
  return undefined
}

function checkChange(change: ParsedChange, entry: Entry, host: Host): void {
  if (actorKind(change.actorHex) === 'container') {
    verifyContainerChange(change, entry.record, entry.incarnation, host)
    checkGenerations(change, entry)
    return
  }
  const made = checkOperations(change, defaultChangeLimits)
  if (made.length > 0)
    throw new Refused(
      'forged-container',
      `a change of ${entry.record} makes an object itself; containers have changes of their own`,
    )
}

/** A map of a generation that no writer looks for could never be written into. */
function checkGenerations(change: ParsedChange, { record, incarnation }: Entry): void {
  const { path } = parseAddress(change.message, record, incarnation)
  const beyond = path.find((step) => step.generation >= GENERATIONS_MAX)
  if (beyond)
    throw new Refused(
      'too-many-generations',
      `a container of ${record} is re-creation ${beyond.generation} of '${beyond.key}': limit ${GENERATIONS_MAX - 1}`,
    )
}

async function authorOf(
  entry: Entry,
  changes: readonly ParsedChange[],
  context: JudgeContext,
): Promise<Credential> {
  const { signature } = entry
  if (!signature) {
    // Containers alone need no author: everybody can compute them.
    if (entry.kind === 'changes' && changes.every((change) => actorKind(change.actorHex) === 'container'))
      return context.peer.credential
    throw new Refused('bad-signature', `an entry of ${entry.record} is not signed`)
  }
  const last = changes.at(-1)
  if (last) checkOneActor(changes, toHex(signature.actor), signature.lastSeq, entry.record)
  const author = await citedCredential(toHex(signature.credentialHash), context)
  const lastHash = last ? last.hash : context.host.sha256(entry.body)
  const { actor, lastSeq, credentialHash } = signature
  const statement = statementBytes({
    space: context.space,
    record: entry.record,
    kind: entry.kind,
    actor,
    lastSeq,
    lastHash,
    credentialHash,
    incarnation: entry.incarnation,
  })
  if (!(await context.host.verify(author.publicKey, statement, signature.signature)))
    throw new Refused(
      'bad-signature',
      `the signature of an entry of ${entry.record} does not fit the key of ${author.subject}`,
    )
  return author
}

function checkOneActor(
  changes: readonly ParsedChange[],
  actor: string,
  lastSeq: number,
  record: string,
): void {
  const own = changes.filter((change) => actorKind(change.actorHex) !== 'container')
  const signed = changes.at(-1)!
  if (own.some((change) => change.actorHex !== actor) || signed.actorHex !== actor || signed.seq !== lastSeq)
    throw new Refused('bad-signature', `the signature of an entry of ${record} is not over its last change`)
}

/** Whether this is what the peer itself wrote: on its device, by the subject that has it now. */
export function isByPeer(
  { publicKey, subject }: Pick<Credential, 'publicKey' | 'subject'>,
  peer: Pick<Credential, 'publicKey' | 'subject'>,
): boolean {
  return subject === peer.subject && equalBytes(publicKey, peer.publicKey)
}

/** The author's rights are those of the session when the author is the peer itself, else those of the credential it cites. */
async function citedCredential(hash: string, context: JudgeContext): Promise<Credential> {
  const { peer } = context
  if (hash === peer.credential.hash || /^0+$/.test(hash)) return peer.credential
  const cited = await context.credentialByHash(hash)
  if (!cited)
    throw new Refused(
      'credential-unknown',
      `an entry cites the credential ${hash.slice(0, 12)}…, which was never shown`,
    )
  return isByPeer(cited, peer.credential) ? peer.credential : cited
}

async function whyBarred(author: Credential, context: JudgeContext): Promise<Refused | undefined> {
  if (author === context.peer.credential && !context.isBarred(author)) return undefined
  try {
    await context.checkCredential(author)
    return undefined
  } catch (cause) {
    if (cause instanceof CredentialError) return new Refused(cause.code, cause.message, { cause })
    throw cause
  }
}
