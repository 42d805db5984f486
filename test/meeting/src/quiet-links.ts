/** Links in memory, which deliver nothing before somebody says so. */
import { type MemoryLink, memoryLink, type ReplicaBase, startSession } from '@skerry/core'

/** Rounds until all links must be quiet: an echo that never ends is a failure, not a wait. */
const ROUNDS_MAX = 2_000

/** A session of two replicas. */
export function join(acceptor: ReplicaBase, initiator: ReplicaBase): MemoryLink {
  const link = memoryLink()
  startSession(acceptor.session, link.acceptor, { role: 'acceptor' })
  startSession(initiator.session, link.initiator, { role: 'initiator' })
  return link
}

/** Delivers until nothing moves on any link. */
export async function settle(links: readonly MemoryLink[]): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    await new Promise((resolve) => setImmediate(resolve))
    const moved = links.reduce((sum, link) => sum + link.flush(), 0)
    if (moved === 0) return
  }
  throw new Error(`the links are not quiet after ${ROUNDS_MAX} rounds`)
}
