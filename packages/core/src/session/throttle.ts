/**
 * Holds one session to its peer's budget (B-rules). Over budget the peer is only slowed: what it sent is delivered later, so acknowledgements and credit come later, and
 * it waits with what it has. Control messages cannot be kept waiting without a queue, and an honest peer has few of them to send: who floods those is cut off.
 */
import type { Host } from '../host.ts'
import { Bucket } from './bucket.ts'
import type { Budget, Spent } from './budget.ts'
import { REPLIES, REQUESTS, SLOWED_TOLD_MS, TIMER_MS_MAX } from './limits.ts'
import type { MessageName } from './messages.ts'
import { ProtocolError } from './port.ts'
import type { Spend } from './spend.ts'

export interface ThrottlePorts {
  host: Pick<Host, 'now' | 'timer'>
  budget: Budget
  /** Told when the peer is slowed; at most once in SLOWED_TOLD_MS. */
  slowed(by: Spent, waitMs: number): void
  /** So long nothing of the peer was delivered. */
  waited(ms: number): void
}

/** Messages that answer one of ours, and those that ask by themselves. What compares is answered one at a time, and so needs no bucket. */
const buckets: Partial<Record<MessageName, 'replies' | 'requests'>> = {
  ack: 'replies',
  credit: 'replies',
  granted: 'replies',
  differences: 'replies',
  answer: 'replies',
  want: 'requests',
  credential: 'requests',
}

/** Replies that a message of ours may bring: a frame is acknowledged and gives credit. */
const repliesTo: Partial<Record<MessageName, number>> = {
  frame: 2,
  want: 1,
  credential: 1,
  compare: 1,
  ask: 1,
}

export class Throttle {
  readonly #ports: ThrottlePorts
  readonly #control = { replies: new Bucket(REPLIES), requests: new Bucket(REQUESTS) }
  readonly #sleepers = new Set<() => void>()
  #toldAt: number | undefined
  #ended = false

  constructor(ports: ThrottlePorts) {
    this.#ports = ports
  }

  /** A message came. @throws ProtocolError too-many */
  heard(name: MessageName, bytes: number): void {
    const { host, budget } = this.#ports
    const now = host.now()
    budget.spend('messages', 1, now)
    budget.spend('bytes', bytes, now)
    const kind = buckets[name]
    if (kind === undefined) return
    const bucket = this.#control[kind]
    bucket.spend(1, now)
    if (bucket.waitMs(now) === 0) return
    const { burst, perSecond } = { replies: REPLIES, requests: REQUESTS }[kind]
    throw new ProtocolError(
      'too-many',
      `more ${name} messages than there is reason for: limit ${burst} at once and ${perSecond} a second, besides those that answer`,
    )
  }

  /** A message was sent, which the peer may answer. */
  said(name: MessageName): void {
    this.#control.replies.earn(repliesTo[name] ?? 0)
  }

  /** A frame grew by so many bytes when it was inflated. */
  inflated(bytes: number): void {
    if (bytes > 0) this.#ports.budget.spend('bytes', bytes, this.#ports.host.now())
  }

  /** Whether something is owed, so that `allowed` would wait. */
  get isSlowed(): boolean {
    return this.#ports.budget.debt(this.#ports.host.now()) !== undefined
  }

  /** Resolves when nothing is owed; with false when the session ended meanwhile. */
  async allowed(): Promise<boolean> {
    const { host, budget } = this.#ports
    for (;;) {
      if (this.#ended) return false
      const debt = budget.debt(host.now())
      if (debt === undefined) return true
      this.#tell(debt.by, debt.waitMs)
      await this.#sleep(Math.min(debt.waitMs, TIMER_MS_MAX))
    }
  }

  readonly spend: Spend = async (operations) => {
    if (!(await this.allowed())) return false
    this.#ports.budget.spend('operations', operations, this.#ports.host.now())
    return true
  }

  end(): void {
    this.#ended = true
    for (const wake of [...this.#sleepers]) wake()
  }

  #sleep(ms: number): Promise<void> {
    // Several may wait for the same debt: the time counts once.
    const isFirst = this.#sleepers.size === 0
    return new Promise((resolve) => {
      const wake = () => {
        cancel()
        this.#sleepers.delete(wake)
        resolve()
      }
      const cancel = this.#ports.host.timer(ms, () => {
        if (isFirst) this.#ports.waited(ms)
        wake()
      })
      this.#sleepers.add(wake)
    })
  }

  #tell(by: Spent, waitMs: number): void {
    const now = this.#ports.host.now()
    if (this.#toldAt !== undefined && Math.abs(now - this.#toldAt) < SLOWED_TOLD_MS) return
    this.#toldAt = now
    this.#ports.slowed(by, waitMs)
  }
}
