/** The short form of `npm run kill`: real processes, real files, a few SIGKILLs for each target. */
import { describe, expect, test } from 'vitest'
import { killRounds, type TargetName } from './rounds.ts'

const ROUNDS = 8
const SEED = 1
/** Milliseconds in which rounds may begin; the check at the end comes on top. */
const ROUNDS_MS_MAX = 180_000
const TEST_MS_MAX = 360_000

const titles: Record<TargetName, string> = {
  edge: 'fault P1: an edge',
  hub: 'fault P2: a hub',
  adapter: 'an adapter node',
}

const ofTargets = (Object.keys(titles) as TargetName[]).map((target) => [titles[target], target] as const)

describe.each(ofTargets)('%s', (_, target) => {
  test(
    `${ROUNDS} kills lose nothing and repeat nothing; replay: npm run kill -- --target ${target} --rounds ${ROUNDS} --seed ${SEED}`,
    async () => {
      const outcome = await killRounds(target, { rounds: ROUNDS, seed: SEED, msMax: ROUNDS_MS_MAX })
      expect(outcome).toMatchObject({ rounds: ROUNDS, lost: [], duplicated: [] })
      expect(outcome.acknowledgedHere).toBeGreaterThan(0)
    },
    TEST_MS_MAX,
  )
})
