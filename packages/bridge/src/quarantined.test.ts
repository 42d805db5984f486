/** A record of the bridge that cannot be read back on this node, and comes back later. */
import { type BridgeEvent, importedId, type MappingConfig, MemorySystem } from '@skerry/bridge'
import { keyOf, type MemoryDisk, memoryStore, type Store, type StoredEntry } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { HeldAdapter } from '../test/held.ts'
import { bridged, jobMapping, openNode, type TestNode } from '../test/nodes.ts'

beforeAll(startEngine)

const ROW = 'CASES-1'

interface Scene {
  node: TestNode
  system: MemorySystem
  id: string
  key: string
  /** Its first entry cannot be read back from now on, and that is noticed. */
  rot(): Promise<void>
  /** The disk reads it after all. */
  heal(): Promise<void>
}

/** A row of the system that is a record here, loaded. */
async function scene(): Promise<Scene> {
  let rotten: number | undefined
  const damaged = (entry: StoredEntry): StoredEntry =>
    entry.seq === rotten ? { seq: entry.seq, record: entry.record, damage: 'a bit flipped' } : entry
  const store = (disk: MemoryDisk): Store => {
    const sound = memoryStore({ disk })
    return {
      ...sound,
      readRecord: async (record) => (await sound.readRecord(record)).map(damaged),
      readLog: async (after, limit) => (await sound.readLog(after, limit)).map(damaged),
      readEntries: async (seqs) => (await sound.readEntries(seqs)).map(damaged),
    }
  }
  const node = await openNode({ store })
  const system = new MemorySystem()
  system.edit('cases', {}, { Title: 'theirs', Status: 'open' })
  const id = importedId(node.host, 'memory', 'cases', ROW, 0)
  const key = keyOf('jobs', id)
  return {
    node,
    system,
    id,
    key,
    rot: async () => {
      rotten = (await node.replica.entriesOf(key))[0]!.seq
      await node.replica.entriesOf(key)
      expect(node.replica.isQuarantined(key)).toBe(true)
    },
    heal: async () => {
      rotten = undefined
      expect(await node.replica.release(key)).toBeUndefined()
    },
  }
}

const fieldsOf = (system: MemorySystem) => system.row('cases', ROW)!.value
const upserts = (system: MemorySystem) => system.ledger.filter(({ method }) => method === 'upsert').length
const edit = (node: TestNode, id: string, fields: { site?: string; status?: 'done'; price?: string }) =>
  node.replica.jobs.update(id, (job) => {
    Object.assign(job, fields)
  })
const noDeadLetters = (events: readonly BridgeEvent[]) =>
  expect(events.filter(({ code }) => ['dead-letter', 'row-set-aside'].includes(code))).toEqual([])

describe('B-169: a record in quarantine', () => {
  test('is not told what the row says, which waits and is taken in when the record is out; nothing is written meanwhile', async () => {
    const { node, system, id, rot, heal } = await scene()
    const { bridge, events } = await bridged(node, system)
    await bridge.pollNow()
    await edit(node, id, { site: 'SEA' })
    await bridge.idle()
    await rot()
    const writes = upserts(system)
    system.edit('cases', { id: ROW }, { Status: 'done' })
    await bridge.pollNow()
    await bridge.pollNow()
    await bridge.idle()
    expect(await node.replica.jobs.get(id)).toMatchObject({ status: 'open' })
    expect(fieldsOf(system)).toMatchObject({ Status: 'done', Site: 'SEA' })
    await heal()
    await bridge.idle()
    expect(await node.replica.jobs.get(id)).toMatchObject({ status: 'done', site: 'SEA' })
    expect(fieldsOf(system)).toMatchObject({ Status: 'done', Site: 'SEA' })
    expect(upserts(system)).toBe(writes)
    noDeadLetters(events)
  })

  test('waits over a restart of the bridge', async () => {
    const { node, system, id, rot, heal } = await scene()
    const first = await bridged(node, system)
    await first.bridge.pollNow()
    await rot()
    system.edit('cases', { id: ROW }, { Status: 'done' })
    await first.bridge.pollNow()
    await first.bridge.close()
    await heal()
    const { bridge, events } = await bridged(node, system)
    await bridge.idle()
    expect(await node.replica.jobs.get(id)).toMatchObject({ status: 'done' })
    noDeadLetters([...first.events, ...events])
  })

  test('keeps what it has to say to the system, and says it when it is out', async () => {
    const { node, system, id, rot, heal } = await scene()
    const mappings: MappingConfig[] = [{ ...jobMapping, mode: 'on-demand' }]
    const { bridge, events } = await bridged(node, system, { mappings })
    await bridge.pollNow()
    await edit(node, id, { status: 'done' })
    await bridge.idle()
    await rot()
    await bridge.pushNow()
    await bridge.idle()
    expect(bridge.stats()).toMatchObject({ parked: 1, dead: 0 })
    expect(fieldsOf(system)).toMatchObject({ Status: 'open' })
    await heal()
    await bridge.idle()
    expect(bridge.stats()).toMatchObject({ parked: 0, dead: 0 })
    await bridge.pushNow()
    await bridge.idle()
    expect(fieldsOf(system)).toMatchObject({ Status: 'done' })
    noDeadLetters(events)
  })

  test('hears the answer to a call that had begun, and the system gets it once', async () => {
    const { node, system, id, rot, heal } = await scene()
    const held = new HeldAdapter(system.adapter())
    const { bridge, events } = await bridged(node, system, { adapter: held.adapter })
    const call = held.hold('upsert', 'answer')
    await bridge.pollNow()
    await edit(node, id, { status: 'done' })
    await call.arrived
    // Nothing of it is for the system: both sides agree at later heads.
    await edit(node, id, { price: '7.50' })
    await rot()
    call.release()
    await bridge.idle()
    system.edit('cases', { id: ROW }, { Site: 'PDX' })
    await bridge.pollNow()
    await heal()
    await bridge.idle()
    expect(await node.replica.jobs.get(id)).toMatchObject({ status: 'done', site: 'PDX' })
    expect(fieldsOf(system)).toMatchObject({ Status: 'done', Site: 'PDX' })
    noDeadLetters(events)
  })
})
