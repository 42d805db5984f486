/** The figures of the browser, as they are kept beside the code. */
import { laidOut, spelled } from '../table.ts'
import type { BrowserContender } from './contender.ts'
import { type Goal, timesOf } from './goals.ts'
import type { BrowserOutcome, Took } from './outcome.ts'
import { type Row, rows } from './rows.ts'

export interface BrowserRun {
  machine: string
  /** Share of everything that was measured. */
  scale: number
  /** Other work than the benchmark's: processes that wanted a core before it began. */
  loadBefore: number
  minutes: number
  /** Of the peers' packages. */
  versions: readonly string[]
  outcomes: readonly BrowserOutcome[]
  goals: readonly Goal[]
}

export function browserResults(contenders: readonly BrowserContender[], run: BrowserRun): string {
  const { machine, scale, loadBefore, minutes, versions, outcomes, goals } = run
  const share = scale === 1 ? '' : ` A try at ${scale} of the size: no figure of it is one to keep.`
  const met = goals.filter(({ isMet }) => isMet)
  const goalTable = laidOut(
    ['goal', 'wanted', 'found', ''],
    goals.map(({ what, wanted, found, isMet }) => [what, wanted, found, isMet ? 'met' : 'missed']),
  )
  const troubles = outcomes.flatMap(({ contender, records, troubles }) =>
    troubles.map((trouble) => `- ${contender}, ${records.toLocaleString('en-US')} records: ${trouble}`),
  )
  return `# Results of the benchmark in the browser

\`npm run bench:browser\` wrote this part of the file; how each contender is set up and each figure come by stands in [BROWSER.md](BROWSER.md).${share} ${machine}. It took ${minutes.toFixed(1)} minutes; when it began, ${loadBefore.toFixed(1)} processes of other work wanted a core.${versions.length > 0 ? ` Versions: ${versions.join(', ')}.` : ''}

${tableOf(contenders, outcomes)}

${met.length} of ${goals.length} goals are met.

${goalTable}
${troubles.length > 0 ? `\nWhat was not as it should be:\n\n${troubles.join('\n')}\n` : ''}`
}

/** A column each; of the others how many times as long it took them. */
function tableOf(contenders: readonly BrowserContender[], outcomes: readonly BrowserOutcome[]): string {
  const byName = new Map(outcomes.map((outcome) => [outcome.contender, outcome]))
  const records = outcomes[0]?.records ?? 0
  const head = [`${records.toLocaleString('en-US')} records`, ...contenders.map(({ title }) => title)]
  return laidOut(
    head,
    rows.map((row) => {
      const [ours, ...theirs] = contenders.map(({ name }) => row.of(byName.get(name)!))
      return [row.what, cell(row, ours), ...theirs.map((one) => cell(row, one, timesOf(ours, one)))]
    }),
  )
}

function cell({ spelledAs }: Row, took: Took | undefined, times?: number): string {
  if (took === undefined) return '–'
  if (spelledAs) return spelledAs(took.ms)
  const over = took.isOver ? '> ' : ''
  const fewer = took.fewer === undefined ? '' : `, ${took.fewer.toLocaleString('en-US')} records`
  const told = `${over}${spelled(took.ms)} ms${fewer}`
  return times === undefined ? told : `**${over}${spelled(times)} ×** (${told})`
}
