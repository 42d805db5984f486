/**
 * A machine that runs all tests at once says nothing of how long things take, and a test that fails by the clock there shows no defect: with `SKERRY_QUIET=1` a test holds the times that it
 * prints to the goal, without it to ten times that, which only what hangs will reach.
 */
export const isQuiet = process.env.SKERRY_QUIET !== undefined

/** Milliseconds to hold a time to. @param goalMs what a quiet machine must reach. */
export function atMostMs(goalMs: number): number {
  return isQuiet ? goalMs : 10 * goalMs
}
