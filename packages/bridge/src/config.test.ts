import { checkBridgeConfig, MemorySystem, startBridgeFromConfig } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { jobMapping, openNode } from '../test/nodes.ts'

beforeAll(startEngine)

const config = { name: 'crm', adapter: new MemorySystem().adapter(), mappings: [jobMapping] }

test('a config starts a bridge', async () => {
  const node = await openNode()
  const bridge = await startBridgeFromConfig(node.replica, config, { host: node.host })
  await bridge.idle()
  expect(bridge.name).toBe('crm')
  await bridge.close()
})

test.each([
  [{ pollInterval: 5 }, "unknown key 'pollInterval'"],
  [{ mappings: [{ ...jobMapping, field: {} }] }, "unknown key 'mappings.0.field'"],
  [
    { mappings: [{ ...jobMapping, fields: { title: { field: 'Title', dir: 'in' } } }] },
    "unknown key 'mappings.0.fields.title.dir'",
  ],
  [
    { mappings: [{ ...jobMapping, fields: { title: { field: 'Title', rule: 'mine' } } }] },
    'mappings.0.fields.title.rule',
  ],
  [{ mappings: [{ ...jobMapping, fields: {} }] }, 'wants at least one field'],
  [{ mappings: [] }, 'mappings'],
  [{ name: 'my crm' }, 'letters, digits'],
  [{ name: 'x'.repeat(61) }, 'name'],
  [{ concurrency: 51 }, 'concurrency'],
  [{ adapter: {} }, 'restAdapter'],
])('%j is refused, saying where', (wrong, message) => {
  expect(() => checkBridgeConfig({ ...config, ...wrong })).toThrow(message)
})

test('what stands at a limit is taken', () => {
  expect(checkBridgeConfig({ ...config, name: 'x'.repeat(60), concurrency: 50 })).toMatchObject({
    concurrency: 50,
  })
})

describe('against the replica', () => {
  test.each([
    [[{ ...jobMapping, collection: 'job' }], "there is no collection 'job' in this replica; it has jobs"],
    [[{ ...jobMapping, fields: { titel: 'Title' } }], "'titel' is no field of jobs; it has title"],
    [
      [{ ...jobMapping, fields: { title: { field: 'T', rule: 'merge' } } }],
      "'title' is a string, and merge cannot decide it; choose last-writer,",
    ],
    [[{ ...jobMapping, fields: { title: 'T', site: 'T' } }], "'T' stands for two fields"],
    [[jobMapping, { ...jobMapping, type: 'other' }], "collection 'jobs' stands in two mappings"],
  ])('%j', async (mappings, message) => {
    const { replica, host } = await openNode()
    await expect(startBridgeFromConfig(replica, { ...config, mappings }, { host })).rejects.toThrow(message)
  })
})
