/**
 * `npm run kill -- --rounds 300` kills processes with SIGKILL, each target so many times, and holds what they had acknowledged against what is there afterwards.
 *
 *   --target edge|hub|adapter   only this one        --seed N       other moments
 *   --rounds N                  kills per target     --minutes N    for each target; no round begins later
 *
 * Ends with 1 when anything was lost, or was there twice, or the time was over before the rounds.
 */
import { parseArgs } from 'node:util'
import { closingTable } from './closing-table.ts'
import { killRounds, type Outcome, type TargetName, targets } from './rounds.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '300' },
    target: { type: 'string' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '10' },
  },
})
const [rounds, seed, minutes] = [Number(values.rounds), Number(values.seed), Number(values.minutes)]
const names = Object.keys(targets) as TargetName[]
const wanted = names.filter((name) => values.target === undefined || name === values.target)
if (
  wanted.length === 0 ||
  !Number.isInteger(rounds) ||
  rounds < 1 ||
  !Number.isInteger(seed) ||
  !(minutes > 0)
) {
  console.error(`usage: npm run kill -- [--rounds N] [--target ${names.join('|')}] [--seed N] [--minutes N]`)
  process.exit(2)
}

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
