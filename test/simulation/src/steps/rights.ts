/** What the operator does: grants that change while a device is connected, that run out, and that are revoked. */
import type { SimulatedNode } from '../nodes/node.ts'
import { drawGrant } from '../plan/topology.ts'
import type { World } from '../world.ts'
import type { StepContext } from './step-context.ts'
import { expected } from './visit-edits.ts'

const LIFETIME_MS = [5_000, 60_000, 3_600_000] as const

export async function regrant({ world, node, random }: StepContext): Promise<void> {
  if (node.isHub) return
  const grant = node.plan.kind === 'edge' ? drawGrant(random) : node.plan.grant
  world.tell(`${node.name} is granted ${grant.read.join(' ')}; writes ${grant.write.join(' ')}`)
  void node.regrant(grant)
}

/** One site is taken from it, while what was told of that may be on its way. */
export function narrow({ world, node, random }: StepContext): void {
  const lost = random.pick(node.grant.read)
  const without = (channels: readonly string[]) => channels.filter((channel) => channel !== lost)
  world.tell(`${node.name} loses ${lost}`)
  void node.regrant({ ...node.grant, read: without(node.grant.read), write: without(node.grant.write) })
}

/** What it had at the beginning. */
export function widen({ world, node }: StepContext): void {
  world.tell(`${node.name} is granted again what it had`)
  void node.regrant(node.plan.grant)
}

/** The same again, but not for long. */
export function expire({ world, node, random }: StepContext): void {
  if (node.isHub) return
  const expiresAt = world.scheduler.nowMs + random.pick(LIFETIME_MS)
  world.tell(`${node.name} is granted the same until ${expiresAt - world.scheduler.nowMs} ms from now`)
  void node.regrant({ ...node.grant, expiresAt })
}

/** Every hub hears of it. What an adapter node imported meanwhile would be refused for good (known gap of the bridge), so it is spared. */
export function revoke({ world, node }: StepContext): void {
  const credential = node.running?.replica.credential
  if (!credential || node.plan.kind !== 'edge') return
  world.tell(`${node.name}'s credential is revoked`)
  for (const hub of world.hubs) void revokeAt(world, hub, credential.hash)
}

async function revokeAt({ rights, tell }: World, hub: SimulatedNode, value: string): Promise<void> {
  const process = hub.running
  if (!process) return
  const revoked = { by: 'hash', value } as const
  try {
    await process.replica.revoke(revoked)
    rights.revoked(process, value)
  } catch (error) {
    expected(error)
    tell(`${hub.name} could not revoke: ${error}`)
  }
}
