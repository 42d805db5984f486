/**
 * The sessions of a hub: takes each transport, counts, and ends sessions for reasons that a single one cannot see: another credential limit,
 * the hub's own end. What is said in a session is core's business, and who is revoked.
 */
import {
  type BudgetRates,
  closeCodes,
  OpenSessions,
  PeerBudgets,
  Places,
  type Session,
  type SessionReplica,
  startSession,
  type Transport,
} from '@skerry/core'
import type { Beginning } from './door.ts'
import {
  FIRST_READS_MAX,
  SEND_BUFFER_BYTES_MIN,
  SEND_BUFFERS_BYTES_MAX,
  SESSIONS_PER_CREDENTIAL_MAX,
} from './limits.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'

interface Parts {
  replica: SessionReplica
  metrics: Metrics
  log: Logger
  /** What each device may cost. */
  budget?: Partial<BudgetRates>
}

const countedNames = [
  'bytesIn',
  'bytesOut',
  'entriesIn',
  'entriesOut',
  'presencesIn',
  'presencesOut',
  'presencesDropped',
] as const

type Counted = Record<(typeof countedNames)[number] | 'slowedMs', number>

export class HubSessions {
  readonly #parts: Parts
  /** With what of each session's counters was passed on to the metrics. */
  readonly #sessions = new Map<Session, Counted>()
  readonly #byPeer = new OpenSessions()
  readonly #budgets: PeerBudgets
  readonly #firstReads: Places
  /** In their handshake, by address. */
  readonly #beginning = new Map<Session, string>()

  constructor(parts: Parts) {
    this.#parts = parts
    this.#budgets = new PeerBudgets(parts.budget)
    this.#firstReads = new Places(parts.replica.host, FIRST_READS_MAX)
  }

  get size(): number {
    return this.#sessions.size
  }

  /** Sessions that are in their handshake. */
  beginning(address: string): Beginning {
    let fromAddress = 0
    for (const from of this.#beginning.values()) if (from === address) fromAddress += 1
    return { all: this.#beginning.size, fromAddress }
  }

  /** `from`: address of the other side, for the log. */
  accept(transport: Transport, from: string): void {
    const { replica, log } = this.#parts
    const session = startSession(replica, transport, {
      role: 'acceptor',
      sessions: this.#byPeer,
      budgets: this.#budgets,
      firstReads: this.#firstReads,
      sendBufferBytesMax: () => Math.max(SEND_BUFFERS_BYTES_MAX / this.size, SEND_BUFFER_BYTES_MIN),
      log: (event) => {
        // Not from inside the session's own step: it may be ended for what is found.
        if (event.kind === 'opened') queueMicrotask(() => this.#opened(session, from))
        else if (event.kind === 'slowed') this.#slowed(session, event)
        else if (event.kind === 'credential-left-out')
          log.warn({ from, code: event.error.code }, event.error.message)
        else if (event.kind === 'entry-left-out')
          log.error({ seq: event.seq, bytes: event.bytes }, 'an entry is too large to be sent')
      },
    })
    const nothing = Object.fromEntries(countedNames.map((name) => [name, 0])) as Counted
    this.#sessions.set(session, { ...nothing, slowedMs: 0 })
    this.#beginning.set(session, from)
    void session.closed.then(({ code, reason, error }) => {
      this.#count(session)
      this.#sessions.delete(session)
      this.#beginning.delete(session)
      this.#parts.metrics.sessionsEnded.inc({ code: codeLabel(code) })
      const subject = session.peer?.credential.subject
      log.info({ from, subject, code, reason, ...(error && { error: error.message }) }, 'session ended')
    })
  }

  /** Tells all to come back later. Resolves when they have ended, which their transports see to in bounded time. */
  async drain(): Promise<void> {
    const sessions = [...this.#sessions.keys()]
    for (const session of sessions) end(session, 'draining')
    await Promise.all(sessions.map((session) => session.closed))
  }

  /** Brings the metrics up to this moment. */
  countAll(): void {
    for (const session of this.#sessions.keys()) this.#count(session)
  }

  #slowed(session: Session, { by, waitMs }: { by: string; waitMs: number }): void {
    const { metrics, log } = this.#parts
    metrics.sessionsSlowed.inc({ by })
    const subject = session.peer?.credential.subject
    log.info({ subject, by, waitMs }, 'a device is over its budget and is served later')
  }

  #opened(session: Session, from: string): void {
    this.#beginning.delete(session)
    const { credential, node, log } = session.peer!
    this.#parts.log.info({ from, subject: credential.subject, node, hash: credential.hash }, 'session open')
    const others = [...this.#sessions.keys()].filter((one) => {
      return (
        one !== session &&
        one.peer?.credential.hash === credential.hash &&
        one.peer.log !== log &&
        one.state === 'open'
      )
    })
    if (others.length >= SESSIONS_PER_CREDENTIAL_MAX) end(session, 'tooMany')
  }

  #count(session: Session): void {
    const passedOn = this.#sessions.get(session)
    if (!passedOn) return
    const { metrics } = this.#parts
    const { counters } = session
    for (const name of countedNames) {
      metrics[name].inc(counters[name] - passedOn[name])
      passedOn[name] = counters[name]
    }
    metrics.slowedSeconds.inc((counters.slowedMs - passedOn.slowedMs) / 1000)
    passedOn.slowedMs = counters.slowedMs
  }
}

/** A peer may close with any code; only those that mean something become a label. */
function codeLabel(code: number): string {
  const known = (Object.values(closeCodes) as number[]).includes(code) || (code >= 1000 && code <= 1015)
  return known ? String(code) : 'other'
}

const words = {
  draining: 'this hub is stopping; come back in a moment',
  tooMany: `more than ${SESSIONS_PER_CREDENTIAL_MAX} replicas use this credential at once; give each device its own`,
} as const

function end(session: Session, why: keyof typeof words): void {
  session.close(closeCodes[why], words[why])
}
