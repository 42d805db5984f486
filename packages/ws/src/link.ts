/**
 * A link keeps one session with one other replica alive: it opens a transport, starts a session on it, and when either ends it waits and begins
 * again (L- and R-rules of SPEC.md). What a session says is none of its business.
 *
 *   connecting ─transport─▶ handshake ─session open─▶ open
 *       ▲  └──── failed ────────┴──── ended ──────────┘
 *       │                       ▼
 *       └─ retryAt, wake ─ waiting    blocked ─ renew (or after minutes) ─▶ connecting
 */
import { CLOSE_INTERNAL, CLOSE_NORMAL } from './close-code.ts'
import { RETRY_MS_BASE, STABLE_MS } from './limits.ts'
import { LinkError } from './link-error.ts'
import { afterFailure, type SessionEnd, sessionError } from './retry.ts'
import { randomFraction, type TransportHost, type WsTransport } from './transport.ts'

export type LinkPhase = 'connecting' | 'handshake' | 'open' | 'waiting' | 'blocked' | 'closed'

export interface LinkState {
  phase: LinkPhase
  /** Why the link is not open; undefined while it is. */
  lastError: LinkError | undefined
  /** Milliseconds since 1970; set while `waiting`, and while `blocked` when it will be tried again by itself. */
  retryAt: number | undefined
  /** Milliseconds since 1970 of the last sign of life from the other side. */
  lastContactAt: number | undefined
}

/** What a link needs of a session. */
export interface LinkSession {
  readonly state: string
  /** Never rejects. */
  readonly closed: Promise<SessionEnd>
  close(code: number, reason: string): void
  onChange(listener: () => void): () => void
  renew(token: string): void
}

export interface Link<S extends LinkSession = LinkSession> {
  readonly state: LinkState
  /** The session of now, while in `handshake` or `open`. */
  readonly session: S | undefined
  /** Called after each change of phase; the result stops it. */
  subscribe(listener: (state: LinkState) => void): () => void
  /** Resolves when the session is open for the first time. @throws LinkError when the link becomes blocked or closed before. */
  opened(): Promise<void>
  /** The network came back or a person looks: try now, or ask an open line for a sign of life. Never shortens what the other side asked for. */
  wake(): void
  /** The replica has this newer credential (`replica.setCredential(token)`): show it in the session, or leave `blocked`. */
  renew(token: string): void
  /** Ends session and transport; resolves when they have ended. Never rejects. */
  close(): Promise<void>
}

/** Opens one transport; calls exactly one of the two, once, unless aborted before. */
export type Dial = (
  url: string,
  opened: (transport: WsTransport) => void,
  failed: (error: LinkError) => void,
) => { abort(): void }

export interface LinkParts<S extends LinkSession> {
  url: string
  host: TransportHost
  dial: Dial
  startSession(transport: WsTransport): S
}

export function startLink<S extends LinkSession>(parts: LinkParts<S>): Link<S> {
  return new ReconnectingLink(parts)
}

class ReconnectingLink<S extends LinkSession> implements Link<S> {
  session: S | undefined
  private readonly parts: LinkParts<S>
  private readonly listeners = new Set<(state: LinkState) => void>()
  private phase: LinkPhase = 'connecting'
  private lastError: LinkError | undefined
  private lastContactAt: number | undefined
  private retryAt: number | undefined
  /** `wake` dials no earlier than `wakeGapMs` after this (the clock may jump, so the gap is the bound). */
  private wakeFrom = 0
  private wakeGapMs = RETRY_MS_BASE
  private openedOnce = false
  /** A newer credential was shown in the session of now: what that one says of the older is no reason to stand still. */
  private renewed = false
  private attempts = 0
  private transport: WsTransport | undefined
  private stopSession: () => void = () => undefined
  private abortDial: () => void = () => undefined
  private cancelTimer: () => void = () => undefined

  constructor(parts: LinkParts<S>) {
    this.parts = parts
    this.dial()
  }

  get state(): LinkState {
    const { phase, lastError, retryAt } = this
    return { phase, lastError, retryAt, lastContactAt: this.transport?.lastContactAt ?? this.lastContactAt }
  }

  subscribe(listener: (state: LinkState) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  opened(): Promise<void> {
    const promise = new Promise<void>((resolve, reject) => {
      const settled = (): boolean => {
        if (this.openedOnce) resolve()
        else if (this.phase === 'blocked' || this.phase === 'closed') reject(this.lastError)
        else return false
        return true
      }
      if (settled()) return
      const stop = this.subscribe(() => settled() && stop())
    })
    // Whoever asks sees the rejection; whoever does not is not brought down by it.
    promise.catch(() => undefined)
    return promise
  }

  wake(): void {
    if (this.phase === 'open') this.transport?.probe()
    else if (this.retryAt !== undefined) {
      const leftMs = this.wakeFrom + this.wakeGapMs - this.parts.host.now()
      this.retryIn(Math.min(Math.max(leftMs, 0), this.wakeGapMs))
    }
  }

  renew(token: string): void {
    this.attempts = 0
    if (this.session) {
      this.renewed = true
      this.session.renew(token)
    } else if (this.phase === 'blocked') this.dial()
  }

  async close(): Promise<void> {
    if (this.phase !== 'closed') {
      this.lastError = new LinkError('link-closed', `link to ${this.parts.url} was closed here`)
      this.retryAt = undefined
      this.cancelTimer()
      this.abortDial()
      this.session?.close(CLOSE_NORMAL, 'link closed')
      this.enter('closed')
    }
    await this.session?.closed
  }

  private dial(): void {
    this.cancelTimer()
    this.retryAt = undefined
    this.wakeFrom = this.parts.host.now()
    this.wakeGapMs = RETRY_MS_BASE
    this.enter('connecting')
    // A listener may have closed the link.
    if (this.phase !== 'connecting') return
    const { abort } = this.parts.dial(
      this.parts.url,
      (transport) => this.begin(transport),
      (error) => this.failed(error),
    )
    this.abortDial = abort
  }

  private begin(transport: WsTransport): void {
    this.transport = transport
    let session: S
    try {
      session = this.parts.startSession(transport)
    } catch (cause) {
      transport.close(CLOSE_INTERNAL, 'session could not start')
      const error = cause instanceof Error ? cause : new Error(String(cause))
      this.ended({
        code: CLOSE_INTERNAL,
        reason: `session could not start: ${error.message}`,
        error,
        retry: true,
      })
      return
    }
    this.session = session
    this.stopSession = session.onChange(() => this.sessionChanged())
    void session.closed.then((end) => this.ended(end))
    this.enter('handshake')
    this.sessionChanged()
  }

  private sessionChanged(): void {
    if (this.phase !== 'handshake' || this.session?.state !== 'open') return
    if (!this.openedOnce) this.attempts = 0
    this.openedOnce = true
    this.lastError = undefined
    this.cancelTimer = this.parts.host.timer(STABLE_MS, () => {
      this.attempts = 0
    })
    this.enter('open')
  }

  private ended(end: SessionEnd): void {
    this.stopSession()
    this.lastContactAt = this.transport?.lastContactAt
    this.transport = undefined
    this.session = undefined
    if (this.phase !== 'closed') this.failed(sessionError(this.parts.url, end))
  }

  private failed(error: LinkError): void {
    const { host } = this.parts
    const { renewed } = this
    this.renewed = false
    const retry = afterFailure(error, this.attempts, randomFraction(host), renewed)
    this.attempts += 1
    this.lastError = error
    if (retry.phase === 'waiting' && retry.leastMs > 0) {
      this.wakeFrom = host.now()
      this.wakeGapMs = retry.leastMs
    }
    this.cancelTimer()
    this.retryAt = undefined
    if (retry.delayMs !== undefined) this.retryIn(retry.delayMs)
    this.enter(retry.phase)
  }

  private retryIn(delayMs: number): void {
    this.cancelTimer()
    this.retryAt = this.parts.host.now() + delayMs
    this.cancelTimer = this.parts.host.timer(delayMs, () => this.dial())
  }

  private enter(phase: LinkPhase): void {
    this.phase = phase
    const { state } = this
    for (const listener of [...this.listeners]) tell(listener, state)
  }
}

/** A listener that throws is an uncaught exception of its own, and leaves the link whole. */
function tell(listener: (state: LinkState) => void, state: LinkState): void {
  try {
    listener(state)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
