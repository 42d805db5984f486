/**
 * Versions of rows as they were last seen, and whether their second was over then. It spares reads and decides nothing alone: what it does not know is looked at. Bounded; the row not seen for longest
 * goes first.
 */
import type { ExternalRow } from '@skerry/bridge'
import { SETTLED_MS, VERSIONS_SEEN_MAX } from './limits.ts'
import { stampOf } from './rows.ts'

export interface Seen {
  version: string
  /** Milliseconds since 1970. */
  stamp: number
  /** Whatever changed the row since has another stamp. */
  settled: boolean
  externalId: string | undefined
}

export class SeenVersions {
  readonly #seen = new Map<string, Seen>()
  readonly #max: number

  constructor(max = VERSIONS_SEEN_MAX) {
    this.#max = max
  }

  /** @param askedAt when the row was asked for, by the server's clock or earlier @returns what is remembered */
  note({ id, version, externalId }: ExternalRow, askedAt: number): Seen | undefined {
    const stamp = stampOf(version)
    this.#seen.delete(id)
    if (stamp === undefined) return undefined
    const seen = { version, stamp, settled: askedAt >= stamp + SETTLED_MS, externalId }
    this.#seen.set(id, seen)
    const [oldest] = this.#seen.keys()
    if (this.#seen.size > this.#max && oldest !== undefined) this.#seen.delete(oldest)
    return seen
  }

  get(id: string): Seen | undefined {
    return this.#seen.get(id)
  }
}
