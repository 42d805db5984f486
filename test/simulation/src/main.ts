/** `npm run simulate`: lives through many seeds, or through one again (`--help`). */
import { parseArgs } from 'node:util'
import { commandLine, wholeNumber } from '@skerry/command-line'
import { startEngine } from './machine/engine.ts'
import { drawPlan } from './plan/plan.ts'
import { commandOf, familiesOf, type Reduction, reduced } from './plan/reduction.ts'
import { Progress } from './progress.ts'
import { shrink } from './shrink.ts'
import { live } from './simulate.ts'
import { runInThreads } from './threads.ts'

const options = {
  seeds: { type: 'string', default: '1000' },
  first: { type: 'string', default: '1' },
  jobs: { type: 'string', default: '1' },
  seed: { type: 'string' },
  steps: { type: 'string' },
  without: { type: 'string', default: '' },
  calm: { type: 'string', default: '' },
  'keep-going': { type: 'boolean', default: false },
  'no-shrink': { type: 'boolean', default: false },
} as const

const usage = `npm run simulate -- [--seeds 1000] [--first 1] [--jobs 1] [--keep-going] [--no-shrink]
npm run simulate -- --seed N [--steps 1,2] [--without name,name] [--calm family,family]

  --seeds       how many, from --first on, in so many threads (--jobs)
  --keep-going  does not end with the first seed that fails
  --no-shrink   does not look for a short script of the first failure, and the one command that runs it again

  --seed        replays one, and tells what happens: only these steps, without these nodes, with these families of faults calm
`

const { values, ...numbers } = commandLine(usage, (words) => {
  const { values } = parseArgs({ args: [...words], options })
  return {
    values,
    seeds: wholeNumber('--seeds', values.seeds, 1),
    first: wholeNumber('--first', values.first, 0),
    jobs: wholeNumber('--jobs', values.jobs, 1),
    seed: values.seed === undefined ? undefined : wholeNumber('--seed', values.seed, 0),
  }
})

const listed = (text: string) => text.split(',').filter((word) => word !== '' && word !== 'none')

async function replay(seed: number): Promise<boolean> {
  const reduction: Reduction = {
    steps: values.steps === undefined ? undefined : listed(values.steps).map(Number),
    without: listed(values.without),
    calm: familiesOf(listed(values.calm)),
  }
  try {
    const { steps, messages, virtualMs } = await live(reduced(drawPlan(seed), reduction), console.log)
    console.log(
      `seed ${seed} passed: ${steps} steps, ${messages} messages, ${Math.round(virtualMs / 1_000)} virtual seconds`,
    )
    return true
  } catch (error) {
    console.error(error)
    return false
  }
}

async function explain(seed: number): Promise<void> {
  const plan = drawPlan(seed)
  const error: unknown = await live(plan).catch((failure: unknown) => failure)
  console.error(`\nseed ${seed} failed: ${String(error)}\nshrinking …`)
  const shrunk = await shrink(plan, error)
  console.error(
    `\n${shrunk.plan.steps.length} of ${plan.steps.length} steps and ${shrunk.plan.nodes.length} of ${plan.nodes.length} nodes are enough:\n`,
  )
  await live(shrunk.plan, console.error).catch((failure: unknown) => console.error(`\n${String(failure)}`))
  console.error(`\nreplay it with: ${commandOf(seed, shrunk.reduction)}`)
}

async function runMany(): Promise<boolean> {
  const { first, seeds: count, jobs } = numbers
  const progress = new Progress(count, process.stderr)
  const failed = await runInThreads({ first, count, jobs, keepGoing: values['keep-going'], progress })
  progress.end()
  const [firstFailed] = [...failed.keys()].sort((a, b) => a - b)
  if (firstFailed !== undefined) {
    if (!values['no-shrink']) await explain(firstFailed)
  } else
    console.log(
      `${count} seeds from ${first} passed in ${progress.seconds.toFixed(1)} s (${progress.rate.toFixed(1)} seeds/s)`,
    )
  if (failed.size > 1)
    console.error(`${failed.size} of ${count} seeds failed: ${[...failed.keys()].join(' ')}`)
  return failed.size === 0
}

await startEngine()
const passed = numbers.seed === undefined ? await runMany() : await replay(numbers.seed)
process.exit(passed ? 0 : 1)
