/** People who show themselves: drawn from a stream of their own, so that the rest of a plan is the same with and without them. */
import { type Random, streamOf } from '../machine/random.ts'
import type { NodePlan } from '../nodes/surroundings.ts'

/** Share of seeds in which somebody does. */
const PRESENT_SHARE = 0.4
const STEPS_LEAST = 3
const STEPS_MOST = 15
const VANISH_SHARE = 0.2

/** A step of a plan that has no place in it yet. */
interface Unnumbered {
  kind: 'appear' | 'vanish'
  node: string
  atMs: number
  salt: number
}

/** Empty where nobody does. */
export function drawPresence(seed: number, nodes: readonly NodePlan[], lastMs: number): Unnumbered[] {
  const random = streamOf(seed, 'presence')
  if (!random.chance(PRESENT_SHARE)) return []
  const edges = nodes.filter(({ kind }) => kind === 'edge')
  const count = STEPS_LEAST + random.below(STEPS_MOST - STEPS_LEAST)
  return Array.from({ length: count }, () => drawStep(random, edges, lastMs))
}

function drawStep(random: Random, edges: readonly NodePlan[], lastMs: number): Unnumbered {
  const kind = random.chance(VANISH_SHARE) ? 'vanish' : 'appear'
  return { kind, node: random.pick(edges).name, atMs: random.below(lastMs + 1), salt: random.below(2 ** 31) }
}
