/** Skerry's own part of the benchmark works, at a size that takes seconds: a hub, pages and a worker in a real Chromium, and a list that shows what it must. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { whereThereIsChromium } from '@skerry/browser-test'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { skerry } from './contenders.ts'
import type { BrowserEffort } from './effort.ts'
import { goalsOf } from './goals.ts'
import { measure } from './measure.ts'
import { builtPages } from './pages.ts'
import { rows } from './rows.ts'

/** Milliseconds, where other tests run beside it. */
const TEST_MS_MAX = 240_000

const effort: BrowserEffort = {
  records: 40,
  firstSyncs: 1,
  secondStarts: 1,
  edits: 5,
  warmUpEdits: 1,
  limitMs: 120_000,
}

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-bench-browser-'))
})

afterEach(() => rm(folder, { recursive: true }))

await whereThereIsChromium(() => {
  it('gives every figure of Skerry, and the list is right at every step', {
    timeout: TEST_MS_MAX,
  }, async () => {
    await using pages = await builtPages([skerry])
    const outcome = await measure({
      contender: skerry,
      folder,
      pages: pages.folder,
      effort,
      say: () => undefined,
    })
    expect(outcome.troubles).toEqual([])
    for (const row of rows) expect(row.of(outcome)?.ms, row.what).toBeGreaterThanOrEqual(0)
    expect(outcome).toMatchObject({
      records: 40,
      firstSync: { isOver: false },
      secondStart: { isOver: false },
    })
    expect(goalsOf([skerry], [outcome])).toHaveLength(4)
  })
})
