/**
 * A browser in memory: pages and workers as agents that share locks and channels, and any of which can be killed in the middle of whatever it does, as a renderer process that crashes: its locks are free, and nobody hears
 * it any more. What it had said before is still delivered.
 */
import type { Channel, World } from './world.ts'

interface Lock {
  holder: Agent | undefined
  waiting: { agent: Agent; take(): void }[]
}

export class MemoryBrowser {
  readonly #locks = new Map<string, Lock>()
  readonly #channels = new Map<string, Set<End>>()

  agent(): Agent {
    return new Agent(this)
  }

  lock(name: string): Lock {
    const lock = this.#locks.get(name) ?? { holder: undefined, waiting: [] }
    this.#locks.set(name, lock)
    return lock
  }

  ends(name: string): Set<End> {
    const ends = this.#channels.get(name) ?? new Set()
    this.#channels.set(name, ends)
    return ends
  }

  /** Locks that somebody holds or waits for, for asking whether anything was left behind. */
  get heldLocks(): string[] {
    return [...this.#locks].flatMap(([name, { holder }]) => (holder ? [name] : []))
  }

  passOn(lock: Lock): void {
    lock.holder = undefined
    let next = lock.waiting.shift()
    while (next && !next.agent.isAlive) next = lock.waiting.shift()
    next?.take()
  }

  killed(agent: Agent): void {
    for (const lock of this.#locks.values()) {
      lock.waiting = lock.waiting.filter((waiting) => waiting.agent !== agent)
      if (lock.holder === agent) this.passOn(lock)
    }
    for (const ends of this.#channels.values())
      for (const end of [...ends]) if (end.agent === agent) end.close()
  }
}

/** A page or a worker. */
export class Agent {
  readonly world: World
  readonly #browser: MemoryBrowser
  readonly #children: Agent[] = []
  readonly #ends: (() => void)[] = []
  isAlive = true

  constructor(browser: MemoryBrowser) {
    this.#browser = browser
    this.world = {
      locks: { hold: (name, signal) => this.#hold(name, signal) },
      channel: (name) => new End(browser.ends(name), this),
    }
  }

  /** An agent that dies with this one. */
  child(): Agent {
    const child = this.#browser.agent()
    this.#children.push(child)
    return child
  }

  onEnd(end: () => void): void {
    this.#ends.push(end)
  }

  kill(): void {
    if (!this.isAlive) return
    this.isAlive = false
    for (const end of this.#ends) end()
    for (const child of this.#children) child.kill()
    this.#browser.killed(this)
  }

  #hold(name: string, signal?: AbortSignal): Promise<() => void> {
    const lock = this.#browser.lock(name)
    return new Promise((resolve, reject) => {
      const take = () => {
        lock.holder = this
        let isHeld = true
        resolve(() => {
          if (!isHeld || !this.isAlive) return
          isHeld = false
          this.#browser.passOn(lock)
        })
      }
      const waiting = { agent: this, take }
      signal?.addEventListener('abort', () => {
        if (!lock.waiting.includes(waiting)) return
        lock.waiting.splice(lock.waiting.indexOf(waiting), 1)
        reject(signal.reason)
      })
      if (signal?.aborted) reject(signal.reason)
      else if (lock.holder) lock.waiting.push(waiting)
      else take()
    })
  }
}

class End implements Channel {
  readonly agent: Agent
  readonly #ends: Set<End>
  #heard: ((data: unknown) => void) | undefined

  constructor(ends: Set<End>, agent: Agent) {
    this.agent = agent
    this.#ends = ends
    ends.add(this)
  }

  post(message: unknown): void {
    if (!this.agent.isAlive || !this.#ends.has(this)) return
    const copy = structuredClone(message)
    for (const end of this.#ends) if (end !== this) setImmediate(() => end.#hear(copy))
  }

  #hear(message: unknown): void {
    if (this.#ends.has(this)) this.#heard?.(message)
  }

  hear(listener: (data: unknown) => void): void {
    this.#heard = listener
  }

  close(): void {
    this.#ends.delete(this)
  }
}
