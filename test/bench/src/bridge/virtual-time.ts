/**
 * A clock for nodes that moves only when it is told to: a day of work and its waits take as long as the work alone. With a store in memory all that is not a timer happens in microtasks, and one turn of
 * the event loop ends it.
 */
import type { Host } from '@skerry/core'
import { VirtualWorld } from '@skerry/core/testing'
import { nodeHost } from '@skerry/node'

export class VirtualTime {
  readonly world: VirtualWorld

  constructor(seed: number) {
    this.world = new VirtualWorld(seed)
  }

  get nowMs(): number {
    return this.world.clock.nowMs
  }

  /** Seeded, with the machine's own hashes: the world's are a tenth as fast. @param isDead no timer fires any more */
  host(isDead: () => boolean = () => false): Host {
    const host = this.world.host()
    return {
      ...host,
      sha256: nodeHost().sha256,
      timer: (delayMs, run) => host.timer(delayMs, () => (isDead() ? undefined : run())),
    }
  }

  /** Resolves after so many virtual milliseconds. */
  after(ms: number): Promise<void> {
    return new Promise((resolve) => void this.world.clock.timer(ms, resolve))
  }

  /** Lets everything happen up to this moment. */
  async until(ms: number): Promise<void> {
    const { clock } = this.world
    await turn()
    for (let next = clock.nextMs; next !== undefined && next <= ms; next = clock.nextMs) {
      clock.advanceToNext()
      await turn()
    }
    clock.advance(Math.max(0, ms - clock.nowMs))
  }

  /** Lets time pass until the work is done. */
  async while<T>(work: Promise<T>): Promise<T> {
    let isDone = false
    const done = work.finally(() => {
      isDone = true
    })
    // Whoever awaits the result hears of a failure.
    done.catch(() => undefined)
    await turn()
    while (!isDone) {
      if (!this.world.clock.advanceToNext())
        throw new Error('nothing is due any more, and the work is not done')
      await turn()
    }
    return done
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
