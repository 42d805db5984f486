/**
 * What the authority has revoked, as far as this replica knows. Each is an entry of the log, in a channel that every replica of the space reads; here they are kept by what they revoke, in memory too, because every check of
 * every credential asks.
 */
import { toHex } from '../bytes/hex.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { type Credential, SPACE_CHANNEL } from '../identity/credential.ts'
import type { Revocation, Revoked } from '../log/revocation.ts'
import type { Origin, Seq, Store } from '../store/port.ts'
import { appendToChannels } from './append-entry.ts'
import { ownTable } from './own-tables.ts'
import type { Turn } from './turn.ts'

/** By `hash/…` or `key/…`: JSON. Hubs kept it as a table of their own before revocations travelled. */
const REVOKED_TABLE = ownTable('revoked')
/** The record that entries of revocations are of. */
export const REVOCATIONS_RECORD = '@space/revocations'
/** Revoked credentials and devices kept in memory: 150 bytes each. */
export const REVOCATIONS_MAX = 100_000
const PAGE_ROWS = 1_000

/** Above it nothing more is revoked. */
export class TooManyRevocations extends Error {
  override readonly name = 'TooManyRevocations'
  readonly code = 'too-many-revocations'
}

/** Where its entries stand in this log, the one that wants no wipe and the one that does. Neither: it has none yet. */
interface Row {
  kept?: Seq
  wiped?: Seq
}

export class Revocations {
  readonly #rows = new Map<string, Row>()
  readonly #listeners = new Set<(revocation: Revocation) => void>()

  static async load(store: Pick<Store, 'scan'>): Promise<Revocations> {
    const revocations = new Revocations()
    for (let after = ''; ; ) {
      const rows = await store.scan(REVOKED_TABLE, { after, limit: PAGE_ROWS })
      for (const { key, value } of rows)
        revocations.#rows.set(key, JSON.parse(decodeUtf8(value) ?? '') as Row)
      if (rows.length < PAGE_ROWS) return revocations
      after = rows.at(-1)!.key
    }
  }

  get size(): number {
    return this.#rows.size
  }

  has(credential: Pick<Credential, 'hash' | 'publicKey'>): boolean {
    return this.#find(credential) !== undefined
  }

  /** Where the entry stands that revokes this; undefined when nothing does, or it has no entry yet. */
  seqOf(credential: Pick<Credential, 'hash' | 'publicKey'>): Seq | undefined {
    const row = this.#find(credential)
    return row?.wiped ?? row?.kept
  }

  /** Where this one stands; undefined when it is not known, or has no entry yet. */
  placeOf(revocation: Revocation): Seq | undefined {
    const row = this.#rows.get(keyOf(revocation))
    return revocation.wipe ? row?.wiped : row?.kept
  }

  /** A wipe is news of a device that was revoked without, and the other way round: replicas that heard both have both. */
  knows(revocation: Revocation): boolean {
    return this.placeOf(revocation) !== undefined
  }

  get isFull(): boolean {
    return this.#rows.size >= REVOCATIONS_MAX
  }

  /** Those without an entry: from before revocations travelled. */
  untold(): Revocation[] {
    return [...this.#rows].flatMap(([key, { kept, wiped }]) => {
      const [by, value] = key.split('/') as [Revoked['by'], string]
      return kept === undefined && wiped === undefined ? [{ by, value, wipe: false }] : []
    })
  }

  /** Called when one was heard or made, once it is durable. */
  onAdded(listener: (revocation: Revocation) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async keep(turn: Turn, revocation: Revocation, bytes: Uint8Array, origin?: Origin): Promise<void> {
    const entry = { kind: 'revocation' as const, record: REVOCATIONS_RECORD, bytes, origin }
    const seq = await appendToChannels(turn, entry, [SPACE_CHANNEL])
    const key = keyOf(revocation)
    const stored = await turn.get(REVOKED_TABLE, key)
    const known = stored ? (JSON.parse(decodeUtf8(stored) ?? '') as Row) : {}
    const row: Row = { ...known, [revocation.wipe ? 'wiped' : 'kept']: seq }
    turn.put(REVOKED_TABLE, key, encodeUtf8(JSON.stringify(row)))
    turn.afterCommit(() => {
      this.#rows.set(key, row)
      for (const listener of [...this.#listeners]) listener(revocation)
    })
  }

  #find({ hash, publicKey }: Pick<Credential, 'hash' | 'publicKey'>): Row | undefined {
    if (this.#rows.size === 0) return undefined
    return (
      this.#rows.get(keyOf({ by: 'key', value: toHex(publicKey) })) ??
      this.#rows.get(keyOf({ by: 'hash', value: hash }))
    )
  }
}

function keyOf({ by, value }: Revoked): string {
  return `${by}/${value}`
}
