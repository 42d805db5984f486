/** The engine of this file is started by none but the tests that say so: what touches it before fails. */
import { isWasmInitialized } from '@automerge/automerge/slim'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { collection } from '../records/collection.ts'
import type { JsonObject } from '../records/shape.ts'
import { counter, text } from '../records/shape.ts'
import { PROPERTY, thing, thingSchema } from '../records/things.test-support.ts'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { emptyBatch } from '../store/port.ts'
import { INTENTS_TABLE } from './intent.ts'
import { INTENTS_MAX } from './limits.ts'
import { openHub, open as openOrders, push, tell, order as workOrder } from './orders.test-support.ts'
import { startEngine, testHost } from './replica.test-support.ts'
import { openReplica } from './replica.ts'
import type { ReplicaEvent } from './replica-event.ts'

const orders = collection(
  'orders',
  z.object({ title: z.string(), notes: text().optional(), hours: counter().optional() }),
  {
    indexes: ['title'],
  },
)
const things = collection('things', thingSchema)
const order = { title: 'Pump 3', notes: 'wet', hours: 1 }

interface OpenOptions {
  disk?: MemoryDisk
  /** Absent: the engine runs. */
  engine?: Promise<void>
  beforeCommit?: () => void | Promise<void>
  seed?: number
}

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const replica of open.splice(0)) await replica.close()
})

async function opened({ disk = new MemoryDisk(), engine, beforeCommit, seed = 1 }: OpenOptions = {}) {
  const host = testHost(seed)
  const events: ReplicaEvent[] = []
  const replica = await openReplica({
    host,
    store: memoryStore({ disk, ...(beforeCommit ? { beforeCommit } : {}) }),
    collections: { orders, things },
    events: (event) => events.push(event),
    ...(engine ? { engine } : {}),
  })
  open.push(replica)
  return { replica, host, disk, events }
}

/** A replica whose engine comes when it is told to. */
async function cold(options: OpenOptions = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const { replica, ...rest } = await opened({ ...options, engine: promise })
  return {
    ...rest,
    replica,
    fail: reject,
    /** Resolves when turns are run. */
    async warm() {
      await startEngine()
      resolve()
      await replica.transact(async () => undefined)
    },
  }
}

const intentsOf = async (disk: MemoryDisk) => {
  const store = memoryStore({ disk })
  disk.crash()
  await store.open('cd'.repeat(16))
  const rows = await store.scan(INTENTS_TABLE, { limit: 100 })
  await store.close()
  return rows.length
}

describe('before there is an engine at all', () => {
  test('CE-1 CE-2: it opens, edits are durable and shown, and nothing has touched the engine', async () => {
    const { replica, disk } = await cold()
    const shown: string[][] = []
    replica.orders.where({}).subscribe((records) => shown.push(records.map(({ title }) => title)))
    const { id } = await replica.orders.create(order)
    expect(shown.at(-1)).toEqual(['Pump 3'])
    await replica.orders.update(id, (draft) => {
      draft.title = 'Pump 4'
      draft.hours! += 2
    })
    expect(shown.at(-1)).toEqual(['Pump 4'])
    expect(await replica.orders.get(id)).toEqual({ ...order, id, title: 'Pump 4', hours: 3 })
    expect(await replica.orders.where({ title: 'Pump 4' }).count()).toBe(1)
    expect(await replica.orders.where({ title: 'Pump 3' }).count()).toBe(0)
    await replica.orders.saved(id, 'here')
    expect(await replica.unanswered()).toMatchObject([{ record: `orders/${id}`, edits: 2 }])
    expect((await replica.stats()).unacknowledged).toBe(2)

    disk.crash()
    const again = await cold({ disk, seed: 2 })
    expect(await again.replica.orders.get(id)).toMatchObject({ title: 'Pump 4', hours: 3 })
    await again.replica.orders.delete(id)
    expect(await again.replica.orders.all()).toEqual([])
    expect(isWasmInitialized()).toBe(false)
    await again.warm()
    expect(await again.replica.orders.all()).toEqual([])
    expect(await again.replica.orders.history(id)).toHaveLength(3)
    expect(await intentsOf(disk)).toBe(0)
  })
})

describe('with the engine to come', () => {
  test('CE-2: what is refused of any edit is refused, and leaves nothing', async () => {
    const { replica, disk } = await cold()
    const { id } = await replica.orders.create(order, { id: 'a' })
    await expect(replica.orders.create(order, { id: 'a' })).rejects.toMatchObject({ code: 'exists' })
    await expect(replica.orders.create(order, { id: 'no spaces' })).rejects.toMatchObject({ code: 'bad-id' })
    await expect(replica.orders.update('b', () => undefined)).rejects.toMatchObject({ code: 'not-found' })
    await expect(replica.orders.delete('b')).rejects.toMatchObject({ code: 'not-found' })
    const wrong = (draft: JsonObject) => Object.assign(draft, { title: 7 })
    await expect(replica.orders.update(id, wrong as never)).rejects.toMatchObject({ code: 'schema' })
    const unknown = (draft: JsonObject) => Object.assign(draft, { colour: 'red' })
    await expect(replica.orders.update(id, unknown as never)).rejects.toMatchObject({ code: 'draft' })
    await replica.orders.update(id, () => undefined)
    await replica.orders.delete(id)
    await expect(replica.orders.update(id, () => undefined)).rejects.toMatchObject({ code: 'not-found' })
    await expect(replica.orders.create(order, { id })).rejects.toMatchObject({ code: 'exists' })
    expect(await intentsOf(disk)).toBe(2)
  })

  test('CE-3 CE-4: what waits for the engine comes after the intents', async () => {
    const { replica, warm } = await cold()
    const done: string[] = []
    const { id } = await replica.orders.create(order)
    const history = replica.orders.history(id).then((items) => done.push(`history of ${items.length}`))
    const transaction = replica.transact(async (turn) => {
      done.push(`turn sees ${(await turn.record(`orders/${id}`)).value?.title}`)
    })
    await replica.orders.update(id, (draft) => {
      draft.title = 'later'
    })
    expect(done).toEqual([])
    await warm()
    await Promise.all([history, transaction])
    expect(done.toSorted()).toEqual(['history of 2', 'turn sees later'])
  })

  test('CE-7: saved at the hub waits for the engine, and then for the hub', async () => {
    const { replica, warm } = await cold()
    const { id } = await replica.orders.create(order)
    const ending = new AbortController()
    let settled = false
    const saved = replica.orders.saved(id, 'hub', { signal: ending.signal }).finally(() => {
      settled = true
    })
    saved.catch(() => undefined)
    await warm()
    expect(settled).toBe(false)
    ending.abort(new Error('enough'))
    await expect(saved).rejects.toThrow('enough')
  })

  test('CE-5: what is refused then is set aside with its words, and the rest of the record is kept', async () => {
    const { replica, warm, events } = await cold()
    const { id } = await replica.orders.create(order)
    await replica.orders.update(id, (draft) => {
      draft.title = 'x'.repeat(5 * 1024 * 1024)
    })
    await replica.orders.update(id, (draft) => {
      draft.hours! += 1
    })
    const never = 'never'
    await replica.orders.create({ title: 'y'.repeat(5 * 1024 * 1024) }, { id: never })
    const shown: number[] = []
    replica.orders.where({}).subscribe((records) => shown.push(records.length))
    await warm()
    expect(await replica.orders.get(id)).toEqual({ ...order, id, hours: 2 })
    expect(await replica.orders.get(never)).toBeUndefined()
    expect(shown.at(-1)).toBe(1)
    const aside = await replica.aside()
    expect(aside.map(({ record, code }) => [record, code])).toEqual([
      [`orders/${id}`, 'too-large'],
      [`orders/${never}`, 'too-large'],
    ])
    expect(aside[0]!.edits).toMatchObject([{ op: 'put', path: ['title'] }])
    await expect(replica.orders.saved(never, 'hub')).rejects.toMatchObject({ code: 'too-large' })
    expect(events.filter(({ level }) => level === 'error')).toEqual([])
  })

  test('CE-5: what another version wrote, from which nothing leads to this one, is set aside and not lost', async () => {
    const disk = new MemoryDisk()
    const host = testHost()
    const { promise } = Promise.withResolvers<void>()
    const schema = z.object({ title: z.string(), colour: z.string() })
    const young = await openReplica({
      host,
      store: memoryStore({ disk }),
      collections: { orders: collection('orders', schema, { version: 2, migrations: { 2: [] } }) },
      engine: promise,
    })
    await young.orders.create({ title: 'new', colour: 'red' }, { id: 'n' })
    await young.close()
    await startEngine()
    const { replica } = await opened({ disk, seed: 2 })
    expect(await replica.orders.get('n')).toBeUndefined()
    const [aside] = await replica.aside()
    expect(aside).toMatchObject({ record: 'orders/n', code: 'other-version' })
    expect(aside!.edits).toContainEqual({ op: 'put', path: ['colour'], value: '"red"' })
  })

  test('CE-9: an engine that does not come fails what waits, and edits go on', async () => {
    const { replica, fail, events } = await cold()
    const { id } = await replica.orders.create(order)
    const history = replica.orders.history(id)
    fail(new Error('no network'))
    await expect(history).rejects.toThrow('no network')
    await expect(replica.orders.history(id)).rejects.toThrow('no network')
    expect(events).toMatchObject([{ code: 'engine-failed' }])
    await replica.orders.update(id, (draft) => {
      draft.hours! += 1
    })
    expect(await replica.orders.get(id)).toMatchObject({ hours: 2 })
  })

  test('CE-6: intents of a collection that this replica does not know stay as they are', async () => {
    const { replica, disk } = await cold()
    await replica.orders.create(order, { id: 'a' })
    disk.crash()
    await startEngine()
    const other = await openReplica({
      host: testHost(2),
      store: memoryStore({ disk }),
      collections: { things },
    })
    await other.close()
    expect(await intentsOf(disk)).toBe(1)
    disk.crash()
    const { replica: again } = await opened({ disk, seed: 3 })
    expect(await again.orders.history('a')).toHaveLength(1)
  })

  test('CE-6 Y-4: a wipe takes away edits of a collection that this replica does not know, with what they show', async () => {
    const { replica, disk } = await cold()
    await replica.orders.create(order, { id: 'a' })
    await replica.orders.update('a', (draft) => {
      draft.title = 'secret'
    })
    await replica.orders.create(order, { id: 'b' })
    disk.crash()
    const store = memoryStore({ disk })
    await store.open('ef'.repeat(16))
    // As a wipe that was cut short leaves it.
    const tables = [{ table: 'state', key: 'wiping', value: new Uint8Array([1]) }]
    await store.commit({ ...emptyBatch, tables })
    await store.close()
    await startEngine()
    const events: ReplicaEvent[] = []
    const other = await openReplica({
      host: testHost(2),
      store: memoryStore({ disk }),
      collections: { things },
      events: (event) => events.push(event),
    })
    const unanswered = await other.unanswered()
    const { unacknowledged } = await other.stats()
    await other.close()
    expect({ unanswered, unacknowledged }).toEqual({ unanswered: [], unacknowledged: 0 })
    expect(events.filter(({ code }) => code === 'wiped')).toMatchObject([
      { fields: { records: 2, unanswered: 3 } },
    ])
    expect(await intentsOf(disk)).toBe(0)
    disk.crash()
    const { replica: again } = await opened({ disk, seed: 3 })
    expect(await again.orders.all()).toEqual([])
    expect((await again.stats()).records).toBe(0)
  })

  test('CE-8: what must load documents at open waits for the engine', async () => {
    const disk = new MemoryDisk()
    await startEngine()
    const first = await opened({ disk })
    await first.replica.orders.create(order, { id: 'a' })
    await first.replica.close()
    const { promise, resolve } = Promise.withResolvers<void>()
    const schema = z.object({ title: z.string(), notes: text().optional(), hours: counter().optional() })
    let isOpen = false
    const opening = openReplica({
      host: testHost(2),
      store: memoryStore({ disk }),
      collections: { orders: collection('orders', schema, { version: 2, migrations: { 2: [] } }) },
      engine: promise,
    }).finally(() => {
      isOpen = true
    })
    await new Promise((soon) => setImmediate(soon))
    expect(isOpen).toBe(false)
    resolve()
    const replica = await opening
    expect(await replica.orders.history('a')).toHaveLength(1)
    await replica.close()
  })

  test('CE-10: one more intent than there may be is refused', async () => {
    const { replica } = await cold()
    await replica.orders.create(order, { id: 'a' })
    for (let made = 1; made < INTENTS_MAX; made++)
      await replica.orders.update('a', (draft) => {
        draft.hours = made + 1
      })
    const more = replica.orders.update('a', (draft) => {
      draft.hours = -1
    })
    await expect(more).rejects.toMatchObject({ code: 'too-many-intents' })
  })

  test('W-5: closing while cold refuses what waits', async () => {
    const { replica } = await cold()
    const { id } = await replica.orders.create(order)
    const history = replica.orders.history(id)
    await replica.close()
    await expect(history).rejects.toMatchObject({ code: 'replica-closed' })
  })
})

describe('CE-1: a session that is open before the engine', () => {
  test('is told something, which waits to be let in, and comes after the intents', async () => {
    await startEngine()
    const { replica: hub } = await openHub()
    const disk = new MemoryDisk()
    const grant = { read: ['*'], write: ['*'] }
    const hot = await openOrders({ seed: 5, grant, disk })
    await hot.replica.workOrders.create(workOrder, { id: 'ours' })
    await push(hot.replica, hub)
    await hot.replica.close()
    await hub.workOrders.update('ours', (draft) => {
      draft.title = 'the hub says'
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    const { replica } = await openOrders({ seed: 6, disk, engine: promise })
    let isTold = false
    const telling = tell(hub, replica).finally(() => {
      isTold = true
    })
    await replica.workOrders.update('ours', (draft) => {
      draft.status = 'done'
    })
    expect(isTold).toBe(false)
    expect(await replica.workOrders.get('ours')).toMatchObject({ title: 't', status: 'done' })
    resolve()
    await telling
    expect(await replica.workOrders.get('ours')).toMatchObject({ title: 'the hub says', status: 'done' })
    await Promise.all([hub.close(), replica.close()])
  })
})

type Op = { kind: 'create' | 'update' | 'delete'; id: string; value: JsonObject }
const op: fc.Arbitrary<Op> = fc.record({
  kind: fc.constantFrom(
    'create' as const,
    'update' as const,
    'update' as const,
    'update' as const,
    'delete' as const,
  ),
  id: fc.constantFrom('a', 'b', 'c'),
  value: thing,
})

type Things = Awaited<ReturnType<typeof opened>>['replica']

/** What came of it: nothing, or the code that it was refused with. */
async function run({ things }: Things, { kind, id, value }: Op): Promise<string> {
  const replace = (draft: JsonObject) => {
    for (const key of Object.keys(draft)) delete draft[key]
    Object.assign(draft, structuredClone(value))
  }
  try {
    if (kind === 'create') await things.create(structuredClone(value) as never, { id })
    else if (kind === 'delete') await things.delete(id)
    else await things.update(id, replace as never)
    return ''
  } catch (error) {
    return (error as { code: string }).code
  }
}

async function toldBy({ things, ...replica }: Things, ids: readonly string[]) {
  void replica
  const all = Object.fromEntries((await things.all()).map(({ id, ...value }) => [id, value]))
  const histories = []
  for (const id of ids) {
    const items = await things.history(id).catch(() => [])
    histories.push(items.map(({ time, fields }) => ({ time, fields })))
  }
  return { all, histories }
}

describe('CE-4: intents and the engine afterwards make what the engine would have made', () => {
  test('the same document, to the hash, in one run', async () => {
    await startEngine()
    await fc.assert(
      fc.asyncProperty(fc.array(op, { maxLength: 8 }), async (ops) => {
        const [hot, chilled] = [await opened(), await cold()]
        for (const one of ops) {
          hot.host.clock += 1_000
          chilled.host.clock += 1_000
          expect(await run(chilled.replica, one)).toBe(await run(hot.replica, one))
        }
        await chilled.warm()
        expect((await chilled.replica.aside()).length).toBe(0)
        const limits = { after: '', limit: 10 }
        expect(await chilled.replica.recordHeads('things', limits)).toEqual(
          await hot.replica.recordHeads('things', limits),
        )
        expect(await toldBy(chilled.replica, [])).toEqual(await toldBy(hot.replica, []))
        await Promise.all([hot.replica.close(), chilled.replica.close()])
      }),
      PROPERTY,
    )
  })

  test('the same values and history, with a crash at any commit', async () => {
    await startEngine()
    await fc.assert(
      fc.asyncProperty(fc.array(op, { minLength: 1, maxLength: 6 }), fc.nat(24), async (ops, crashAt) => {
        const hot = await opened()
        const disk = new MemoryDisk()
        let commits = 0
        let seed = 100
        const beforeCommit = () => {
          if (commits++ === crashAt) throw new Error('the power went')
        }
        /** Opened again on the same disk, after which the rest is done. */
        const reopen = async (engine: boolean) => {
          for (;;) {
            disk.crash()
            try {
              return engine
                ? await opened({ disk, beforeCommit, seed: ++seed })
                : await cold({ disk, beforeCommit, seed: ++seed })
            } catch (error) {
              if (!String(error).includes('the power went')) throw error
            }
          }
        }
        let chilled = (await reopen(false)) as Awaited<ReturnType<typeof cold>>
        for (const [i, one] of ops.entries()) {
          hot.host.clock += 1_000
          chilled.host.clock = hot.host.clock
          const expected = await run(hot.replica, one)
          const before = commits
          const came = await run(chilled.replica, one).catch(() => 'crash')
          if (before <= crashAt && commits > crashAt) {
            chilled = (await reopen(i % 2 === 0)) as typeof chilled
            chilled.host.clock = hot.host.clock
            await run(chilled.replica, one)
          } else expect(came).toBe(expected)
        }
        if ('warm' in chilled) await chilled.warm().catch(() => undefined)
        const { replica } = await reopen(true)
        const ids = ['a', 'b', 'c']
        expect(await toldBy(replica, ids)).toEqual(await toldBy(hot.replica, ids))
        expect((await replica.aside()).length).toBe(0)
      }),
      { ...PROPERTY, numRuns: 100 },
    )
  })
})
