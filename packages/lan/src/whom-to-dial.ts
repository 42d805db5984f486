/**
 * The one place that decides whom this node dials (P-rules of SPEC.md). Events (a sighting, a session that opened or ended, a refusal, time) change what is known; this says
 * what follows, and does nothing itself.
 */
import type { Service, Sighting } from './discovery.ts'
import { DIALLED_MAX, REFUSALS_MAX, SIGHTINGS_MAX } from './limits.ts'

export interface Target {
  url: string
  /** Absent: an address given by hand, and nobody met there yet. */
  node: string | undefined
  isGiven: boolean
}

export interface Known {
  own: Pick<Service, 'space' | 'node' | 'versionMin' | 'versionMax'>
  /** Addresses given by hand, with whom was met there. */
  given: readonly Target[]
  sightings: Sightings
  /** Nodes of open sessions that they began. */
  accepted: ReadonlySet<string>
  /** Those dialled whose session is open, by address, with whom was met there. */
  open: ReadonlyMap<string, Target>
  /** Not dialled before this time, by address: it refused, or was refused. Milliseconds since 1970. */
  heldUntil: ReadonlyMap<string, number>
  /** Milliseconds since 1970. */
  now: number
}

/** Everyone that should be dialled, or stay so; each node and each address once. */
export function whomToDial(known: Known): Target[] {
  const chosen = new Map<string, Target>()
  const nodes = new Set<string>()
  let found = 0
  for (const target of candidates(known)) {
    const { url, node, isGiven } = target
    if (chosen.has(url) || (node !== undefined && nodes.has(node))) continue
    if (!isGiven && found === DIALLED_MAX) continue
    if (node !== undefined) nodes.add(node)
    if (!isGiven) found += 1
    chosen.set(url, target)
  }
  return [...chosen.values()]
}

/** In the order in which they are chosen: what is open stays, what was given comes before what was found. */
function candidates(known: Known): Target[] {
  const { own, given, sightings, open, heldUntil, now } = known
  const seen = heldUntil.size < REFUSALS_MAX ? sightings.standing(now) : []
  const found = seen
    .filter((sighting) => mayMeet(own, sighting) && own.node < sighting.node)
    .sort((a, b) => (a.node < b.node ? -1 : 1))
    .map(({ url, node }): Target => ({ url, node, isGiven: false }))
  return [...open.values(), ...given, ...found].filter(
    (target) => (heldUntil.get(target.url) ?? 0) <= now && !isSurplus(target, known),
  )
}

function mayMeet(own: Known['own'], { space, node, versionMin, versionMax }: Sighting): boolean {
  return (
    space === own.space && node !== own.node && versionMin <= own.versionMax && versionMax >= own.versionMin
  )
}

/** They dialled us. Of two sessions the one that the lower id began stays; of one nobody begins a second. */
function isSurplus({ url, node }: Target, { own, accepted, open }: Known): boolean {
  return node !== undefined && accepted.has(node) && (node < own.node || !open.has(url))
}

/** Who was seen lately, by node; beyond SIGHTINGS_MAX the one seen longest ago is forgotten. */
export class Sightings {
  readonly #byNode = new Map<string, { sighting: Sighting; until: number }>()

  see(sighting: Sighting, now: number): void {
    const { node, forMs } = sighting
    this.#byNode.delete(node)
    if (forMs <= 0) return
    if (this.#byNode.size >= SIGHTINGS_MAX) this.#byNode.delete(this.#byNode.keys().next().value!)
    this.#byNode.set(node, { sighting, until: now + forMs })
  }

  /** When the next of them is forgotten by itself; infinity when none is. Milliseconds since 1970. */
  get nextEnd(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { until } of this.#byNode.values()) next = Math.min(next, until)
    return next
  }

  standing(now: number): Sighting[] {
    for (const [node, { until }] of this.#byNode) if (until <= now) this.#byNode.delete(node)
    return [...this.#byNode.values()].map(({ sighting }) => sighting)
  }
}
