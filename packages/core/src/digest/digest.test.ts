/** Kept sums beside sums that are added up anew from the records, whatever happened to them, and wherever counting was cut off. */
import { beforeAll, describe, expect, test } from 'vitest'
import { decodeFrontier, emptyFrontier, encodeFrontier } from '../log/frontier.ts'
import { NaiveDigests, naiveHash } from '../reconcile/naive-digests.test-support.ts'
import { type Orders, open, openEdge, openHub, order, pull, push } from '../replica/orders.test-support.ts'
import { startEngine, testHost } from '../replica/replica.test-support.ts'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { emptyBatch, type Store, type TableWrite } from '../store/port.ts'
import { SoundLog } from '../store/sound-log.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { CHUNK_ENTRIES, DigestFollower } from './digest-follower.ts'
import { StoredDigests } from './digest-reader.ts'
import { recordDigest, seededDigest } from './item-digest.ts'
import { childrenOf, equalSums, type Item, RunningSum, type Tree } from './tree.ts'

beforeAll(startEngine)

const host = testHost()
const tree = (channel: string): Tree => ({ kind: 'records', channel })
const sites = ['SEA', 'PDX']
const both = ['site:SEA', 'site:PDX']

/** Items from the rows of a store, as D-1 to D-3 say. */
function itemsOf(store: Store) {
  const byChannel = new Map<string, Item[]>()
  return async ({ kind, channel }: Tree): Promise<Item[]> => {
    if (kind === 'others') return []
    const known = byChannel.get(channel)
    if (known) return [...known]
    const items: Item[] = []
    byChannel.set(channel, items)
    for (const { record: key, frontier } of await store.scanRows('work_orders', '', 10_000)) {
      const { incarnation, heads, channels } = decodeFrontier(frontier)
      if (!channels.includes(channel)) continue
      const rows = await store.scan('receipts', { prefix: `${key}\n`, limit: 1_000 })
      const receipts = rows.map((row) => row.key.slice(-16)).sort()
      const digest = recordDigest(host, { key, incarnation, heads, receipts })
      items.push({ hash: naiveHash(host, key), key, digest })
    }
    return [...items]
  }
}

/** What is on the disk now, to be read beside its owner. */
async function opened(disk: MemoryDisk): Promise<Store> {
  const store = memoryStore({ disk: disk.clone() })
  await store.open('ab'.repeat(16))
  return store
}

async function expectCounted(replica: Orders, disk: MemoryDisk): Promise<void> {
  await replica.session.digests.catchUp()
  const store = await opened(disk)
  const naive = new NaiveDigests(itemsOf(store))
  const { kept } = replica.session.digests
  for (const channel of both) {
    expect(await kept.sum(tree(channel), '')).toEqual(await naive.sum(tree(channel), ''))
    const items = await naive.items(tree(channel), '', 10_000)
    expect(await kept.items(tree(channel), '', 10_000)).toEqual(items)
    for (const node of new Set([
      '',
      ...items.slice(0, 3).flatMap(({ hash }) => [hash.slice(0, 2), hash.slice(0, 3)]),
    ])) {
      expect(await kept.below(tree(channel), node)).toEqual(await naive.below(tree(channel), node))
      for (const child of childrenOf(node).slice(0, 20))
        expect(await kept.sum(tree(channel), child)).toEqual(await naive.sum(tree(channel), child))
    }
  }
}

/** An edge that edits, moves, deletes, is refused, and gives up. */
async function live(seed: number): Promise<void> {
  const dice = new SeededRandom(seed)
  const { replica: hub } = await openHub()
  const disk = new MemoryDisk()
  const edge = await openEdge(1, { read: both, write: ['site:SEA'] }, { disk })
  for (let step = 0; step < 25; step++) {
    const on = dice.below(3) === 0 ? hub : edge
    const known = await on.workOrders.all()
    const what = dice.below(8)
    if (what < 2 || known.length === 0)
      await on.workOrders.create({ ...order, site: on === hub ? dice.pick(sites) : 'SEA' })
    else if (what === 2) await on.workOrders.delete(dice.pick(known).id)
    else if (what === 3) await push(edge, hub)
    else if (what === 4) await pull(hub, edge)
    else
      await on.workOrders.update(dice.pick(known).id, (o) => {
        o.title = `${step}`
        if (what === 5) o.site = dice.pick(sites)
      })
    if (dice.below(3) === 0) await expectCounted(edge, disk)
  }
  await push(edge, hub)
  await expectCounted(edge, disk)
  // Giving up a channel takes its records with it, without an entry.
  await edge.setCredential(JSON.stringify({ ...JSON.parse(edge.credential!.token), read: ['site:SEA'] }))
  await expectCounted(edge, disk)
}

test.each([1, 2, 3, 4])('D-3, D-4, D-6: kept sums are those of the records: seed %i', (seed) => live(seed))

describe('D-5: counting', () => {
  test('counts all that was in the log, and says up to where', async () => {
    const { replica, disk } = await open({ grant: { write: both } })
    await replica.workOrders.create(order)
    expect(await replica.session.digests.catchUp()).toBe(replica.head)
    await replica.workOrders.create(order)
    const [one, two] = [replica.session.digests.catchUp(), replica.session.digests.catchUp()]
    expect(await one).toBe(replica.head)
    expect(await two).toBe(replica.head)
    await expectCounted(replica, disk)
  })

  /** Records of one entry each, without an engine. */
  async function filled(records: number): Promise<Store> {
    const store = memoryStore()
    await store.open('cd'.repeat(16))
    const keys = Array.from({ length: records }, (_, i) => `work_orders/${i}`)
    await store.commit({
      ...emptyBatch,
      entries: keys.map((record, i) => ({
        seq: i + 1,
        kind: 'changes',
        record,
        bytes: new Uint8Array(1),
        channels: ['site:SEA'],
      })),
      records: keys.map((record) => ({
        record,
        collection: 'work_orders',
        frontier: encodeFrontier({
          ...emptyFrontier(),
          heads: [naiveHash(host, record).repeat(4)],
          channels: ['site:SEA'],
        }),
        indexed: [],
      })),
    })
    return store
  }

  /** Turns that commit at once; `fails` is asked before each. */
  function followerOf(store: Store, records: number, fails: () => boolean): DigestFollower {
    return new DigestFollower({
      host,
      store,
      soundLog: new SoundLog({ store, found: async () => undefined, isWithheld: () => false }),
      isLacking: () => false,
      head: () => records,
      receiptsOf: async () => [],
      channelsOf: async () => [],
      async run(work) {
        const writes = new Map<string, TableWrite>()
        const result = await work({
          get: async (table, key) => {
            const write = writes.get(`${table} ${key}`)
            return write ? write.value : store.get(table, key)
          },
          put: (table, key, value) => void writes.set(`${table} ${key}`, { table, key, value }),
        })
        if (fails()) throw new Error('the disk is gone')
        await store.commit({ ...emptyBatch, tables: [...writes.values()] })
        return result
      },
    })
  }

  test.each([CHUNK_ENTRIES - 1, CHUNK_ENTRIES, CHUNK_ENTRIES + 1])(
    'cut off at any of its turns, it goes on from where it was: %i entries',
    async (records) => {
      const store = await filled(records)
      const turns = Math.ceil(records / CHUNK_ENTRIES)
      await expect(followerOf(store, records, () => true).catchUp()).rejects.toThrow('the disk is gone')
      expect((await new StoredDigests(store).sum(tree('site:SEA'), '')).count).toBe(0)
      // All but the last turn.
      let left = turns
      await expect(followerOf(store, records, () => left-- === 1).catchUp()).rejects.toThrow(
        'the disk is gone',
      )
      const counted = (turns - 1) * CHUNK_ENTRIES
      expect((await new StoredDigests(store).sum(tree('site:SEA'), '')).count).toBe(counted)
      expect(await followerOf(store, records, () => false).catchUp()).toBe(records)
      const naive = new NaiveDigests(itemsOf(store))
      expect(await new StoredDigests(store).sum(tree('site:SEA'), '')).toEqual(
        await naive.sum(tree('site:SEA'), ''),
      )
    },
  )
})

test('D-7: a recount under a seed finds the same differences, by other sums', async () => {
  const { replica } = await open({ grant: { write: both } })
  for (let i = 0; i < 20; i++) await replica.workOrders.create(order, { id: `${i}` })
  const { digests } = replica.session
  await digests.catchUp()
  const seed = new Uint8Array(16).fill(7)
  const recount = await digests.recount(seed, 'site:SEA')
  const [kept, counted] = [
    await digests.kept.sum(tree('site:SEA'), ''),
    await recount.sum(tree('site:SEA'), ''),
  ]
  expect(counted.count).toBe(kept.count)
  expect(equalSums(counted, kept)).toBe(false)
  const items = await digests.kept.items(tree('site:SEA'), '', 100)
  const sum = new RunningSum()
  for (const { key, digest } of items) sum.add(seededDigest(host, seed, key, digest))
  expect(equalSums(counted, sum)).toBe(true)
  for (const node of ['', items[0]!.hash.slice(0, 2), items[0]!.hash.slice(0, 3)])
    for (const [name, below] of await recount.below(tree('site:SEA'), node))
      expect(equalSums(await recount.sum(tree('site:SEA'), name), below)).toBe(true)
})

describe('sums', () => {
  test('are the same in any order, and nothing when all that came has gone', () => {
    const dice = new SeededRandom(3)
    const digests = Array.from({ length: 50 }, () => dice.bytes(16))
    const sum = new RunningSum()
    for (const digest of digests) sum.add(digest)
    const other = new RunningSum()
    for (const digest of digests.toReversed()) other.add(digest)
    expect(equalSums(sum, other)).toBe(true)
    for (const digest of digests) sum.subtract(digest)
    expect(sum).toMatchObject({ count: 0, digest: new Uint8Array(16) })
  })

  test('differ when one item does, or their number', () => {
    const dice = new SeededRandom(4)
    const [one, two] = [dice.bytes(16), dice.bytes(16)]
    expect(equalSums(new RunningSum().add(one), new RunningSum().add(two))).toBe(false)
    expect(equalSums(new RunningSum().add(one), { count: 2, digest: one })).toBe(false)
  })
})
