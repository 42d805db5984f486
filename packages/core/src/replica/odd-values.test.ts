/** Values that languages, engines and screens disagree about: refused by name where they are written, or the same everywhere afterwards. */
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { defaultChangeLimits } from '../change/limits.ts'
import { collection } from '../records/collection.ts'
import { counter, keyed, text } from '../records/shape.ts'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { type Orders, openHub, pull, push } from './orders.test-support.ts'
import { plainToken, plainVerifier, startEngine, testHost } from './replica.test-support.ts'
import { openReplica } from './replica.ts'

beforeAll(startEngine)

const things = collection(
  'things',
  z.object({
    title: z.string().optional(),
    notes: text().optional(),
    hours: counter().optional(),
    size: z.number().optional(),
    tags: z.array(z.string()).optional(),
    labels: z.record(z.string(), z.string()).optional(),
    parts: keyed('sku', z.object({ sku: z.string() })).optional(),
  }),
  { channels: () => ['site:SEA'] },
)

async function device(seed = 1) {
  const host = testHost(seed)
  const replica = await openReplica({
    host,
    store: memoryStore({ disk: new MemoryDisk() }),
    verifier: plainVerifier(host),
    collections: { things },
  })
  await replica.setCredential(plainToken(replica.publicKey, { subject: `tech:${seed}` }))
  return replica
}

type Device = Awaited<ReturnType<typeof device>>
type Thing = Parameters<Device['things']['create']>[0]

/** What the hub has after the device told it all. */
async function atHub(replica: Device, id: string): Promise<unknown> {
  const { replica: hub } = await openHub({ collection: things as never })
  expect(await push(replica as unknown as Orders, hub)).toEqual([])
  return hub.collection('things').get(id)
}

describe('fault C10: keys', () => {
  const json = (value: string) => JSON.parse(value) as Thing
  test.each<[string, Thing, RegExp]>([
    [
      '__proto__ in a dictionary',
      json('{"labels":{"a":"b","__proto__":"x"}}'),
      /labels.__proto__: .*reserved/,
    ],
    ['__proto__ as a field', json('{"__proto__":"x"}'), /__proto__: .*reserved/],
    [
      '__proto__ in a row',
      json('{"parts":[{"sku":"a","__proto__":{"x":1}}]}'),
      /parts.0.__proto__: .*reserved/,
    ],
    [
      'an object in the place of a prototype',
      { labels: { __proto__: { role: 'admin' } } as never },
      /reserved/,
    ],
    ['constructor', { labels: { constructor: 'x' } as never }, /labels.constructor: .*reserved/],
    ['prototype', { labels: { prototype: 'x' } }, /labels.prototype: .*reserved/],
  ])('%s: refused by name, nothing is kept', async (_, value, reason) => {
    const replica = await device()
    await expect(replica.things.create(value, { id: '1' })).rejects.toThrow(reason)
    expect(await replica.things.get('1')).toBeUndefined()
    await replica.things.create({ labels: { a: 'b' } }, { id: '1' })
    await expect(replica.things.update('1', (draft) => Object.assign(draft, value))).rejects.toThrow(reason)
    expect(await replica.things.get('1')).toEqual({ id: '1', labels: { a: 'b' } })
    expect(({} as { role?: string }).role).toBeUndefined()
  })

  test.each<[string, unknown]>([
    ['a text', 'x'],
    ['an object', { role: 'admin' }],
  ])('%s assigned to __proto__ of a draft is refused, at every depth', async (_, value) => {
    const replica = await device()
    await replica.things.create({ labels: { a: 'b' } }, { id: '1' })
    for (const into of [(draft: Thing) => draft, (draft: Thing) => draft.labels] as const) {
      const assign = (draft: Thing) => {
        Object.assign(into(draft) as object, { title: 'x' })
        // biome-ignore lint/suspicious/noProto: that somebody does is the case
        ;(into(draft) as { __proto__: unknown }).__proto__ = value
      }
      await expect(replica.things.update('1', assign)).rejects.toThrow(/__proto__: .*reserved/)
    }
    expect(await replica.things.get('1')).toEqual({ id: '1', labels: { a: 'b' } })
  })

  test('an empty key is one, a key at the limit too; a longer one is refused with the limit, and the record goes on', async () => {
    const replica = await device()
    const longest = 'k'.repeat(defaultChangeLimits.keyBytesMax)
    await replica.things.create({ labels: { '': 'x', [longest]: 'y' } }, { id: '1' })
    const write = (key: string) =>
      replica.things.update('1', (draft) => {
        draft.labels = { [key]: 'z' }
      })
    await expect(write(`${longest}k`)).rejects.toMatchObject({
      code: 'key-too-long',
      message: expect.stringContaining(`limit ${longest.length}`),
    })
    await expect(write('k'.repeat(2 ** 20))).rejects.toMatchObject({ name: 'EditRefused', code: 'too-large' })
    await replica.things.update('1', (draft) => {
      draft.title = 'and on'
    })
    expect(await atHub(replica, '1')).toEqual({
      id: '1',
      title: 'and on',
      labels: { '': 'x', [longest]: 'y' },
    })
  })
})

describe('fault C12: numbers', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    '%d is refused where it is written, in a field and in a counter',
    async (value) => {
      const replica = await device()
      await expect(replica.things.create({ size: value }, { id: '1' })).rejects.toThrow(/size/)
      await expect(replica.things.create({ hours: value }, { id: '1' })).rejects.toThrow(/hours/)
      expect(await replica.things.get('1')).toBeUndefined()
    },
  )

  test.each([
    [-0, 0],
    [2 ** 53 - 1, 2 ** 53 - 1],
    [2 ** 53, 2 ** 53],
    [-(2 ** 53) - 2, -(2 ** 53) - 2],
    [2 ** 63, 2 ** 63],
    [Number.MAX_VALUE, Number.MAX_VALUE],
    [Number.MIN_VALUE, Number.MIN_VALUE],
  ])('%d is the same at the hub: %d', async (written, read) => {
    const replica = await device()
    await replica.things.create({ size: written }, { id: '1' })
    const seen = (await atHub(replica, '1')) as Thing
    expect(Object.is(seen.size, read)).toBe(true)
  })

  test('a counter stops at the largest whole number; two devices that pass it together leave the record readable', async () => {
    const [ana, ben] = [await device(1), await device(2)]
    await ana.things.create({ hours: Number.MAX_SAFE_INTEGER - 1 }, { id: '1' })
    const { replica: hub } = await openHub({ collection: things as never })
    await push(ana as unknown as Orders, hub)
    await pull(hub, ben as unknown as Orders)
    for (const replica of [ana, ben]) {
      const add = (by: number) =>
        replica.things.update('1', (draft) => {
          draft.hours = (draft.hours ?? 0) + by
        })
      await expect(add(2)).rejects.toThrow(/hours/)
      await add(1)
      await push(replica as unknown as Orders, hub)
    }
    const seen = (await hub.collection('things').get('1')) as Thing
    expect(typeof seen.hours).toBe('number')
    expect(seen.hours).toBeGreaterThanOrEqual(Number.MAX_SAFE_INTEGER - 1)
  })
})

describe('fault C13: texts', () => {
  const half = 'a\ud83d'
  test.each<[string, Thing]>([
    ['a field', { title: half }],
    ['a text that merges', { notes: half }],
    ['a list', { tags: [half] }],
    ['a value of a dictionary', { labels: { a: half } }],
    ['a key of a dictionary', { labels: { [half]: 'a' } }],
    ['the key of a row', { parts: [{ sku: half }] }],
  ])('half a character in %s is refused by name: the engine would keep another one', async (_, value) => {
    const replica = await device()
    await expect(replica.things.create(value, { id: '1' })).rejects.toThrow(/half of a character/)
    expect(await replica.things.get('1')).toBeUndefined()
  })

  test('whole, invisible, right-to-left and control characters are kept as they are', async () => {
    const replica = await device()
    const odd = '😀\u200b\u202e\u2066\ufeff\u0000\u001b[31m\u0301\uffff'
    const value = { title: odd, notes: odd, tags: [odd], labels: { [odd]: odd }, parts: [{ sku: odd }] }
    await replica.things.create(value, { id: '1' })
    expect(await atHub(replica, '1')).toEqual({ id: '1', ...value })
  })
})
