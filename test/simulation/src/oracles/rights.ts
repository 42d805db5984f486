/** Sessions end with the right to them: when the credential shown runs out, and within 5 s of its revocation. Asked from outside: is the hub's end of the connection still open? */

import type { Credential } from '@skerry/core'
import type { Scheduler } from '../machine/scheduler.ts'
import type { Connection } from '../network/connection.ts'
import type { NodeFace, ProcessFace } from '../nodes/surroundings.ts'
import { OracleFailed } from './oracle-failed.ts'

const REVOKED_WITHIN_MS = 5_000
/** A clock that was set is noticed by the next timer (TIMER_MS_MAX of core). */
const CLOCK_SET_WITHIN_MS = 3_600_000
/** A handshake under way may have been judged just before. */
const HANDSHAKE_MS = 10_000

interface Watched {
  connection: Connection
  device: NodeFace
  process: ProcessFace
  acceptor: ProcessFace
  clockJumps: number
  /** The credential that the device shows, and since when the hub may have heard of it in this connection. */
  hash: string
  heardMs: number | undefined
}

export class RightsOracle {
  readonly #scheduler: Scheduler
  #watched: Watched[] = []
  readonly #revoked = new Map<ProcessFace, Map<string, number>>()

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  connected(device: NodeFace, hub: NodeFace | undefined, connection: Connection): void {
    const [process, acceptor] = [device.process, hub?.process]
    if (!process || !acceptor || !hub?.isHub || device.isHub) return
    this.#watched.push({
      connection,
      device,
      process,
      acceptor,
      clockJumps: hub.clock.jumps,
      hash: '',
      heardMs: undefined,
    })
  }

  /** Hashes of all credentials that were ever revoked. */
  get everRevoked(): ReadonlySet<string> {
    return new Set([...this.#revoked.values()].flatMap((known) => [...known.keys()]))
  }

  /** It is durable at this hub. */
  revoked(hub: ProcessFace, hash: string): void {
    const known = this.#revoked.get(hub) ?? new Map()
    this.#revoked.set(hub, known.set(hash, this.#scheduler.nowMs))
  }

  /** Called now and then. @throws OracleFailed */
  check(): void {
    this.#watched = this.#watched.filter(({ connection, process, acceptor }) => {
      const isOver = connection.acceptor.isFinished || !process.life.isAlive || !acceptor.life.isAlive
      return !isOver
    })
    for (const watched of this.#watched) {
      const shown = watched.process.replica.credential
      if (shown) this.#check(watched, shown)
    }
  }

  #check(watched: Watched, shown: Credential): void {
    const { nowMs } = this.#scheduler
    if (shown.hash !== watched.hash) Object.assign(watched, { hash: shown.hash, heardMs: undefined })
    // It may be on its way, or the line died with it: then the session ends by its older credential, or by the heartbeats.
    if (!watched.connection.isHeard) return
    watched.heardMs ??= nowMs
    const { device, acceptor, clockJumps, heardMs } = watched
    const { clock, name } = acceptor.node
    const overdueMs = clock.nowMs - shown.expiresAt
    const grace = clock.jumps === clockJumps ? HANDSHAKE_MS : CLOCK_SET_WITHIN_MS + HANDSHAKE_MS
    if (overdueMs > grace && nowMs - heardMs > grace)
      throw new OracleFailed(
        'rights',
        `${name} keeps a session of ${device.name}, whose credential ran out ${overdueMs} ms ago`,
      )
    const revokedAt = this.#revoked.get(acceptor)?.get(shown.hash)
    if (revokedAt !== undefined && nowMs - Math.max(revokedAt, heardMs + HANDSHAKE_MS) > REVOKED_WITHIN_MS)
      throw new OracleFailed(
        'rights',
        `${name} keeps a session of ${device.name}, whose credential was revoked ${nowMs - revokedAt} ms ago`,
      )
  }
}
