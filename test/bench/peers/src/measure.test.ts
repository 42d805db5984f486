/** A contender in trouble is told of, with what is missing, and does not hang the run. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Contender } from './contender.ts'
import { contenders } from './contenders.ts'
import type { Effort } from './effort.ts'
import { measure } from './measure.ts'

const bare = contenders.find(({ name }) => name === 'bare')!
const stuck: Contender = { ...bare, name: 'stuck', device: '../peers/src/stuck-device.ts' }
const effort: Effort = {
  runs: 1,
  changed: 5,
  liveEdits: 0,
  warmUpEdits: 0,
  limitMs: 100,
  stepMs: 50_000,
  quietMs: 10,
}

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-peers-'))
})

afterEach(() => rm(folder, { recursive: true }))

it('tells how many records are missing, and that a reconnect does not end', async () => {
  const { troubles, ...figures } = await measure(stuck, { folder, records: 20 }, effort)
  expect(troubles).toContain('first sync: 10 of 20 missing, 0 wrong')
  expect(troubles).toContain('reconnect: not in step after 0.1 s')
  expect(troubles).toContain('reconnect: 5 of 5 changes missing')
  expect(troubles.find((trouble) => trouble.includes('printed'))).toMatch(/the first: connecting, again$/)
  expect(Object.keys(figures)).toEqual(['contender', 'records', 'serverBytes'])
}, 240_000)

it('ends a step that takes too long, and keeps what was found', async () => {
  const { troubles } = await measure(stuck, { folder, records: 20 }, { ...effort, stepMs: 1 })
  expect(troubles).toEqual(['waited 1 ms for stuck with 20 records'])
}, 240_000)
