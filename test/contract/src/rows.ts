/** Record rows, their indexes, named tables, and the order in which they come. */
import type { Seq } from '@skerry/core'
import { describe, expect, it } from 'vitest'
import { batch, bytesOf, enter, entry, leave, pageMax, put, row } from './batches.ts'
import { Bench, type Setup } from './bench.ts'

/** In ascending code units, which is neither the order of code points nor of UTF-8 bytes. */
const awkwardKeys = [
  '',
  ' ',
  'A',
  'a',
  'a\u0000',
  'a\u0000b',
  'a/b',
  'ab',
  'z',
  'é',
  '\ud7ff',
  '\ud800',
  '\ud83d\ude00',
  '\ud83d\ude01',
  '\udfff',
  '\ue000',
  '\uffff',
]

const names = (rows: readonly { record: string }[]) => rows.map(({ record }) => record)

export function rowTests(setup: Setup): void {
  describe('rows', () => {
    it('gives rows in the order asked, undefined where there is none', async () => {
      const store = await (await Bench.make(setup)).opened()
      const first = row(
        'job/1',
        [
          ['state', 'open'],
          ['hours', 2.5],
          ['urgent', true],
          ['site', null],
        ],
        '{"n":"ü😀"}',
      )
      await store.commit(batch({ entries: [entry(1, 'job/9')], records: [first, row('job/2', [], null)] }))
      expect(await store.rows(['job/2', 'job/9', 'job/1', 'job/2'])).toEqual([
        row('job/2', [], null),
        undefined,
        first,
        row('job/2', [], null),
      ])
      expect(await store.rows([])).toEqual([])
    })

    it('puts whole rows over older ones; the last of one batch wins', async () => {
      const store = await (await Bench.make(setup)).opened()
      await store.commit(
        batch({ records: [row('job/1', [['state', 'open']], '{"a":1}'), row('job/1', [], '{"a":2}')] }),
      )
      expect(await store.rows(['job/1'])).toEqual([row('job/1', [], '{"a":2}')])
      expect(await store.findRows('job', [['state', 'open']])).toEqual([])
      expect((await store.size()).records).toBe(1)
    })
  })

  describe('scanRows', () => {
    it('gives rows of one collection in ascending key above a key, up to the limit, deleted ones too', async () => {
      const store = await (await Bench.make(setup)).opened()
      const records = ['job/b', 'job/a', 'jobs/a', 'customer/a', 'job/c'].map((key) => row(key))
      await store.commit(batch({ records: [...records, row('job/aa', [], null)] }))
      expect(names(await store.scanRows('job', '', 10))).toEqual(['job/a', 'job/aa', 'job/b', 'job/c'])
      expect(names(await store.scanRows('job', 'job/a', 2))).toEqual(['job/aa', 'job/b'])
      expect(await store.scanRows('unknown', '', 10)).toEqual([])
    })

    it('orders keys by code units, whatever is in them', async () => {
      const store = await (await Bench.make(setup)).opened()
      const keys = awkwardKeys.map((key) => `job/${key}`)
      await store.commit(batch({ records: [...keys].reverse().map((key) => row(key)) }))
      expect(names(await store.scanRows('job', '', 100))).toEqual(keys)
      for (const [at, key] of keys.entries()) {
        expect(names(await store.scanRows('job', key, 100))).toEqual(keys.slice(at + 1))
      }
    })
  })

  describe('findRows', () => {
    it('finds rows whose indexed fields equal all values, in ascending key', async () => {
      const store = await (await Bench.make(setup)).opened()
      const open = [
        ['state', 'open'],
        ['site', 'north'],
      ] as const
      await store.commit(
        batch({
          records: [
            row('job/b', open),
            row('job/a', open),
            row('job/c', [['state', 'open']]),
            row('task/a', open),
          ],
        }),
      )
      expect(names(await store.findRows('job', open))).toEqual(['job/a', 'job/b'])
      expect(names(await store.findRows('job', [['state', 'open']]))).toEqual(['job/a', 'job/b', 'job/c'])
      expect(
        await store.findRows('job', [
          ['state', 'open'],
          ['site', 'south'],
        ]),
      ).toEqual([])
      expect(names(await store.findRows('job', []))).toEqual(['job/a', 'job/b', 'job/c'])
    })

    it('tells types and values apart', async () => {
      const store = await (await Bench.make(setup)).opened()
      const values = [1, '1', true, 'true', false, 0, null, 'null', '', -1.5, 2 ** 53] as const
      await store.commit(batch({ records: values.map((value, at) => row(`job/${at}`, [['f', value]])) }))
      for (const [at, value] of values.entries()) {
        expect(await store.findRows('job', [['f', value]])).toEqual([row(`job/${at}`, [['f', value]])])
      }
      expect(await store.findRows('job', [['g', 1]])).toEqual([])
    })

    it('follows a row that changes, and loses one that has no view any more', async () => {
      const store = await (await Bench.make(setup)).opened()
      await store.commit(
        batch({ records: [row('job/1', [['state', 'open']]), row('job/2', [['state', 'open']])] }),
      )
      await store.commit(batch({ records: [row('job/1', [['state', 'done']])] }))
      expect(names(await store.findRows('job', [['state', 'open']]))).toEqual(['job/2'])
      expect(names(await store.findRows('job', [['state', 'done']]))).toEqual(['job/1'])
      await store.commit(batch({ records: [row('job/2', [['state', 'open']], null)] }))
      expect(await store.findRows('job', [['state', 'open']])).toEqual([])
      expect(names(await store.findRows('job', []))).toEqual(['job/1'])
      await store.commit(batch({ records: [row('job/2', [['state', 'open']])] }))
      expect(names(await store.findRows('job', [['state', 'open']]))).toEqual(['job/2'])
    })
  })
}

export function channelRowTests(setup: Setup): void {
  describe('channelRows', () => {
    it('gives the rows with a view of the records in a channel, in the order in which they entered', async () => {
      const store = await (await Bench.make(setup)).opened()
      await store.commit(
        batch({
          entries: [entry(1, 'job/b', ['north']), entry(3, 'job/a', ['north']), entry(5, 'job/c', ['south'])],
          marks: [
            enter(2, 'north', 'job/b'),
            enter(4, 'north', 'job/a'),
            enter(6, 'south', 'job/c'),
            enter(7, 'north', 'job/deleted'),
            enter(8, 'north', '@streams/none'),
          ],
          records: [
            row('job/a', [['state', 'open']], '{"n":"ü😀"}'),
            row('job/b'),
            row('job/c'),
            row('job/deleted', [], null),
          ],
        }),
      )
      const [b, a] = [
        { seq: 2, row: row('job/b') },
        { seq: 4, row: row('job/a', [['state', 'open']], '{"n":"ü😀"}') },
      ]
      expect(await store.channelRows('north', 0, pageMax)).toEqual([b, a])
      expect(await store.channelRows('north', 2, pageMax)).toEqual([a])
      expect(await store.channelRows('unknown', 0, pageMax)).toEqual([])
      await store.commit(batch({ marks: [leave(9, 'north', 'job/b'), enter(10, 'south', 'job/b')] }))
      expect(await store.channelRows('north', 0, pageMax)).toEqual([a])
      expect((await store.channelRows('south', 0, pageMax)).map(({ seq }) => seq)).toEqual([6, 10])
      await store.commit(batch({ forgotten: ['job/a'] }))
      expect(await store.channelRows('north', 0, pageMax)).toEqual([])
    })

    it('gives at least one row, else up to the limit of rows and of characters', async () => {
      const store = await (await Bench.make(setup)).opened()
      const keys = Array.from({ length: 5 }, (_, at) => `job/${at}`)
      await store.commit(
        batch({
          marks: keys.map((key, at) => enter(at + 1, 'north', key)),
          records: keys.map((key) => row(key, [], `{"a":"${'x'.repeat(92)}"}`)),
        }),
      )
      const counted = async (after: Seq, entries: number, bytes: number) =>
        (await store.channelRows('north', after, { entries, bytes })).map(({ seq }) => seq)
      expect(await counted(0, 1, 1)).toEqual([1])
      expect(await counted(0, 2, 2 ** 20)).toEqual([1, 2])
      expect(await counted(1, 9, 299)).toEqual([2, 3])
      expect(await counted(1, 9, 300)).toEqual([2, 3, 4])
      expect(await counted(5, 9, 300)).toEqual([])
      await expect(counted(0, 0, 1)).rejects.toThrow(RangeError)
    })
  })
}

export function tableTests(setup: Setup): void {
  describe('tables', () => {
    it('get gives what was put last, undefined for an absent key, table or removed key', async () => {
      const store = await (await Bench.make(setup)).opened()
      await store.commit(
        batch({ tables: [put('t', 'k', 'one'), put('t', 'k', 'two'), put('u', 'k', 'other')] }),
      )
      expect([await store.get('t', 'k'), await store.get('u', 'k')]).toEqual([
        bytesOf('two'),
        bytesOf('other'),
      ])
      expect([await store.get('t', 'x'), await store.get('x', 'k')]).toEqual([undefined, undefined])
      await store.commit(
        batch({
          tables: [
            { table: 't', key: 'k' },
            { table: 't', key: 'never' },
          ],
        }),
      )
      expect([await store.get('t', 'k'), await store.get('u', 'k')]).toEqual([undefined, bytesOf('other')])
    })

    it('writes of one batch apply in order', async () => {
      const store = await (await Bench.make(setup)).opened()
      await store.commit(
        batch({
          tables: [
            put('t', 'a', '1'),
            { table: 't', key: 'a' },
            { table: 't', key: 'b' },
            put('t', 'b', '2'),
          ],
        }),
      )
      expect(await store.scan('t', { limit: 9 })).toEqual([{ key: 'b', value: bytesOf('2') }])
    })

    it('keeps an empty value apart from none', async () => {
      const store = await (await Bench.make(setup)).opened()
      await store.commit(batch({ tables: [put('t', 'k', '')] }))
      expect(await store.get('t', 'k')).toEqual(new Uint8Array())
    })

    it('scan gives the keys that start with the prefix and are above a key, up to the limit', async () => {
      const store = await (await Bench.make(setup)).opened()
      const keys = ['b', 'ab', 'a', 'abc', 'ac', 'aa']
      await store.commit(batch({ tables: keys.map((key) => put('t', key, key)) }))
      const scan = async (range: { prefix?: string; after?: string; limit: number }) =>
        (await store.scan('t', range)).map(({ key }) => key)
      expect(await scan({ limit: 99 })).toEqual(['a', 'aa', 'ab', 'abc', 'ac', 'b'])
      expect(await scan({ prefix: 'ab', limit: 99 })).toEqual(['ab', 'abc'])
      expect(await scan({ prefix: 'a', after: 'aa', limit: 2 })).toEqual(['ab', 'abc'])
      expect(await scan({ prefix: 'ab', after: 'a', limit: 99 })).toEqual(['ab', 'abc'])
      expect(await scan({ prefix: 'a', after: 'b', limit: 99 })).toEqual([])
      expect(await store.scan('unknown', { limit: 99 })).toEqual([])
    })

    it('scan orders keys by code units, and finds each of them by prefix and by key', async () => {
      const store = await (await Bench.make(setup)).opened()
      await store.commit(batch({ tables: [...awkwardKeys].reverse().map((key) => put('t', key, 'v')) }))
      expect((await store.scan('t', { limit: 99 })).map(({ key }) => key)).toEqual(awkwardKeys)
      for (const [at, key] of awkwardKeys.entries()) {
        const expected = awkwardKeys.filter((other) => other.startsWith(key))
        expect((await store.scan('t', { prefix: key, limit: 99 })).map((found) => found.key)).toEqual(
          expected,
        )
        const above = await store.scan('t', { after: key, limit: 99 })
        expect(above.map((found) => found.key)).toEqual(awkwardKeys.slice(at + 1))
        expect(await store.get('t', key)).toEqual(bytesOf('v'))
      }
    })

    it('walks again after keys were added and removed', async () => {
      const store = await (await Bench.make(setup)).opened()
      const keys = async () => (await store.scan('t', { limit: 99 })).map(({ key }) => key)
      await store.commit(batch({ tables: [put('t', 'b', ''), put('t', 'd', '')] }))
      expect(await keys()).toEqual(['b', 'd'])
      await store.commit(batch({ tables: [{ table: 't', key: 'b' }, put('t', 'c', ''), put('t', 'a', '')] }))
      expect(await keys()).toEqual(['a', 'c', 'd'])
      await store.commit(batch({ tables: [put('t', 'b', ''), { table: 't', key: 'a' }] }))
      expect(await keys()).toEqual(['b', 'c', 'd'])
    })
  })

  describe('size', () => {
    it('counts entries and rows, and grows in bytes', async () => {
      const store = await (await Bench.make(setup)).opened()
      const before = await store.size()
      expect([before.entries, before.records]).toEqual([0, 0])
      const large = { ...entry(1, 'job/1'), bytes: new Uint8Array(2 ** 20) }
      await store.commit(batch({ entries: [large, entry(2, 'job/2')], records: [row('job/1')] }))
      const after = await store.size()
      expect([after.entries, after.records]).toEqual([2, 1])
      expect(after.bytes).toBeGreaterThanOrEqual(2 ** 20)
    })
  })
}
