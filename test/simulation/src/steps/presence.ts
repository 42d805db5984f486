/** Who uses an app shows in a site what it looks at, until it is closed. */
import { PresenceRefused } from '@skerry/core'
import { sites } from '../nodes/collections.ts'
import type { SimulatedNode } from '../nodes/node.ts'
import type { World } from '../world.ts'
import type { StepContext } from './step-context.ts'

export function appear({ world, node, random }: StepContext): void {
  show(world, node, random.pick(sites))
}

/** @returns the mark that it shows, undefined where it may not */
export function show(world: World, node: SimulatedNode, site: string): string | undefined {
  const process = node.running
  if (!process?.life.isAlive) return undefined
  const mark = world.ledger.newMark()
  world.ledger.placed(mark, `presence/${mark}`, node.name, site)
  world.shown.said.add(mark)
  try {
    process.replica.presence(site).say({ mark })
  } catch (error) {
    const isForbidden = error instanceof PresenceRefused && /^not-(granted|enrolled)$/.test(error.code)
    if (!isForbidden) throw error
    return undefined
  }
  world.tell(`${node.name} shows ${mark} in ${site}`)
  return mark
}

export function vanish({ world, node }: Pick<StepContext, 'world' | 'node'>): void {
  if (!node.running?.life.isAlive) return
  world.tell(`${node.name} shows nothing any more`)
  for (const site of sites) node.running.replica.presence(site).leave()
}
