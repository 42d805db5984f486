/** Who is there: always a hub and some edges, sometimes a second hub behind it, peers that dial each other, a gateway, an adapter node, a bad device. */
import type { Random } from '../machine/random.ts'
import { ORDERS_CHANNEL, sites } from '../nodes/collections.ts'
import type { Grant } from '../nodes/credentials.ts'
import type { NodePlan } from '../nodes/surroundings.ts'

const NO_EXPIRY = 9e12
export const HUB = 'hub'
const RELAY = 'relay'
/** A device whose owner is an attacker: it holds a valid credential and sends what it likes. */
export const HOSTILE = 'mallory'
const STREAM_CHANNEL = 'stream:gw'

const authority: Grant = { role: 'authority', read: ['*'], write: ['*'], expiresAt: NO_EXPIRY }

export function drawTopology(random: Random, isHostile: boolean): NodePlan[] {
  const nodes: NodePlan[] = [{ name: HUB, kind: 'hub', uplinks: [], skewMs: 0, grant: authority }]
  const hubs = [HUB]
  if (random.chance(0.25)) {
    nodes.push({ name: RELAY, kind: 'relay', uplinks: [HUB], skewMs: skew(random), grant: authority })
    hubs.push(RELAY)
  }
  const edges = 1 + random.below(3)
  for (let i = 0; i < edges; i++) {
    const uplinks = [random.pick(hubs)]
    if (i > 0 && random.chance(0.25)) uplinks.push('edge0')
    nodes.push({ name: `edge${i}`, kind: 'edge', uplinks, skewMs: skew(random), grant: drawGrant(random) })
  }
  if (isHostile)
    nodes.push({ name: HOSTILE, kind: 'edge', uplinks: [HUB], skewMs: 0, grant: drawGrant(random) })
  if (random.chance(0.2)) nodes.push(special('gateway', random, hubs))
  if (random.chance(0.4)) nodes.push(special('adapter', random, hubs))
  return nodes
}

/** An edge that joins with an empty disk when others have been at work. */
export function drawLate(random: Random, nodes: readonly NodePlan[]): NodePlan {
  const hubs = nodes.filter(({ kind }) => kind === 'hub' || kind === 'relay')
  const uplinks = [random.pick(hubs).name]
  return { name: 'late', kind: 'edge', uplinks, skewMs: skew(random), grant: drawGrant(random) }
}

/** What a device is granted: some sites, fewer to write. */
export function drawGrant(random: Random): Grant {
  const read: string[] = sites.filter(() => random.chance(0.6))
  const write = read.filter(() => random.chance(0.8))
  if (random.chance(0.5)) {
    read.push(ORDERS_CHANNEL)
    write.push(ORDERS_CHANNEL)
  }
  if (random.chance(0.2)) read.push(STREAM_CHANNEL)
  return { role: 'device', read, write, expiresAt: NO_EXPIRY }
}

function special(kind: 'gateway' | 'adapter', random: Random, hubs: readonly string[]): NodePlan {
  const channels = kind === 'gateway' ? [STREAM_CHANNEL] : [ORDERS_CHANNEL]
  const grant: Grant = {
    role: 'device',
    read: kind === 'gateway' ? [] : channels,
    write: channels,
    systems: kind === 'adapter' ? ['crm'] : [],
    expiresAt: NO_EXPIRY,
  }
  return { name: kind, kind, uplinks: [random.pick(hubs)], skewMs: skew(random), grant }
}

/** Most clocks are a little wrong, some are years off. */
function skew(random: Random): number {
  if (random.chance(0.6)) return 0
  return random.pick([-1, 1]) * random.pick([300, 5_000, 3_600_000, 300_000_000_000])
}
