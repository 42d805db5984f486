import { checkBridgeConfig, MemorySystem } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, expect, test } from 'vitest'
import { bridged, holdTimers, jobMapping, openNode } from '../test/nodes.ts'

beforeAll(startEngine)

const COLLECT_MS = 60_000

test('B-19 edits made while a record is collected are one call, and the time counts from the first of them', async () => {
  const node = await openNode()
  const pass = holdTimers(node.host, COLLECT_MS / 2)
  const system = new MemorySystem()
  const { bridge } = await bridged(node, system, { mappings: [{ ...jobMapping, collectMs: COLLECT_MS }] })
  const { jobs } = node.replica
  const job = await jobs.create({ title: 'a' })
  await expect(jobs.saved(job.id, 'memory', { timeoutMs: 1 })).rejects.toThrow('was not saved')
  await jobs.update(job.id, (draft) => {
    draft.title = 'b'
  })
  await jobs.update(job.id, (draft) => {
    draft.status = 'open'
  })
  const idle = bridge.idle()
  expect(system.effects('cases')).toEqual([])
  expect(bridge.stats().open).toBe(1)
  pass(COLLECT_MS)
  await idle
  expect(system.effects('cases').map(({ fields }) => fields)).toEqual([['Title', 'Status']])
  await bridge.close()
})

test('B-19 collecting for more than five minutes is refused', () => {
  const config = (collectMs: number) => ({
    name: 'crm',
    adapter: new MemorySystem().adapter(),
    mappings: [{ ...jobMapping, collectMs }],
  })
  expect(checkBridgeConfig(config(300_000)).mappings).toMatchObject([{ collectMs: 300_000 }])
  expect(() => checkBridgeConfig(config(300_001))).toThrow('collectMs')
})
