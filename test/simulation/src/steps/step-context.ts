/** Where a step happens, and with what chance. */
import type { Random } from '../machine/random.ts'
import type { SimulatedNode } from '../nodes/node.ts'
import type { World } from '../world.ts'

export interface StepContext {
  world: World
  node: SimulatedNode
  random: Random
}
