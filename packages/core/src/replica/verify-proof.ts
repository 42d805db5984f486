/** Whether a proof of two changes under one actor and sequence holds, from its bytes and the authority's public key alone. Only signatures count. */
import { equalBytes } from '../bytes/compare.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import { actorKind } from '../change/actors.ts'
import { defaultChangeLimits } from '../change/limits.ts'
import { type ParsedChange, parseChange } from '../change/parse.ts'
import { ChangeRefused } from '../change/refused.ts'
import type { Host } from '../host.ts'
import { type Credential, CredentialError, type CredentialVerifier } from '../identity/credential.ts'
import { decodeChanges, decodeEntry, EntryError, statementBytes } from '../log/entry.ts'
import { decodeProof, ProofError, type ProofHalf } from '../log/proof.ts'

/** What a proof shows. */
export interface ProvenFork {
  /** Public key of the device, 64 hex digits. */
  key: string
  /** Who that is, by the credential that the first entry cites. */
  subject: string
  role: Credential['role']
  record: string
  incarnation: number
  /** Hex. */
  actor: string
  seq: number
  /** Hashes (hex) of the two changes. */
  hashes: readonly [string, string]
}

export interface ProofContext {
  host: Pick<Host, 'sha256' | 'inflateRaw' | 'verify'>
  space: string
  /** Knows the authority's public key. Expiry and revocation are not asked: what was signed was signed. */
  verifier: Pick<CredentialVerifier, 'verify'>
}

/** @throws ProofError */
export async function verifyProof(bytes: Uint8Array, context: ProofContext): Promise<ProvenFork> {
  const [first, second] = decodeProof(bytes)
  const [a, b] = [await statedIn(first, context), await statedIn(second, context)]
  const key = toHex(a.author.publicKey)
  if (key !== toHex(b.author.publicKey)) throw invalid('its two entries are signed by two devices')
  if (a.actor !== b.actor || a.record !== b.record || a.incarnation !== b.incarnation)
    throw invalid('its two entries are of two actors, records or incarnations')
  if (actorKind(a.actor) !== 'run')
    throw invalid(`its entries are of actor ${a.actor}, under which everybody writes the same`)
  for (const [seq, hash] of a.hashes) {
    const other = b.hashes.get(seq)
    if (other === undefined || other === hash) continue
    const { author, record, incarnation, actor } = a
    const { subject, role } = author
    return { key, subject, role, record, incarnation, actor, seq, hashes: [hash, other] }
  }
  throw invalid('its two entries name no change under the same sequence')
}

interface Stated {
  author: Credential
  record: string
  incarnation: number
  actor: string
  /** Hashes by sequence, ascending, of the actor's changes that the signature covers: the signed one, and those it builds on. */
  hashes: ReadonlyMap<number, string>
}

async function statedIn({ token, entry: bytes }: ProofHalf, context: ProofContext): Promise<Stated> {
  try {
    const { kind, signature, record, incarnation, body } = decodeEntry(bytes)
    if (kind !== 'changes' || !signature)
      throw invalid(`an entry of ${record} is ${signature ? `of kind ${kind}` : 'not signed'}`)
    const changes = decodeChanges(body).map((change) =>
      parseChange(change, context.host, defaultChangeLimits),
    )
    const { actor, lastSeq, credentialHash } = signature
    const last = changes.at(-1)!
    if (last.seq !== lastSeq || !equalBytes(fromHex(last.actorHex), actor))
      throw invalid(`an entry of ${record} is not signed over its last change`)
    const author = await context.verifier.verify(token, undefined)
    if (author.hash !== toHex(credentialHash))
      throw invalid(`an entry of ${record} cites another credential than the one beside it`)
    const { space } = context
    const lastHash = last.hash
    const said = { space, record, kind, actor, lastSeq, lastHash, credentialHash, incarnation }
    if (!(await context.host.verify(author.publicKey, statementBytes(said), signature.signature)))
      throw invalid(`the signature of an entry of ${record} does not fit the key of ${author.subject}`)
    return { author, record, incarnation, actor: toHex(actor), hashes: covered(changes, last) }
  } catch (cause) {
    if (cause instanceof EntryError || cause instanceof ChangeRefused || cause instanceof CredentialError)
      throw new ProofError('proof-invalid', `this proves nothing: ${cause.message}`, { cause })
    throw cause
  }
}

function covered(changes: readonly ParsedChange[], last: ParsedChange): Map<number, string> {
  const within = ancestorsOf(last, changes)
  const own = changes.filter(({ actorHex, hashHex }) => actorHex === last.actorHex && within.has(hashHex))
  return new Map(own.map(({ seq, hashHex }) => [seq, hashHex]))
}

/** Hashes of this change and of those among `changes` that it builds on. A change names what it builds on by hash, so a signature over it is one over them. */
export function ancestorsOf(last: ParsedChange, changes: readonly ParsedChange[]): ReadonlySet<string> {
  const byHash = new Map(changes.map((change) => [change.hashHex, change]))
  const found = new Set([last.hashHex])
  const open = [last]
  for (let change = open.pop(); change; change = open.pop())
    for (const dep of change.deps) {
      const below = byHash.get(dep)
      if (!below || found.has(dep)) continue
      found.add(dep)
      open.push(below)
    }
  return found
}

function invalid(why: string): ProofError {
  return new ProofError('proof-invalid', `this proves nothing: ${why}`)
}
