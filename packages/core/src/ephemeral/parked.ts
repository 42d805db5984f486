/**
 * Messages of one session whose author is being asked for (PR-12). An author is asked for once, and again when a beat has passed without an answer; what waits longer than a presence lives makes
 * room for others.
 */
import * as limit from './limits.ts'
import type { Travelling } from './said.ts'

interface Waiting {
  askedAt: number
  said: Travelling[]
}

export class Parked {
  readonly #now: () => number
  readonly #byAuthor = new Map<string, Waiting>()
  #count = 0

  constructor(now: () => number) {
    this.#now = now
  }

  get isEmpty(): boolean {
    return this.#count === 0
  }

  /** Whether its author is to be asked for now. */
  park(said: Travelling): 'ask' | 'wait' | 'full' {
    const now = this.#now()
    const waiting = this.#byAuthor.get(said.credential)
    // Of one slot only the newest waits.
    const older = waiting?.said.findIndex(
      ({ instance, channel }) => instance === said.instance && channel === said.channel,
    )
    if (older !== undefined && older >= 0) waiting!.said[older] = said
    else if (this.#hasRoom(now)) {
      this.#count += 1
      if (waiting) waiting.said.push(said)
      else this.#byAuthor.set(said.credential, { askedAt: now, said: [said] })
    } else return 'full'
    if (waiting === undefined) return 'ask'
    if (isWithin(now, waiting.askedAt, limit.BEAT_MS)) return 'wait'
    waiting.askedAt = now
    return 'ask'
  }

  /** What waited for this author. */
  take(credential: string): readonly Travelling[] {
    const said = this.#byAuthor.get(credential)?.said ?? []
    this.#byAuthor.delete(credential)
    this.#count -= said.length
    return said
  }

  clear(): void {
    this.#byAuthor.clear()
    this.#count = 0
  }

  #hasRoom(now: number): boolean {
    if (this.#count < limit.PARKED_MAX) return true
    for (const [credential, { askedAt }] of this.#byAuthor)
      if (!isWithin(now, askedAt, limit.EXPIRY_MS)) this.take(credential)
    return this.#count < limit.PARKED_MAX
  }
}

/** A clock that was set back is no reason to wait. */
function isWithin(now: number, sinceMs: number, ms: number): boolean {
  return now >= sinceMs && now < sinceMs + ms
}
