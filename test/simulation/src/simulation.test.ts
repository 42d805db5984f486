/** The seeds that every test run lives through; `npm run simulate` runs more, or replays one. Rules by their ids in SPEC.md. */
import { beforeAll, describe, expect, test } from 'vitest'
import { startEngine } from './machine/engine.ts'
import { OracleFailed } from './oracles/oracle-failed.ts'
import { drawPlan, type Plan } from './plan/plan.ts'
import { commandOf, familiesOf, reduced, whole } from './plan/reduction.ts'
import { shrink } from './shrink.ts'
import { live, simulate } from './simulate.ts'

/** Seeds in one test run: some 0.1 s each; the rest is for the longer runs. */
const SEEDS = Number(process.env['SKERRY_SEEDS'] ?? 200)
const SEEDS_PER_TEST = 25

beforeAll(startEngine)

for (let first = 1; first <= SEEDS; first += SEEDS_PER_TEST) {
  const last = Math.min(first + SEEDS_PER_TEST, SEEDS + 1) - 1
  test(`seeds ${first} to ${last}: every oracle is content`, { timeout: 240_000 }, async () => {
    for (let seed = first; seed <= last; seed++) {
      const failure = await simulate(seed).catch((error: unknown) => error)
      expect(failure, `replay it with: npm run simulate -- --seed ${seed}`).toMatchObject({
        steps: drawPlan(seed).steps.length,
      })
    }
  })
}

/** A plan in which most things are there. */
const SEED = 39

test('W-1 the same seed is the same run', async () => {
  const runs: string[][] = []
  for (let i = 0; i < 2; i++) {
    const told: string[] = []
    await live(drawPlan(SEED), (line) => told.push(line))
    runs.push(told)
  }
  expect(runs[0]!.length).toBeGreaterThan(50)
  expect(runs[0]).toEqual(runs[1])
})

describe('W-6 a part of a plan', () => {
  const plan = drawPlan(SEED)

  test('keeps the steps, nodes and families that are named, each as it was', () => {
    const [node] = plan.nodes.filter(({ name }) => name !== 'hub')
    const part = reduced(plan, { steps: [2, 5], without: [node!.name], calm: [...plan.striking] })
    expect(part.nodes.map(({ name }) => name)).not.toContain(node!.name)
    expect(part.nodes.flatMap(({ uplinks }) => uplinks)).not.toContain(node!.name)
    expect(part.striking.size).toBe(0)
    for (const step of part.steps) expect(step).toBe(plan.steps[step.index])
    expect(reduced(plan, whole).steps).toEqual(plan.steps)
  })

  test('is called again by one command', () => {
    const reduction = { steps: [1, 4], without: ['relay'], calm: familiesOf(['disk']) }
    expect(commandOf(7, reduction)).toBe(
      'npm run simulate -- --seed 7 --without relay --calm disk --steps 1,4',
    )
    expect(() => familiesOf(['weather'])).toThrow(/there is no family of faults 'weather'/)
  })
})

test('W-7 a failing run is shrunk to the step that makes it fail', async () => {
  const plan: Plan = drawPlan(SEED)
  const culprit = plan.steps.find(({ kind }) => kind === 'create')!
  // A world in which one step is a bug.
  const failing = async (one: Plan) => {
    if (one.steps.includes(culprit)) throw new OracleFailed('replay', 'the culprit was there')
  }
  const { plan: smallest, reduction } = await shrink(plan, new OracleFailed('replay', 'at first'), failing)
  expect(smallest.steps).toEqual([culprit])
  expect(smallest.nodes.map(({ name }) => name)).toEqual(['hub'])
  expect(reduction.steps).toEqual([culprit.index])
})
