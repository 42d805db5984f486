/**
 * Two hosts for tests: one whose clock stands still until it is moved, and one on the machine's clock that counts its timers, so that a test can
 * say that none was left behind.
 */
import type { TransportHost } from '../src/transport.ts'
import { seeded, seededBytes } from './seeded.ts'

interface Timer {
  at: number
  run: () => void
}

export class ManualHost implements TransportHost {
  private nowMs = 1_000_000
  private readonly timers = new Set<Timer>()
  private readonly draw: () => number

  constructor(seed = 1) {
    this.draw = seeded(seed)
  }

  get pending(): number {
    return this.timers.size
  }

  now(): number {
    return this.nowMs
  }

  random(bytes: number): Uint8Array {
    return seededBytes(this.draw, bytes)
  }

  timer(delayMs: number, run: () => void): () => void {
    const timer = { at: this.nowMs + delayMs, run }
    this.timers.add(timer)
    return () => this.timers.delete(timer)
  }

  /** Runs everything due within the next `ms`, in order. */
  advance(ms: number): void {
    const until = this.nowMs + ms
    for (let due = this.next(until); due; due = this.next(until)) {
      this.timers.delete(due)
      this.nowMs = Math.max(this.nowMs, due.at)
      due.run()
    }
    this.nowMs = until
  }

  private next(until: number): Timer | undefined {
    return [...this.timers].filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0]
  }
}

export class RealHost implements TransportHost {
  pending = 0
  private readonly draw: () => number

  constructor(seed = 1) {
    this.draw = seeded(seed)
  }

  now(): number {
    return Date.now()
  }

  random(bytes: number): Uint8Array {
    return seededBytes(this.draw, bytes)
  }

  timer(delayMs: number, run: () => void): () => void {
    this.pending += 1
    let live = true
    const settle = (): boolean => {
      if (!live) return false
      live = false
      this.pending -= 1
      return true
    }
    const id = setTimeout(() => {
      if (settle()) run()
    }, delayMs)
    return () => {
      clearTimeout(id)
      settle()
    }
  }
}
