/** A LAN in memory: what one says all hear, in a later microtask, and who comes late hears of whoever is there. */
import type { Discovery, Service, Sighting } from '../src/discovery.ts'

/** Milliseconds, as mDNS announces. */
export const ANNOUNCED_MS = 120_000

export class FakeLan {
  readonly #there = new Set<Sighting>()
  readonly #hearers = new Set<(sighting: Sighting) => void>()

  join(): Discovery {
    let own: Sighting | undefined
    let hearer: ((sighting: Sighting) => void) | undefined
    return {
      announce: (service) => {
        own = sightingOf(service)
        this.#there.add(own)
        this.say(own)
      },
      discover: (seen) => {
        hearer = seen
        this.#hearers.add(seen)
        for (const sighting of this.#there) tell(seen, sighting)
      },
      close: async () => {
        if (hearer) this.#hearers.delete(hearer)
        if (own === undefined || !this.#there.delete(own)) return
        this.say({ ...own, forMs: 0 })
      },
    }
  }

  /** Whoever is there says so again, as mDNS does when asked. */
  repeat(): void {
    for (const sighting of this.#there) this.say(sighting)
  }

  /** Anybody may say anything. */
  say(sighting: Sighting): void {
    for (const hearer of this.#hearers) tell(hearer, sighting)
  }
}

function sightingOf({ port, ...service }: Service): Sighting {
  return { ...service, url: `ws://127.0.0.1:${port}/sync`, forMs: ANNOUNCED_MS }
}

function tell(hearer: (sighting: Sighting) => void, sighting: Sighting): void {
  queueMicrotask(() => hearer(sighting))
}
