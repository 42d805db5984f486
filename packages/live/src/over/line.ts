/** The line to the hub as a page needs it: opened when the app is not asked to stay off the network. That is kept over restarts, and so is when the hub was last heard. */
import { decodeUtf8, encodeUtf8, type Host, type ReplicaBase, type Transaction } from '@skerry/core'
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
const CONTACT_KEY = 'contact'
/** Milliseconds between two writes of the last contact while the line is open: a process that dies makes it so much older at most, and a day of work writes it some hundred times. */
export const CONTACT_KEPT_MS = 60_000

export class Line {
  readonly #replica: ReplicaBase
  readonly #host: Pick<Host, 'timer'>
  readonly #connect: (() => LiveLink) | undefined
  readonly #changed: () => void
  #link: LiveLink | undefined
  #stopLink: Stop = () => undefined
  #isOffline = false
  /** Before the link of now. */
  #lastContactAt: number | undefined
  #contactKept: number | undefined
  #stopKeeping: Stop = () => undefined
  #isClosed = false
  /** Switching is done in order. */
  #switching: Promise<void>

  constructor(
    replica: ReplicaBase,
    host: Pick<Host, 'timer'>,
    connect: (() => LiveLink) | undefined,
    changed: () => void,
  ) {
    this.#replica = replica
    this.#host = host
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
        lastContactAt: this.#contactAt,
        reason: this.#isOffline
          ? { code: 'offline', words: 'the app was asked to stay off the network' }
          : undefined,
      }
    const { phase, retryAt, lastError } = this.#link.state
    const isOpen = phase === 'open'
    return {
      phase: phaseOf(phase),
      retryAt,
      lastContactAt: this.#contactAt,
      reason: isOpen || !lastError ? undefined : { code: lastError.code, words: lastError.message },
    }
  }

  /** Durable when it resolves, and the line is closed, or being opened. @throws StoreError */
  setOffline(offline: boolean): Promise<void> {
    this.#switching = this.#switching
      .catch(() => undefined)
      .then(async () => {
        const value = offline ? Uint8Array.of(1) : undefined
        await this.#replica.transact(async (transaction) => {
          transaction.tables.put(TABLE, OFFLINE_KEY, value)
          this.#putContact(transaction)
        })
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
    // A damaged one is none, and the next contact takes its place.
    const contact = await this.#replica.table(TABLE, CONTACT_KEY).catch(() => undefined)
    this.#lastContactAt = contact && Number(decodeUtf8(contact))
    this.#contactKept = this.#lastContactAt
    this.#isOffline = (await this.#replica.table(TABLE, OFFLINE_KEY)) !== undefined
    await this.#follow()
  }

  async #follow(): Promise<void> {
    const isWanted = !this.#isOffline && !this.#isClosed
    if (isWanted && !this.#link && this.#connect) {
      this.#link = this.#connect()
      this.#stopLink = this.#link.subscribe(() => {
        this.#keepContact()
        this.#changed()
      })
    } else if (!isWanted && this.#link) {
      const link = this.#link
      this.#lastContactAt = this.#contactAt
      this.#stopLink()
      this.#stopKeeping()
      this.#link = undefined
      await link.close()
    }
    this.#changed()
  }

  get #contactAt(): number | undefined {
    return this.#link?.state.lastContactAt ?? this.#lastContactAt
  }

  /** At each change of phase, and now and then while the line is open. */
  #keepContact(): void {
    this.#stopKeeping()
    if (this.#link?.state.phase === 'open')
      this.#stopKeeping = this.#host.timer(CONTACT_KEPT_MS, () => this.#keepContact())
    const at = this.#contactAt
    if (at === this.#contactKept) return
    this.#contactKept = at
    // An older time is told then; what the store does not take, its own state says.
    this.#replica.transact(async (transaction) => this.#putContact(transaction)).catch(() => undefined)
  }

  #putContact({ tables }: Transaction): void {
    const at = this.#contactAt
    if (at !== undefined) tables.put(TABLE, CONTACT_KEY, encodeUtf8(String(at)))
  }
}

function phaseOf(phase: LiveLink['state']['phase']): LinePhase {
  if (phase === 'handshake') return 'connecting'
  return phase === 'closed' ? 'off' : phase
}
