/**
 * Who this replica is: its device key, made at first open and kept in the store, and the credential it was handed. The actor for new edits belongs to
 * this run and is never used again by another.
 */
import { fromHex, toHex } from '../bytes/hex.ts'
import type { Host } from '../host.ts'
import type { Credential } from '../identity/credential.ts'
import { ACTOR_BYTES, type EntrySignature, type SignedStatement, statementBytes } from '../log/entry.ts'
import type { EntryKind } from '../store/port.ts'

export const IDENTITY_TABLE = 'identity'
const ZERO_HASH = new Uint8Array(32)
const ZERO_ACTOR = new Uint8Array(ACTOR_BYTES)

/** What an entry is of. */
export interface SignedRecord {
  record: string
  incarnation: number
}

export interface DeviceKey {
  secret: Uint8Array
  publicKey: Uint8Array
}

/** Hex of the first 16 bytes of sha256(public key): how a node is named in sessions and logs. */
export function nodeIdOf(publicKey: Uint8Array, host: Pick<Host, 'sha256'>): string {
  return toHex(host.sha256(publicKey).subarray(0, 16))
}

export class Identity {
  readonly key: DeviceKey
  readonly node: string
  readonly space: string
  credential: Credential | undefined
  #actor: string
  #hands = 0
  readonly #host: Host

  constructor(host: Host, space: string, key: DeviceKey, run: string, credential: Credential | undefined) {
    this.#host = host
    this.space = space
    this.key = key
    this.node = nodeIdOf(key.publicKey, host)
    this.credential = credential
    this.#actor = `00${run}`
  }

  /** Actor id (hex) of new edits. */
  get actor(): string {
    return this.#actor
  }

  /**
   * Own sequences of a record were spent on edits that are gone: what is written from now on has a new actor, also where the turn that asks for it fails. Other records may go on under
   * the old one, since sequences count per record.
   */
  renewActor(): void {
    this.#actor = `00${toHex(this.#host.random(16))}`
  }

  /** How often the device has changed hands in this run: what was opened before has the actor of a former subject. */
  get hands(): number {
    return this.#hands
  }

  /** Another subject has the device from now on, and writes under an actor of its own. */
  changeHands(credential: Credential): void {
    this.credential = credential
    this.#hands += 1
    this.renewActor()
  }

  sign(message: Uint8Array): Promise<Uint8Array> {
    return this.#host.sign(this.key.secret, message)
  }

  async signChanges(
    { record, incarnation }: SignedRecord,
    actor: string,
    lastSeq: number,
    lastHash: Uint8Array,
  ): Promise<EntrySignature> {
    return this.#signEntry({ kind: 'changes', record, incarnation, actor: fromHex(actor), lastSeq, lastHash })
  }

  async signBody(
    kind: EntryKind,
    { record, incarnation }: SignedRecord,
    body: Uint8Array,
  ): Promise<EntrySignature> {
    const lastHash = this.#host.sha256(body)
    return this.#signEntry({ kind, record, incarnation, actor: ZERO_ACTOR, lastSeq: 0, lastHash })
  }

  async #signEntry(signed: Omit<SignedStatement, 'space' | 'credentialHash'>): Promise<EntrySignature> {
    const { actor, lastSeq } = signed
    const credentialHash = this.credential ? fromHex(this.credential.hash) : ZERO_HASH
    const statement = { ...signed, space: this.space, credentialHash }
    return { actor, lastSeq, credentialHash, signature: await this.sign(statementBytes(statement)) }
  }
}
