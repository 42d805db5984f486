/** The seeds that every test run lives through; `npm run simulate` runs more, or replays one. */
import { beforeAll, expect, test } from 'vitest'
import { startEngine } from './machine/engine.ts'
import { drawPlan } from './plan/plan.ts'
import { live, simulate } from './simulate.ts'

/** Seeds in one test run: about 0.2 s each; the rest is for the longer runs. */
const SEEDS = Number(process.env['SKERRY_SEEDS'] ?? 100)
const SEEDS_PER_TEST = 25

beforeAll(startEngine)

for (let first = 1; first <= SEEDS; first += SEEDS_PER_TEST) {
  const last = Math.min(first + SEEDS_PER_TEST, SEEDS + 1) - 1
  test(`seeds ${first} to ${last} converge, keep what was acknowledged and leak nothing`, {
    timeout: 120_000,
  }, async () => {
    for (let seed = first; seed <= last; seed++) {
      const failure = await simulate(seed).catch((error: unknown) => error)
      expect(failure, `replay it with: npm run simulate -- --seed ${seed}`).toBeUndefined()
    }
  })
}

test('the same seed is the same run', async () => {
  const runs: string[][] = []
  for (let i = 0; i < 2; i++) {
    const told: string[] = []
    await live(drawPlan(5), (line) => told.push(line))
    runs.push(told)
  }
  expect(runs[0]!.length).toBeGreaterThan(50)
  expect(runs[0]).toEqual(runs[1])
})
