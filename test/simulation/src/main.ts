/**
 * `npm run simulate -- --seeds 1000` runs that many seeds, `--first 1000` begins there, `--seed 17` replays one and tells what happens. Ends with 1 at the first failure, or with
 * `--keep-going` after all of them.
 */
import { parseArgs } from 'node:util'
import { startEngine } from './engine.ts'
import { simulate } from './simulate.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    first: { type: 'string', default: '1' },
    seed: { type: 'string' },
    'keep-going': { type: 'boolean' },
  },
})
const first = Number(values.seed ?? values.first)
const count = values.seed === undefined ? Number(values.seeds) : 1
if (!Number.isInteger(first) || !Number.isInteger(count) || count < 1) {
  console.error('usage: npm run simulate -- [--seeds N] [--first N] [--seed N]')
  process.exit(2)
}

await startEngine()
const started = performance.now()
let failed = 0
for (let seed = first; seed < first + count; seed++) {
  try {
    await simulate(seed, values.seed === undefined ? undefined : console.log)
  } catch (error) {
    console.error(`seed ${seed} failed; replay it with: npm run simulate -- --seed ${seed}`)
    console.error(values['keep-going'] ? String(error).split('\n')[0] : error)
    failed += 1
    if (!values['keep-going']) process.exit(1)
  }
}
if (failed > 0) {
  console.error(`${failed} of ${count} seeds failed`)
  process.exit(1)
}
console.log(`${count} seeds from ${first} passed in ${((performance.now() - started) / 1000).toFixed(1)} s`)
