/** One seed: a plan is drawn, a world lives through it, heals, and is held against the oracles. */
import { heal } from './healing.ts'
import { judge } from './judging.ts'
import { drawPlan, type Plan } from './plan/plan.ts'
import { perform } from './steps/perform.ts'
import { World } from './world.ts'

/** What a run was like. */
export interface Lived {
  steps: number
  messages: number
  virtualMs: number
}

/** @throws OracleFailed, and whatever nobody expected */
export function simulate(seed: number): Promise<Lived> {
  return live(drawPlan(seed))
}

/** `tell` hears what happens. @throws OracleFailed, and whatever nobody expected */
export async function live(plan: Plan, tell: (line: string) => void = () => undefined): Promise<Lived> {
  const world = new World(plan, tell)
  const { scheduler } = world
  const startedAt = scheduler.nowMs
  for (const node of world.living) {
    const { kind, uplinks, grant } = node.plan
    world.tell(
      `${node.name}: ${kind} of ${uplinks.join(' ') || 'nobody'}, reads ${grant.read.join(' ')}, writes ${grant.write.join(' ')}`,
    )
    if (node.plan.joinsAtMs === undefined) void node.start()
    else world.duringFaults(node.plan.joinsAtMs, () => void (node.process ?? node.start()))
  }
  let plannedMs = 0
  for (const step of plan.steps) {
    await scheduler.advance(step.atMs - plannedMs)
    plannedMs = step.atMs
    const passingMs = perform(world, step)
    await scheduler.settle()
    await scheduler.advance(passingMs)
    world.check()
  }
  const held = await heal(world)
  await judge(world, held)
  return {
    steps: plan.steps.length,
    messages: world.network.messages,
    virtualMs: scheduler.nowMs - startedAt,
  }
}
