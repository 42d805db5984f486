/** A replica, the bridge and the service together, over real HTTP: what goes wrong in a day, and one effect for each edit all the same. */
import { type BridgeEvent, startBridge } from '@skerry/bridge'
import { quickHost } from '@skerry/bridge/testing'
import { collection, MemoryDisk, memoryStore, openReplica, text } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { type Service, startService } from './service.ts'

beforeAll(startEngine)

const visits = collection(
  'visits',
  z.object({ title: z.string(), note: text().optional(), cost: z.string().optional() }),
)

async function open(service: Service, disk = new MemoryDisk()) {
  const { set, title, note, cost } = service
  const host = quickHost()
  const replica = await openReplica({ host, store: memoryStore({ disk }), collections: { visits } })
  const events: BridgeEvent[] = []
  const bridge = await startBridge({
    replica,
    adapter: service.adapter(),
    host,
    mappings: [{ collection: 'visits', type: set, fields: { title, note, cost } }],
    name: 'erp',
    pollIntervalMs: 0,
    events: (event) => void events.push(event),
  })
  const close = async () => {
    await bridge.close()
    await replica.close()
  }
  onTestFinished(close)
  const sync = async () => {
    await bridge.idle()
    await bridge.pollNow()
    await bridge.idle()
  }
  const edit = (id: string, fields: object) =>
    replica.visits.update(id, (draft) => void Object.assign(draft, fields))
  return { disk, bridge, events, close, sync, edit, visits: replica.visits }
}

/** Writes that changed a row: which row, and which of its fields. */
async function effects({ requests }: Service): Promise<string[]> {
  const operations = (await requests()).flatMap((entry) => entry.operations)
  return operations
    .filter(({ committed }) => committed)
    .map(({ externalId, fields }) => [externalId, ...fields].join(' '))
}

test.each(['sap', 'dataverse'] as const)(
  'fault I2: EVT-3 on %s a hard day: lost answers, refusals to serve, ended sessions, cut bodies; then one effect for each edit',
  async (profile) => {
    const service = await startService(profile)
    const { title, note } = service
    const node = await open(service)
    const match = { path: new URL(service.serviceUrl).pathname }
    await service.fault(
      { fault: 'commit-then-lose-answer', probability: 0.15, seed: 1, match },
      { fault: 'drop-before-commit', probability: 0.1, seed: 2, match },
      { fault: 'status', status: 502, probability: 0.1, seed: 3, afterCommit: true, match } as never,
      { fault: 'truncate-body', probability: 0.1, seed: 4, match },
      { fault: 'limits', calls: 0, windowMs: 1, probability: 0.1, seed: 5, match } as never,
      { fault: 'expire-tokens', probability: 0.1, seed: 6, match },
    )
    const names = Array.from({ length: 5 }, (_, i) => `visit ${i}`)
    const ids = await Promise.all(names.map(async (name) => (await node.visits.create({ title: name })).id))
    await node.bridge.idle()
    for (const words of ['first', 'second']) {
      await Promise.all(ids.map((id) => node.edit(id, { note: words })))
      await node.bridge.idle()
    }
    await service.admin('DELETE', '/faults')
    await node.sync()
    expect(node.bridge.stats()).toMatchObject({ open: 0, dead: 0 })
    const rows = await service.rows()
    expect(rows.map(({ fields }) => fields[note])).toEqual(names.map(() => 'second'))
    expect(rows.map(({ fields }) => fields[title]).sort()).toEqual(names)
    const written = (await effects(service)).map((one) => one.split(' ')[0])
    expect(written.sort()).toEqual(ids.flatMap((id) => Array(3).fill(`skerry:${id}`)).sort())
  },
)

test.each(['sap', 'dataverse'] as const)(
  'RES-6: on %s both sides edit, a row is deleted there and edited here, and a node ends in the middle of a call',
  async (profile) => {
    const service = await startService(profile)
    const { title, cost } = service
    const first = await open(service)
    const { id } = await first.visits.create({ title: 'a', note: 'abc' })
    const other = (await first.visits.create({ title: 'b', cost: '12.50' })).id
    await first.sync()
    const rowOf = async (name: string) => (await service.rows()).find(({ fields }) => fields[title] === name)!
    const [a, b] = [await rowOf('a'), await rowOf('b')]
    await service.fault({ fault: 'hold', count: 1, match: { writes: true } } as never)
    await first.edit(id, { note: 'abcd' })
    await service.admin('GET', '/faults/held?atLeast=1')
    // The call is carried out, and nobody will ever hear of it.
    await first.close()
    await service.admin('POST', '/faults/release', { how: 'lose' })
    await service.edit('update', a.id, { [title]: 'theirs' })
    await service.edit('delete', b.id)
    const second = await open(service, first.disk)
    await second.edit(other, { cost: '13.00' })
    for (let i = 0; i < 3; i++) await second.sync()
    expect(await second.visits.get(id)).toMatchObject({ title: 'theirs', note: 'abcd' })
    const living = (await service.rows()).filter(({ deleted }) => !deleted)
    expect(living.map(({ fields }) => [fields[title], fields[cost] ?? null]).sort()).toEqual([
      ['b', '13'],
      ['theirs', null],
    ])
    expect(await second.visits.get(other)).toMatchObject({ title: 'b', cost: '13.00' })
    const before = (await effects(service)).length
    await second.sync()
    expect((await effects(service)).length, 'at rest nothing is written').toBe(before)
  },
)
