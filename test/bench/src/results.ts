/** The figures of a whole run, as they are kept beside the code: test/bench/RESULTS.md. */
import { type Figure, isMet } from './figure.ts'
import { tableOf } from './table.ts'

export interface Run {
  machine: string
  /** Little of everything was measured. */
  quick: boolean
  /** Other work than the benchmark's: processes that wanted a core before it began. */
  loadBefore: number
  minutes: number
  figures: readonly Figure[]
  /** Costs by function, of each section that has a profile. */
  costs: ReadonlyMap<string, string>
}

export function resultsText({ machine, quick, loadBefore, minutes, figures, costs }: Run): string {
  const withGoal = figures.filter(({ goal }) => goal !== undefined)
  const missed = withGoal.filter((figure) => !isMet(figure))
  return `# Results of the benchmark

\`npm run bench${quick ? ' -- --quick --results' : ''}\` wrote this part of the file. ${machine}. It took ${minutes.toFixed(1)} minutes; when it began, ${loadBefore.toFixed(1)} processes of other work wanted a
core. Every process of a measurement is a process of its own: both ends of a wire, and the client that waits, share the cores. The bare limit is
the same bytes through plain ws into plain better-sqlite3 with the same durability, in the same run; the ratio beside it moves less with the machine
than the values do.

${withGoal.length - missed.length} of ${withGoal.length} goals are met.

${tableOf(figures)}
${missed.length === 0 ? '' : `\n## Where the time goes\n\n${profilesOf(missed, costs)}`}`
}

/** Of the goals that are missed, by section; several figures may come from one. */
function profilesOf(missed: readonly Figure[], costs: ReadonlyMap<string, string>): string {
  const sections = [...new Set(missed.flatMap(({ section }) => section ?? []))]
  const texts = sections.flatMap((section) => {
    const cost = costs.get(section)
    if (!cost) return []
    const of = missed.filter((figure) => figure.section === section).map(({ what }) => `- ${what}`)
    return [`Missed:\n\n${of.join('\n')}\n\n\`\`\`\n${cost}\n\`\`\`\n`]
  })
  return `Shares of the time in which a process was busy, with what a function called; from one more run, which is in no figure.\n\n${texts.join('\n')}`
}
