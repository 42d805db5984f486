/** The line to the hub as a page needs it: opened when the app is not asked to stay off the network, which is kept over restarts. */
import type { ReplicaBase } from '@skerry/core'
import type { LinePhase, Stop } from '../port.ts'

/** What is needed of a link; that of @skerry/ws is one. */
export interface LiveLink {
  readonly state: {
    readonly phase: 'connecting' | 'handshake' | 'open' | 'waiting' | 'blocked' | 'closed'
    readonly lastError: { readonly code: string; readonly message: string } | undefined
    /** Milliseconds since 1970. */
    readonly retryAt: number | undefined
    readonly lastContactAt: number | undefined
  }
  subscribe(listener: () => void): Stop
  wake(): void
  renew(token: string): void
  close(): Promise<void>
}

export interface LineState {
  phase: LinePhase
  retryAt: number | undefined
  lastContactAt: number | undefined
  reason: { code: string; words: string } | undefined
}

const TABLE = 'live'
const OFFLINE_KEY = 'offline'

export class Line {
  readonly #replica: ReplicaBase
  readonly #connect: (() => LiveLink) | undefined
  readonly #changed: () => void
  #link: LiveLink | undefined
  #stopLink: Stop = () => undefined
  #isOffline = false
  #lastContactAt: number | undefined
  #isClosed = false
  /** Switching is done in order. */
  #switching: Promise<void>

  constructor(replica: ReplicaBase, connect: (() => LiveLink) | undefined, changed: () => void) {
    this.#replica = replica
    this.#connect = connect
    this.#changed = changed
    this.#switching = this.#begin()
  }

  /** Rejects when what the app asked for last could not be read; then nothing is opened. */
  get begun(): Promise<void> {
    return this.#switching
  }

  get state(): LineState {
    if (this.#link === undefined)
      return {
        phase: 'off',
        retryAt: undefined,
        lastContactAt: this.#lastContactAt,
        reason: this.#isOffline
          ? { code: 'offline', words: 'the app was asked to stay off the network' }
          : undefined,
      }
    const { phase, retryAt, lastContactAt, lastError } = this.#link.state
    const isOpen = phase === 'open'
    return {
      phase: phaseOf(phase),
      retryAt,
      lastContactAt: lastContactAt ?? this.#lastContactAt,
      reason: isOpen || !lastError ? undefined : { code: lastError.code, words: lastError.message },
    }
  }

  /** Durable when it resolves, and the line is closed, or being opened. @throws StoreError */
  setOffline(offline: boolean): Promise<void> {
    this.#switching = this.#switching
      .catch(() => undefined)
      .then(async () => {
        const value = offline ? Uint8Array.of(1) : undefined
        await this.#replica.transact(async ({ tables }) => tables.put(TABLE, OFFLINE_KEY, value))
        this.#isOffline = offline
        await this.#follow()
      })
    return this.#switching
  }

  wake(): void {
    this.#link?.wake()
  }

  renew(token: string): void {
    this.#link?.renew(token)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#switching.catch(() => undefined)
    await this.#follow()
  }

  async #begin(): Promise<void> {
    this.#isOffline = (await this.#replica.table(TABLE, OFFLINE_KEY)) !== undefined
    await this.#follow()
  }

  async #follow(): Promise<void> {
    const isWanted = !this.#isOffline && !this.#isClosed
    if (isWanted && !this.#link && this.#connect) {
      this.#link = this.#connect()
      this.#stopLink = this.#link.subscribe(this.#changed)
    } else if (!isWanted && this.#link) {
      const link = this.#link
      this.#lastContactAt = link.state.lastContactAt ?? this.#lastContactAt
      this.#stopLink()
      this.#link = undefined
      await link.close()
    }
    this.#changed()
  }
}

function phaseOf(phase: LiveLink['state']['phase']): LinePhase {
  if (phase === 'handshake') return 'connecting'
  return phase === 'closed' ? 'off' : phase
}
