/** One family of faults at a time, and nothing but edits beside it: that its cases of the catalogue happened is counted, that every oracle is content is what holds. Rules by their ids in SPEC.md. */
import { beforeAll, expect, test } from 'vitest'
import { startEngine } from './machine/engine.ts'
import { drawPlan, type Plan } from './plan/plan.ts'
import { commandOf, type Reduction, reduced } from './plan/reduction.ts'
import { type Family, familyOf, faultFamilies } from './plan/vocabulary.ts'
import { live } from './simulate.ts'

const SEEDS_PER_FAMILY = 12
/** Other seeds than those of simulation.test.ts. */
const FIRST_SEED = 5_001
const TEST_MS_MAX = 240_000

beforeAll(startEngine)

interface Part {
  plan: Plan
  command: string
}

/** The first plans in which the family does something, calm but for it. */
function plansWith(family: Family): Part[] {
  const parts: Part[] = []
  for (let seed = FIRST_SEED; parts.length < SEEDS_PER_FAMILY; seed++) {
    const plan = drawPlan(seed)
    if (!plan.steps.some(({ kind }) => familyOf(kind) === family)) continue
    const reduction: Reduction = { without: [], calm: faultFamilies.filter((one) => one !== family) }
    parts.push({ plan: reduced(plan, reduction), command: commandOf(seed, reduction) })
  }
  return parts
}

/** How often each of these words was told. */
async function lived(family: Family, words: readonly string[]): Promise<number[]> {
  const told: string[] = []
  for (const { plan, command } of plansWith(family)) {
    const failure = await live(plan, (line) => told.push(line)).catch((error: unknown) => error)
    expect(failure, `replay it with: ${command}`).toMatchObject({ steps: plan.steps.length })
  }
  return words.map((word) => told.filter((line) => line.includes(word)).length)
}

const often = (least: number) => expect.toSatisfy((count: number) => count >= least)

test('fault P10: W-4: machines lose their power, the commit under way is there whole or not at all, and nothing acknowledged is lost', {
  timeout: TEST_MS_MAX,
}, async () => {
  expect(await lived('process', ['crashes', 'crashes in the middle'])).toEqual([often(12), often(4)])
})

test('fault S1, S2, S3, S7, S8: disks are full, fail, are slow or flip bits for a while: nothing acknowledged is lost, nothing wrong is applied, and all drains', {
  timeout: TEST_MS_MAX,
}, async () => {
  const words = ['is full', 'fails now and then', 'takes up to', 'flips bits']
  expect(await lived('disk', words)).toEqual(words.map(() => often(3)))
})

test('fault P11, S10: disks are copied, set back, and run twice: all end equal, and nothing that anybody still has is lost', {
  timeout: TEST_MS_MAX,
}, async () => {
  expect(await lived('copies', ['is backed up', 'is restored', 'is cloned'])).toEqual([
    often(6),
    often(2),
    often(2),
  ])
})

test('fault T1, T2, T3: W-2: clocks start at 1970, jump years ahead and back, and nights pass: all end equal, and nothing waits for a clock', {
  timeout: TEST_MS_MAX,
}, async () => {
  expect(await lived('time', ['starts at 1970', 'jumps by -', 'jumps by 3', 'a night'])).toEqual([
    often(3),
    often(3),
    often(1),
    often(3),
  ])
})
