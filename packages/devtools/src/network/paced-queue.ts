/**
 * One direction of a slow line: what is put in comes out in the same order, each item when its bytes have passed and the line's delay is over, as bytes do that wait for those before them.
 *
 *     push ─▶ [ item  item  item ] ─ bytesPerSecond ─▶ ┄┄┄ delayMs ┄┄┄ ─▶ out
 */
import type { Host } from '@skerry/core'

export interface Pace {
  bytesPerSecond: number
  delayMs: number
}

export interface Item {
  bytes: number
  out(): void
}

export class PacedQueue {
  readonly #host: Pick<Host, 'now' | 'timer'>
  readonly #waiting: (Item & { dueAt: number })[] = []
  #pace: Pace | undefined
  /** When the line has passed on all that was put in. */
  #freeAt = 0
  #cancel: () => void = () => undefined
  #isLetting = false
  bytes = 0

  constructor(host: Pick<Host, 'now' | 'timer'>, pace: Pace | undefined) {
    this.#host = host
    this.#pace = pace
  }

  /** Whether it is held back. */
  push(item: Item): boolean {
    if (this.#pace === undefined && this.#waiting.length === 0) {
      item.out()
      return false
    }
    this.bytes += item.bytes
    this.#waiting.push({ ...item, dueAt: this.#dueAt(item) })
    this.#wait()
    return true
  }

  /** What waits is paced anew, from now on; without a pace it comes out at once. */
  setPace(pace: Pace | undefined): void {
    this.#pace = pace
    this.#freeAt = 0
    for (const item of this.#waiting) item.dueAt = this.#dueAt(item)
    this.#wait()
  }

  /** All of it comes out at once. */
  flush(): void {
    for (const item of this.#waiting) item.dueAt = 0
    this.#letOut()
  }

  clear(): void {
    this.#cancel()
    this.#waiting.length = 0
    this.bytes = 0
  }

  #dueAt({ bytes }: Item): number {
    if (this.#pace === undefined) return 0
    const { bytesPerSecond, delayMs } = this.#pace
    this.#freeAt = Math.max(this.#host.now(), this.#freeAt) + (1_000 * bytes) / bytesPerSecond
    return this.#freeAt + delayMs
  }

  #wait(): void {
    this.#cancel()
    const [first] = this.#waiting
    if (first === undefined || this.#isLetting) return
    const leftMs = first.dueAt - this.#host.now()
    if (leftMs <= 0) this.#letOut()
    else this.#cancel = this.#host.timer(Math.ceil(leftMs), () => this.#letOut())
  }

  /** What comes out may put more in, or clear all. */
  #letOut(): void {
    if (this.#isLetting) return
    this.#isLetting = true
    try {
      while (this.#waiting.length > 0 && this.#waiting[0]!.dueAt <= this.#host.now()) {
        const item = this.#waiting.shift()!
        this.bytes -= item.bytes
        item.out()
      }
    } finally {
      this.#isLetting = false
    }
    this.#wait()
  }
}
