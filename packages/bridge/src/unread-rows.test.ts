/** Rows that could not be taken in, as an operator sees them (SPEC B-198). */
import { type BridgeEvent, type MappingConfig, MemorySystem, startBridge } from '@skerry/bridge'
import { collection, memoryStore, openReplica } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { tablesWith } from '../test/all-tables.ts'
import { bridged, jobMapping, openNode, testHost } from '../test/nodes.ts'

beforeAll(startEngine)

/** A row that became a record, and whose status is none now; and one that was none from the beginning. */
async function withUnread(mapping: MappingConfig = jobMapping) {
  const node = await openNode()
  const system = new MemorySystem({ name: 'crm' })
  const linked = system.edit('cases', {}, { Title: 'a', Status: 'open' }).id
  const first = await bridged(node, system, { mappings: [mapping] })
  await first.bridge.pollNow()
  await first.bridge.idle()
  const [{ id } = { id: '' }] = await node.replica.jobs.all()
  system.edit('cases', { id: linked }, { Status: 'soon' })
  const { id: alone } = system.edit('cases', {}, { Title: 7 })
  await first.bridge.pollNow()
  await first.bridge.idle()
  return { node, system, linked, alone, record: `jobs/${id}`, ...first }
}

describe('B-198: rows set aside', () => {
  test('are listed with record, reason and since when, and counted, also after a restart, until they are taken in', async () => {
    const one = await withUnread()
    const { node, system, linked, alone, record } = one
    const at = node.host.clock
    const rows = [
      { type: 'cases', row: linked, record, version: 'v2', reason: expect.stringContaining('/status'), at },
      { type: 'cases', row: alone, version: 'v1', reason: expect.stringContaining('/title'), at },
    ]
    const byRow = (a: { row: string }, b: { row: string }) => (a.row < b.row ? -1 : 1)
    expect(await one.bridge.unread()).toEqual(rows.sort(byRow))
    expect(one.bridge.stats().unread).toBe(2)
    await one.bridge.close()

    node.host.clock += 60_000
    const { bridge } = await bridged(node, system)
    // Before any of them was looked at.
    expect(bridge.stats()).toMatchObject({ unread: 2, hints: 2 })
    await bridge.idle()
    // They were looked at again meanwhile, and are what they were.
    expect(await bridge.unread()).toEqual(rows)
    expect(bridge.stats().unread).toBe(2)
    system.edit('cases', { id: linked }, { Status: 'done' })
    await bridge.pollNow()
    await bridge.idle()
    expect((await bridge.unread()).map(({ row }) => row)).toEqual([alone])
    expect(bridge.stats().unread).toBe(1)
    await bridge.close()
  })

  test('are read again when somebody asks: all, those named, of a type, or for a reason', async () => {
    let fits = false
    const status = (value: unknown) => {
      if (!fits) throw new Error(`'${String(value)}' is no status`)
      return 'open'
    }
    const fields = { ...jobMapping.fields, status: { field: 'Status', direction: 'in', from: status } }
    const node = await openNode()
    const system = new MemorySystem({ name: 'crm' })
    const ids = ['a', 'b'].map((title) => system.edit('cases', {}, { Title: title, Status: 'soon' }).id)
    const mapping = { ...jobMapping, fields } as MappingConfig
    const { bridge } = await bridged(node, system, { mappings: [mapping] })
    await bridge.pollNow()
    await bridge.idle()
    fits = true
    const rowsOf = async (...asked: Parameters<typeof bridge.readAgain>) =>
      (await bridge.readAgain(...asked)).map(({ row }) => row).sort()
    expect(await rowsOf({ dryRun: true })).toEqual([...ids].sort())
    expect(await rowsOf({ type: 'accounts' })).toEqual([])
    expect(await rowsOf({ reason: 'is no date' })).toEqual([])
    await bridge.idle()
    expect(bridge.stats().unread).toBe(2)
    expect(await rowsOf({ rows: [{ type: 'cases', row: ids[0]! }], reason: /no status/ })).toEqual([ids[0]])
    await bridge.idle()
    expect((await node.replica.jobs.all()).map(({ title }) => title)).toEqual(['a'])
    expect(await rowsOf()).toEqual([ids[1]])
    await bridge.idle()
    expect(bridge.stats()).toMatchObject({ unread: 0, hints: 0 })
    expect(await bridge.unread()).toEqual([])
    await bridge.close()
    await expect(bridge.readAgain()).rejects.toMatchObject({ code: 'closed' })
  })

  test('without the audit log nobody knows since when', async () => {
    const node = await openNode()
    const system = new MemorySystem({ name: 'crm' })
    const { id: row } = system.edit('cases', {}, { Title: 7 })
    const { bridge } = await bridged(node, system, { audit: false })
    await bridge.pollNow()
    await bridge.idle()
    expect(await bridge.unread()).toEqual([
      { type: 'cases', row, version: 'v1', reason: expect.stringContaining('/title') },
    ])
    await bridge.close()
  })

  test('B-152: the lineage of the record, and of the row, says that the newest row is not in it, and why', async () => {
    const { bridge, system, linked, alone, record } = await withUnread()
    const unread = { type: 'cases', row: linked, version: 'v2', reason: expect.stringContaining('/status') }
    expect(await bridge.audit.why(record, 'status')).toMatchObject({ of: record, unread })
    const ofRow = await bridge.audit.why({ type: 'cases', row: alone })
    expect(ofRow).toMatchObject({ unread: { row: alone } })
    // The log has no words; the table has them still.
    expect(ofRow.steps.at(-1)?.words).toMatch(/^cases .* in version v1 was set aside: .*\/title/)
    system.edit('cases', { id: linked }, { Status: 'done' })
    await bridge.pollNow()
    await bridge.idle()
    expect(await bridge.audit.why(record, 'status')).not.toHaveProperty('unread')
    await bridge.close()
  })
})

describe('B-159: why a row does not fit is told without what is withheld', () => {
  const CANARY = 'canary-4711'
  const visits = collection(
    'visits',
    z
      .object({ title: z.string(), due: z.iso.date().optional(), inside: z.string().optional() })
      .refine(({ title, inside }) => title !== inside?.slice(0, 6), {
        path: ['title'],
        error: ({ input }) => `must not begin ${String((input as { inside?: string }).inside)}`,
      }),
  )
  const fields = { title: 'Title', due: 'Due' }

  test.each<[string, MappingConfig]>([
    ['never bridged', { collection: 'visits', type: 'cases', fields, never: { record: ['inside'] } }],
    [
      'bridged as a hash',
      {
        collection: 'visits',
        type: 'cases',
        fields: { ...fields, inside: { field: 'InsideHash', hashed: true } },
      },
    ],
  ])('%s', async (_, mapping) => {
    const host = testHost()
    const replica = await openReplica({ host, store: memoryStore(), collections: { visits } })
    const system = new MemorySystem({ name: 'crm' })
    const events: BridgeEvent[] = []
    const bridge = await startBridge({
      replica,
      adapter: system.adapter(),
      mappings: [mapping],
      hashKey: 'a key that nobody guesses',
      audit: { values: 'kept' },
      host,
      pollIntervalMs: 0,
      events: (event) => events.push(event),
    })
    await replica.visits.create({ title: 'a', inside: CANARY })
    await bridge.idle()
    const [{ id: row } = { id: '' }] = system.rows('cases')
    const reasonAfter = async (fields: Record<string, string>) => {
      system.edit('cases', { id: row }, fields)
      await bridge.pollNow()
      await bridge.idle()
      return (await bridge.unread())[0]?.reason
    }
    expect(await reasonAfter({ Title: CANARY.slice(0, 6) })).toMatch(/\/title .*may quote a field/)
    expect(JSON.stringify([await bridge.unread(), events])).not.toContain(CANARY)
    expect(await tablesWith(replica, 'crm', [CANARY])).toEqual([])
    // What the schema says of the row alone is told.
    expect(await reasonAfter({ Title: 'b', Due: 'soon' })).toMatch(/\/due Invalid ISO date/)
    await bridge.close()
    await replica.close()
  })
})
