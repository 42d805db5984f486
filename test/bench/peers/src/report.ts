/** The tables of a run, with what they were measured on, as they stand in RESULTS.md; what each figure means stands in PEERS.md. */
import type { Contender } from './contender.ts'
import type { Outcome } from './outcome.ts'
import { tablesOf, troublesOf } from './tables.ts'

export interface Report {
  contenders: readonly Contender[]
  outcomes: readonly Outcome[]
  /** By package. */
  versions: ReadonlyMap<string, string>
  machine: string
  /** Processes that wanted a core in the minute before the run. */
  busyBefore: number
  day: string
}

export function reportOf(report: Report): string {
  const { contenders, outcomes, versions, machine, busyBefore, day } = report
  const troubles = troublesOf(contenders, outcomes)
  return `${[
    '# Results beside the peers',
    'The same work, on one machine, in one run, as ratios: **1** is ours, 2 is twice as much. `npm run bench:peers` wrote this part of the file; what each figure means, and what to mind, stands in [PEERS.md](PEERS.md).',
    `- Machine: ${machine}. Processes wanting a core in the minute before: ${busyBefore.toFixed(1)}.\n- Day: ${day}.\n- Versions: ${[...versions].map(([name, version]) => `${name} ${version}`).join(', ')}.`,
    ...tablesOf(contenders, outcomes),
    '### What was missing, late or broken',
    troubles.length === 0 ? 'Nothing.' : troubles.map((trouble) => `- ${trouble}`).join('\n'),
    '## How each is set up, and what it has promised when it answers',
    ...contenders.map(({ title, setUp, durability }) => `**${title}**: ${setUp}. Durability: ${durability}.`),
  ].join('\n\n')}\n`
}
