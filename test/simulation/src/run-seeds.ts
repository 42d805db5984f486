/** Runs a range of seeds in this thread, one after another; a failure does not stop those behind it. */
import { drawPlan } from './plan/plan.ts'
import { live } from './simulate.ts'

export interface Failure {
  seed: number
  error: unknown
}

export interface SeedsRun {
  /** Called after each seed. */
  done: (seed: number) => void
  failed: (failure: Failure) => void
  /** Asked before each seed. */
  goesOn: () => boolean
}

export async function runSeeds(seeds: Iterable<number>, { done, failed, goesOn }: SeedsRun): Promise<void> {
  for (const seed of seeds) {
    if (!goesOn()) return
    try {
      await live(drawPlan(seed))
    } catch (error) {
      failed({ seed, error })
    }
    done(seed)
  }
}
