import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { costsOf, profileFile } from './profiles.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-bench-'))
})

afterEach(() => rm(folder, { recursive: true }))

const node = (id: number, functionName: string) => ({
  id,
  callFrame: { functionName, url: 'file:///a.ts', lineNumber: 0 },
})

it('tells the costs of each process of a section, and of no other one', async () => {
  const profile = { nodes: [node(1, 'much'), node(2, 'hardly')], samples: [1, 2], timeDeltas: [9_900, 100] }
  const write = (section: string, number: number, process: string) =>
    writeFile(join(folder, profileFile({ section, number, process })), JSON.stringify(profile))
  await write('first-sync', 0, 'hub')
  await write('first-sync', 1, 'edge')
  await write('first', 0, 'gateway')
  expect((await costsOf(folder, 'first-sync')).split('\n')).toEqual([
    'first-sync, hub: busy for 10 ms',
    '   99.0 %  self  99.0 %  much a.ts:1',
    '',
    'first-sync, edge: busy for 10 ms',
    '   99.0 %  self  99.0 %  much a.ts:1',
  ])
  expect(await costsOf(folder, 'live-edit')).toBe('')
})
