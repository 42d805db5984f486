/** The short form of `npm run kill`: real processes, real files, a few SIGKILLs for each target. */
import { describe, expect, test } from 'vitest'
import { killRounds, type TargetName, targets } from './rounds.ts'

const ROUNDS = 8
const SEED = 1
/** Milliseconds in which rounds may begin; the check at the end comes on top. */
const ROUNDS_MS_MAX = 90_000
const TEST_MS_MAX = 240_000

describe.each(Object.keys(targets) as TargetName[])('%s', (target) => {
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
