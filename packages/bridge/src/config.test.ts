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

describe('an adapter of your own', () => {
  class Own {
    readonly name = 'own'
    readonly capabilities = { compareAndSet: true, replayMs: 0, freshListing: true }
    check() {}
    read() {}
    upsert() {}
  }

  test('is told which methods it has not', () => {
    const wrong = () => checkBridgeConfig({ ...config, adapter: new Own() })
    expect(wrong).toThrow(
      'bridge crm: adapter: an adapter has check, read, changes, upsert, delete; this one has no changes, no delete',
    )
  })

  test('is named by its class, and what it holds is not looked at', () => {
    const own = Object.assign(new Own(), { key: 'a-secret', self: {} })
    own.self = own // as clients and connections are
    const wrong = () => checkBridgeConfig({ ...config, adapter: own })
    expect(wrong).toThrow(/; it is an object of class Own$/)
  })

  test('is told when it is its class', () => {
    const wrong = () => checkBridgeConfig({ ...config, adapter: Own })
    expect(wrong).toThrow(
      'want an adapter, for example restAdapter({ … }), or one made by new from a class of your own; it is a function',
    )
  })

  test('that tells nothing of deletions is told that it wants a list of everything', () => {
    const { list, ...system } = new MemorySystem({ deletions: 'unseen' }).adapter()
    expect(() => checkBridgeConfig({ ...config, adapter: system })).toThrow(
      "bridge crm: adapter: with deletions 'unseen' an adapter has list, too, because nothing else shows which rows are gone; this one has none: write it, or tell of deleted rows in changes, and say 'told'",
    )
    const told = { ...system, capabilities: { ...system.capabilities, deletions: 'told' } }
    for (const adapter of [told, { ...system, list }])
      expect(checkBridgeConfig({ ...config, adapter }).adapter).toBe(adapter)
  })

  test('may have its methods where it likes', () => {
    const adapter = Object.create(config.adapter)
    expect(checkBridgeConfig({ ...config, adapter }).adapter).toBe(adapter)
  })
})

test('what is wrong is said with the name of the bridge, where it has one', () => {
  expect(() => checkBridgeConfig({ ...config, mappings: undefined })).toThrow(
    /^bridge crm: mappings is missing$/,
  )
  expect(() => checkBridgeConfig({ ...config, name: 'my crm' })).toThrow(/^bridge: name: /)
  expect(() => checkBridgeConfig(undefined)).toThrow(/^bridge: /)
})

test('what stands at a limit is taken', () => {
  expect(checkBridgeConfig({ ...config, name: 'x'.repeat(60), concurrency: 50 })).toMatchObject({
    concurrency: 50,
  })
})

describe('against the replica', () => {
  test.each([
    [
      [{ ...jobMapping, collection: 'job' }],
      "there is no collection 'job' in this replica; did you mean 'jobs'?",
    ],
    [[{ ...jobMapping, fields: { titel: 'Title' } }], "'titel' is no field of jobs; did you mean 'title'?"],
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
