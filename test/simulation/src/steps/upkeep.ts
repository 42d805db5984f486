/** What a node does in its idle time: compaction, and the burial of what was deleted long ago. */
import type { StepContext } from './step-context.ts'

/** Not waited for: a crash, or an edit, may come in the middle, and then there are the old entries or the snapshot. */
export function upkeep({ world, node }: StepContext): void {
  const { running } = node
  if (!running?.life.isAlive) return
  running.replica.upkeep().then(
    ({ compacted, buried }) => world.tell(`${node.name} compacted ${compacted} and buried ${buried}`),
    (error: unknown) => world.tell(`${node.name} could not tidy up: ${error}`),
  )
}
