/** All tables of a run, one for each number of records, and what went wrong in words. */
import type { Contender } from './contender.ts'
import type { Outcome } from './outcome.ts'
import { ratioTable } from './ratio-table.ts'

export function tablesOf(contenders: readonly Contender[], outcomes: readonly Outcome[]): string[] {
  const sizes = [...new Set(outcomes.map(({ records }) => records))]
  return sizes.flatMap((size) => [
    `### ${size.toLocaleString('en-US')} records`,
    ratioTable(
      contenders,
      outcomes.filter(({ records }) => records === size),
    ),
  ])
}

/** One line for each thing that was missing, late or broken. */
export function troublesOf(contenders: readonly Contender[], outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ contender, records, troubles }) => {
    const title = contenders.find(({ name }) => name === contender)?.title ?? contender
    return troubles.map((trouble) => `${title}, ${records.toLocaleString('en-US')} records: ${trouble}`)
  })
}
