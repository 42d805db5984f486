/** Runs a fast-check property from a seed that the failure names, so that every failure is one command away. */

import fc from 'fast-check'

const SEED_AT_FIRST = 20_260_101

/** Checks `property` for `runs` generated inputs; `SKERRY_SEED` chooses other ones. */
export function checkProperty<Inputs>(property: fc.IPropertyWithHooks<Inputs>, runs: number): void {
  const seed = Number(process.env.SKERRY_SEED ?? SEED_AT_FIRST)
  const outcome = fc.check(property, { seed, numRuns: runs })
  if (!outcome.failed) return
  const report = fc.defaultReportMessage(outcome) ?? 'no report'
  throw new Error(`Replay with: SKERRY_SEED=${seed} npx vitest run packages/streams\n${report}`, {
    cause: outcome.errorInstance,
  })
}
