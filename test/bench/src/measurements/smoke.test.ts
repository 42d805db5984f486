/** The measurements themselves work: a benchmark that nobody runs is found broken when somebody needs it. Real processes, very few records. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Bench } from '../bench.ts'
import { isMet } from '../figure.ts'
import { firstSync } from './first-sync.ts'
import { reconcile } from './reconcile.ts'
import { reconnect } from './reconnect.ts'

const scale = {
  sizes: [60],
  runs: 1,
  longRuns: 1,
  largeRuns: 1,
  liveEdits: 10,
  pushed: 20,
  takers: 1,
  readings: 65_536,
  idleSessions: 2,
  histories: [],
}

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-bench-'))
})

afterEach(() => rm(folder, { recursive: true }))

it('gives every figure of a first sync and of reconnects, beside the bare limit', async () => {
  const bench = new Bench({ folder, scale, profiles: folder, say: () => undefined })
  const [first, whole, ...others] = [...(await firstSync(bench)), ...(await reconnect(bench))]
  expect(first).toMatchObject({ what: 'first sync of 60 records, until queryable and durable', unit: 'ms' })
  expect(whole).toMatchObject({ what: 'first sync of 60 records, until whole', unit: 'ms' })
  expect(first!.value).toBeGreaterThan(0)
  expect(first!.bare).toBeGreaterThan(0)
  // Neither depends on how fast this machine is.
  const reconciled = (await reconcile(bench)).filter(({ unit }) => unit !== 'ms')
  expect(reconciled.map(isMet)).toEqual([true, true])
  const unchanged = others.filter(({ what, unit }) => what.includes('nothing') && unit !== 'ms')
  expect(unchanged.map(isMet)).toEqual([true, true])
}, 240_000)
