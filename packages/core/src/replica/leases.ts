/**
 * Which adapter node acts for an external system now (LE-rules of SPEC.md). Two that did at once would write everything twice. The hub lends each system to one of them at a time; when another one takes over, the epoch grows,
 * and what the former one wrote under an older epoch, or goes on writing because nobody has told it, is refused at the door.
 *
 *   free ──acquire──▶ held by A, epoch n ──A renews──▶ …        until its time is up, or A gives it back
 *                          └── time is up, B acquires ──▶ held by B, epoch n + 1: A is refused
 */
import { toHex } from '../bytes/hex.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import type { Host } from '../host.ts'
import type { Credential } from '../identity/credential.ts'
import type { Origin, Seq, Store } from '../store/port.ts'
import { Refused } from './judge.ts'
import { LEASE_MS_MAX, LEASES_MAX } from './limits.ts'
import type { Turn } from './turn.ts'

/** By system: JSON. */
const LEASES_TABLE = 'leases'

/** A system, lent. */
export interface Lease {
  system: string
  /** Public key (hex) of the node that has it. */
  holder: string
  subject: string
  /** Grows by one whenever another node takes over. */
  epoch: number
  /** Milliseconds since 1970, by the hub's clock; later than now while it is held. */
  until: number
}

interface Row extends Omit<Lease, 'system'> {
  /** What the holder wrote up to here in its own log, it wrote under an older epoch. */
  run: string
  since: Seq
}

export interface LeaseRequest {
  system: string
  /** The node's credential, which is for that system. */
  credential: Pick<Credential, 'publicKey' | 'subject' | 'systems'>
  /** Present run and head of the node's own log. */
  run: string
  head: Seq
  /** For so many milliseconds, at most LEASE_MS_MAX. */
  ms: number
}

/** `held`: the node that asked has it now. `other`: somebody else does. */
export type LeaseAnswer = { kind: 'held' | 'other'; lease: Lease }

/** Nothing more is lent. */
export class TooManyLeases extends Error {
  override readonly name = 'TooManyLeases'
  readonly code = 'too-many-leases'
}

export class Leases {
  readonly #host: Pick<Host, 'now'>
  readonly #rows = new Map<string, Row>()

  private constructor(host: Pick<Host, 'now'>) {
    this.#host = host
  }

  static async load(store: Pick<Store, 'scan'>, host: Pick<Host, 'now'>): Promise<Leases> {
    const leases = new Leases(host)
    for (const { key, value } of await store.scan(LEASES_TABLE, { limit: LEASES_MAX }))
      leases.#rows.set(key, JSON.parse(decodeUtf8(value) ?? '') as Row)
    return leases
  }

  list(): Lease[] {
    return [...this.#rows].map(([system, row]) => leaseOf(system, row))
  }

  /** @throws RangeError for a time that nothing is lent for, TooManyLeases */
  async acquire(turn: Turn, request: LeaseRequest): Promise<LeaseAnswer> {
    const { system, credential, run, head, ms } = request
    if (!(ms > 0 && ms <= LEASE_MS_MAX))
      throw new RangeError(`a system is lent for 1 to ${LEASE_MS_MAX} milliseconds, not for ${ms}`)
    const holder = toHex(credential.publicKey)
    const known = await read(turn, system)
    if (known && known.holder !== holder && this.#isHeld(known))
      return { kind: 'other', lease: leaseOf(system, known) }
    if (!known && this.#rows.size >= LEASES_MAX)
      throw new TooManyLeases(
        `${LEASES_MAX} systems are lent, and no more are; '${system}' is not one of them`,
      )
    const isNews = known?.holder !== holder
    const row: Row = {
      holder,
      subject: credential.subject,
      epoch: (known?.epoch ?? 0) + (isNews ? 1 : 0),
      until: this.#host.now() + ms,
      // Nobody wrote under an older epoch when there was none.
      ...(known && isNews ? { run, since: head } : { run: known?.run ?? run, since: known?.since ?? 0 }),
    }
    this.#put(turn, system, row)
    return { kind: 'held', lease: leaseOf(system, row) }
  }

  /** False when this node does not have it. */
  async release(turn: Turn, system: string, publicKey: Uint8Array): Promise<boolean> {
    const known = await read(turn, system)
    if (known?.holder !== toHex(publicKey)) return false
    this.#put(turn, system, { ...known, until: 0 })
    return true
  }

  /**
   * Whether this author may act for one of these systems. A system that was never lent is anybody's who has a credential for it.
   * @param written where the entry stands in its author's own log, when the author itself tells it
   * @throws Refused lease-lost
   */
  check(author: Credential, systems: readonly string[], written: Origin | undefined): void {
    if (author.role === 'authority' || this.#rows.size === 0 || systems.length === 0) return
    const key = toHex(author.publicKey)
    const lent = systems.map((system) => this.#rows.get(system))
    if (lent.some((row) => row === undefined || (row.holder === key && !isOlder(row, written)))) return
    const [system, row] = [systems[0]!, lent[0]!]
    throw new Refused(
      'lease-lost',
      row.holder === key
        ? `${author.subject} wrote this for ${system} before it was lent the system again, in epoch ${row.epoch}`
        : `${system} is lent to ${row.subject} now, in epoch ${row.epoch}; ${author.subject} may not act for it`,
    )
  }

  /** A time further ahead than anything is lent for was made under another clock. */
  #isHeld({ until }: Row): boolean {
    const leftMs = until - this.#host.now()
    return leftMs > 0 && leftMs <= LEASE_MS_MAX
  }

  #put(turn: Turn, system: string, row: Row): void {
    turn.put(LEASES_TABLE, system, encodeUtf8(JSON.stringify(row)))
    turn.afterCommit(() => this.#rows.set(system, row))
  }
}

async function read(turn: Turn, system: string): Promise<Row | undefined> {
  const value = await turn.get(LEASES_TABLE, system)
  return value && (JSON.parse(decodeUtf8(value) ?? '') as Row)
}

function leaseOf(system: string, { holder, subject, epoch, until }: Row): Lease {
  return { system, holder, subject, epoch, until }
}

function isOlder({ run, since }: Row, written: Origin | undefined): boolean {
  return written?.run === run && written.seq <= since
}
