/**
 * Devices that wrote two changes under one actor and sequence, with the proofs. On a hub such a device is in quarantine: none of its credentials holds, until the operator has looked at the
 * proof and lifts it. An edge keeps proofs too, and leaves the decision to the hub.
 */
import { toHex } from '../bytes/hex.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import type { Host } from '../host.ts'
import { type Credential, CredentialError } from '../identity/credential.ts'
import type { Store } from '../store/port.ts'
import type { Turn } from './turn.ts'
import type { ProvenFork } from './verify-proof.ts'

/** By actor: the proof's bytes. */
const PROOFS_TABLE = 'proofs'
/** By public key: JSON of what is known of the device's newest proof. */
const PROVEN_TABLE = 'proven'
const STATE_TABLE = 'state'
const TOTAL_KEY = 'proofs'
/** Proofs kept: a device in quarantine gets no second one, so these are so many devices (or decisions of the operator). */
export const PROOFS_MAX = 1_000
/** Bytes of proofs kept together: usual ones are 2 KiB, the largest 8 MiB. */
export const PROOFS_BYTES_MAX = 64 * 1024 * 1024
const PAGE_ROWS = 500

/** A device, and the newest proof against it. */
export interface Suspicion extends Omit<ProvenFork, 'hashes' | 'incarnation'> {
  /** When it was found here, milliseconds since 1970. */
  at: number
  /** When the operator lifted the quarantine. */
  liftedAt?: number
  /** False: there was no room for the proof. */
  kept: boolean
}

interface Total {
  count: number
  bytes: number
}

export class Quarantine {
  readonly #store: Store
  readonly #decides: boolean
  readonly #devices = new Map<string, Suspicion>()
  readonly #listeners = new Set<(key: string) => void>()

  private constructor(store: Store, decides: boolean) {
    this.#store = store
    this.#decides = decides
  }

  /** `decides`: a hub, which keeps such devices out. */
  static async load(store: Store, decides: boolean): Promise<Quarantine> {
    const quarantine = new Quarantine(store, decides)
    for (let after = ''; ; ) {
      const rows = await store.scan(PROVEN_TABLE, { after, limit: PAGE_ROWS })
      for (const { key, value } of rows) quarantine.#devices.set(key, decode(value))
      if (rows.length < PAGE_ROWS) return quarantine
      after = rows.at(-1)!.key
    }
  }

  has(publicKey: Uint8Array): boolean {
    if (!this.#decides || this.#devices.size === 0) return false
    const device = this.#devices.get(toHex(publicKey))
    return device !== undefined && device.role !== 'authority' && device.liftedAt === undefined
  }

  /** @throws CredentialError credential-quarantined */
  check({ subject, publicKey }: Credential): void {
    if (this.has(publicKey))
      throw new CredentialError(
        'credential-quarantined',
        `the device of '${subject}' wrote two changes under one sequence and is in quarantine; ask the operator, who has the proof and can lift it`,
      )
  }

  /** Called with the public key (hex) when a device was put into quarantine, once that is durable. The result stops it. */
  onAdded(listener: (key: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Whether a proof of this actor, or against this device, is wanted. */
  async wants(turn: Turn, key: string, actor: string): Promise<boolean> {
    const row = await turn.get(PROVEN_TABLE, key)
    if (row && decode(row).liftedAt === undefined) return false
    return (await turn.get(PROOFS_TABLE, actor)) === undefined
  }

  async keep(turn: Turn, host: Host, fork: ProvenFork, proof: Uint8Array): Promise<Suspicion> {
    const { key, subject, role, record, actor, seq } = fork
    const total = await readTotal(turn)
    const kept = total.count < PROOFS_MAX && total.bytes + proof.length <= PROOFS_BYTES_MAX
    const found: Suspicion = { key, subject, role, record, actor, seq, at: host.now(), kept }
    if (kept) {
      turn.put(PROOFS_TABLE, actor, proof)
      const more = { count: total.count + 1, bytes: total.bytes + proof.length }
      turn.put(STATE_TABLE, TOTAL_KEY, encodeUtf8(JSON.stringify(more)))
    }
    turn.put(PROVEN_TABLE, key, encodeUtf8(JSON.stringify(found)))
    turn.afterCommit(() => {
      this.#devices.set(key, found)
      if (this.#decides && role !== 'authority') for (const listener of [...this.#listeners]) listener(key)
    })
    return found
  }

  /** Devices against which there is a proof, those in quarantine and those whose quarantine was lifted. */
  list(): Suspicion[] {
    return [...this.#devices.values()].sort((a, b) => a.at - b.at)
  }

  /** The bytes of the proof of this actor. */
  proof(actor: string): Promise<Uint8Array | undefined> {
    return this.#store.get(PROOFS_TABLE, actor)
  }

  /** The operator's decision; false when the device is in no quarantine. The proof stays, and the same actor is not proven again. */
  lift(turn: Turn, host: Host, key: string): boolean {
    const device = this.#devices.get(key)
    if (!device || device.liftedAt !== undefined) return false
    const lifted = { ...device, liftedAt: host.now() }
    turn.put(PROVEN_TABLE, key, encodeUtf8(JSON.stringify(lifted)))
    turn.afterCommit(() => this.#devices.set(key, lifted))
    return true
  }
}

async function readTotal(turn: Turn): Promise<Total> {
  const value = await turn.get(STATE_TABLE, TOTAL_KEY)
  return value ? (JSON.parse(decodeUtf8(value) ?? '') as Total) : { count: 0, bytes: 0 }
}

function decode(value: Uint8Array): Suspicion {
  return JSON.parse(decodeUtf8(value) ?? '') as Suspicion
}
