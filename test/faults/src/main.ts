/** `npm run kill`: kills processes with SIGKILL, and holds what they had acknowledged against what is there afterwards. */
import { parseArgs } from 'node:util'
import { commandLine, positiveNumber, wholeNumber } from '@skerry/command-line'
import { closingTable } from './closing-table.ts'
import { killRounds, type Outcome, type TargetName, targets } from './rounds.ts'

const names = Object.keys(targets) as TargetName[]

const usage = `npm run kill -- [--target ${names.join('|')}] [--rounds 300] [--seed 1] [--minutes 10]

  --target    only this one
  --rounds    kills per target
  --seed      other moments
  --minutes   for each target; no round begins later

Ends with 1 when anything was lost, or was there twice, or the time was over before the rounds.
`

const { wanted, rounds, seed, minutes } = commandLine(usage, (words) => {
  const { values } = parseArgs({
    args: [...words],
    options: {
      rounds: { type: 'string', default: '300' },
      target: { type: 'string' },
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '10' },
    },
  })
  const { target } = values
  const wanted = names.filter((name) => target === undefined || name === target)
  if (wanted.length === 0)
    throw new TypeError(`--target ${target}: there is no such target; there are ${names.join(', ')}`)
  return {
    wanted,
    rounds: wholeNumber('--rounds', values.rounds, 1),
    seed: wholeNumber('--seed', values.seed, 0),
    minutes: positiveNumber('--minutes', values.minutes),
  }
})

const outcomes: Outcome[] = []
for (const name of wanted) {
  try {
    outcomes.push(await killRounds(name, { rounds, seed, msMax: minutes * 60_000, tell: console.log }))
  } catch (error) {
    console.error(
      `${name} failed; replay it with: npm run kill -- --target ${name} --rounds ${rounds} --seed ${seed}`,
    )
    console.error(error)
    process.exitCode = 1
  }
}
console.log(closingTable(outcomes, { rounds, seed }))
if (
  outcomes.some((outcome) => outcome.lost.length + outcome.duplicated.length > 0 || outcome.rounds < rounds)
)
  process.exitCode = 1
// A process that still holds a handle here would be a finding of its own, but not one to wait for.
process.exit()
