/**
 * Whether a row is still what a write expects, so surely that a stamp of whole seconds is a condition (SPEC SF-21). `If-Unmodified-Since` cannot tell two states of one second; once that second is over,
 * whatever changes the row has a later stamp. So a version that was read then is good, and any other is read again when it can be.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Call, ExternalRow, Failure } from '@skerry/bridge'
import type { Client } from './client.ts'
import { SETTLE_WAIT_MS_MAX, SETTLED_MS } from './limits.ts'
import type { Reader } from './reader.ts'
import type { Seen, SeenVersions } from './seen.ts'

export type Looked =
  /** The row has the version expected, and its stamp tells every other one. */
  { kind: 'settled'; seen: Seen } | { kind: 'conflict'; row: ExternalRow } | { kind: 'absent' } | Failure

export class Look {
  readonly #client: Client
  readonly #reader: Reader
  readonly #seen: SeenVersions

  constructor(client: Client, reader: Reader, seen: SeenVersions) {
    this.#client = client
    this.#reader = reader
    this.#seen = seen
  }

  async at(type: string, id: string, expectedVersion: string, call: Call): Promise<Looked> {
    const known = this.#settled(id, expectedVersion)
    if (known) return known
    const first = await this.#once(type, id, expectedVersion, call)
    if (first.kind !== 'young') return first
    const waitMs = Math.min(
      SETTLE_WAIT_MS_MAX,
      Math.max(0, first.stamp + SETTLED_MS - this.#client.clock.now()),
    )
    const isOver = await wait(waitMs, true, { signal: call.signal }).catch(() => false)
    const second = isOver ? await this.#once(type, id, expectedVersion, call) : first
    if (second.kind !== 'young') return second
    const reason = `${type} ${id} was changed this very second, and a condition goes by seconds`
    return { kind: 'later', retryAfterMs: SETTLED_MS, reason }
  }

  async #once(
    type: string,
    id: string,
    expectedVersion: string,
    call: Call,
  ): Promise<Looked | { kind: 'young'; stamp: number }> {
    const answer = await this.#reader.read(type, { id }, call, { everywhere: true })
    if (answer.kind === 'unknown') return { ...answer, kind: 'later' }
    if (answer.kind !== 'row') return answer
    if (answer.row.version !== expectedVersion || answer.row.deleted)
      return { kind: 'conflict', row: answer.row }
    const { stamp = 0 } = this.#seen.get(id) ?? {}
    return this.#settled(id, expectedVersion) ?? { kind: 'young', stamp }
  }

  #settled(id: string, version: string): Looked | undefined {
    const seen = this.#seen.get(id)
    return seen?.settled && seen.version === version ? { kind: 'settled', seen } : undefined
  }
}
