/** What is measured works, without any package of the peers: ours and the bare limit, in real processes, with very few records. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { contenders, needsPackages } from './contenders.ts'
import type { Effort } from './effort.ts'
import { measure } from './measure.ts'

const effort: Effort = {
  runs: 1,
  changed: 5,
  liveEdits: 5,
  warmUpEdits: 1,
  limitMs: 20_000,
  stepMs: 50_000,
  quietMs: 50,
}
const records = 20

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-peers-'))
})

afterEach(() => rm(folder, { recursive: true }))

it('gives every figure of ours and of the bare limit', async () => {
  const chosen = contenders.filter((contender) => !needsPackages(contender))
  const outcomes = await Promise.all(
    chosen.map((contender) => measure(contender, { folder: join(folder, contender.name), records }, effort)),
  )
  expect(outcomes.map(({ contender, troubles }) => [contender, troubles])).toEqual([
    ['ours', []],
    ['bare', []],
  ])
  for (const { firstSync, unchanged, changed, live, serverBytes } of outcomes) {
    for (const exchange of [firstSync, unchanged, changed]) {
      expect(exchange!.ms).toBeGreaterThan(0)
      expect(exchange!.traffic.messagesUp).toBeGreaterThan(0)
      expect(exchange!.traffic.bytesUp).toBeGreaterThan(100)
    }
    // Each record has 40 characters of notes; five of them are on the way when five have changed.
    expect(firstSync!.traffic.bytesDown).toBeGreaterThan(records * 40)
    expect(changed!.traffic.bytesDown).toBeGreaterThan(unchanged!.traffic.bytesDown + 5 * 20)
    expect(live).toMatchObject({ edits: 5 })
    expect(serverBytes).toBeGreaterThan(10e6)
  }
}, 240_000)
