/** Which row of Tryton a write is of, and which rows its values stand for. */
import type { Write } from '@skerry/bridge'
import { lackOf } from '@skerry/systems'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { methodOf } from './tryton-calls.ts'
import { done, Hand } from './tryton-hand.ts'
import { models } from './tryton-models.ts'
import { lazyStand, type TrytonStand } from './tryton-stand.ts'
import { adapterOn } from './tryton-subject.ts'

const lazy = lazyStand()

describe.skipIf(lackOf('tryton') !== undefined)('rows of Tryton, by what they are known by', () => {
  let stand: TrytonStand
  let hand: Hand
  beforeAll(async () => {
    stand = await lazy.get()
    hand = new Hand(stand, adapterOn(stand.proxy.url, models))
  })
  afterAll(() => lazy.close())

  describe('TR-40, TR-41: keys', () => {
    test('a key that is unique is not looked for first: one call makes the row', async () => {
      expect(await hand.written(() => hand.created('party.party', { name: 'Unique' }))).toEqual([
        'model.party.party.create',
      ])
      const methods = await hand.called(() => hand.created('party.party', { name: 'Unique too' }))
      expect(methods).toEqual(['model.party.party.create', 'model.party.party.search_read'])
    })

    test('a key that is not is looked for first', async () => {
      // The schema is asked for once.
      await hand.created('sale.opportunity', { description: 'First' })
      const methods = await hand.called(() => hand.created('sale.opportunity', { description: 'Not unique' }))
      expect(methods.map((method) => method.split('.').at(-1))).toEqual([
        'search_read',
        'create',
        'search_read',
      ])
    })

    test('a key that two rows have is refused, with their ids', async () => {
      const key = 'skerry:twice'
      const ids = await stand.office.create(
        'sale.opportunity',
        { reference: key, description: 'a' },
        { reference: key, description: 'b' },
      )
      const reason = expect.stringContaining(ids.join(', '))
      expect(await hand.adapter.read('sale.opportunity', { externalId: key }, hand.call)).toMatchObject({
        kind: 'rejected',
        reason,
      })
      const repeat = hand.request({ description: 'c' }, { externalId: key })
      expect(await hand.write('sale.opportunity', repeat)).toMatchObject({
        kind: 'rejected',
        reason,
      })
      const other = done(await hand.write('sale.opportunity', hand.request({ description: 'untouched' })))
      expect(other.value.description).toBe('untouched')
    })

    test('without a key in the configuration no row is made, and rows are changed all the same', async () => {
      expect(await hand.write('project.work', hand.request({ name: 'x' }))).toMatchObject({
        kind: 'rejected',
        reason: expect.stringContaining('without a key'),
      })
      const [id] = await stand.office.create('product.category', { name: 'Metal' })
      const category = await hand.row('product.category', id!)
      const row = done(await hand.write('product.category', hand.change(category, { name: 'Steel' })))
      expect(row).toMatchObject({ value: { name: 'Steel', 'parent.name': null }, externalId: undefined })
    })
  })

  describe('TR-12: rows that values stand for', () => {
    test('are found by what they say, in one call for many writes', async () => {
      const parties = [
        await hand.created('party.party', { name: 'A' }),
        await hand.created('party.party', { name: 'B' }),
      ]
      const writes: Write[] = parties.map(({ externalId = '' }) => ({
        action: 'upsert',
        ...hand.request({ description: 'for a party', 'party.code': externalId }),
      }))
      const before = stand.proxy.passed.length
      const answers = await hand.adapter.writeMany!('sale.opportunity', writes, hand.call)
      expect(answers.map((answer) => done(answer).value['party.code'])).toEqual(
        parties.map(({ externalId }) => externalId),
      )
      const lookups = stand.proxy.passed
        .slice(before)
        .filter(({ request: text }) => methodOf(text) === 'model.party.party.search_read')
      expect(lookups).toHaveLength(1)
    })

    test('that are not there, or twice, are refused by name, and others of the batch are written', async () => {
      await stand.office.create('product.category', { name: 'Twin' }, { name: 'Twin' })
      const [id] = await stand.office.create('product.category', { name: 'Child' })
      const row = await hand.row('product.category', id!)
      const wanting = (parent: string | null) =>
        hand.write('product.category', hand.change(row, { 'parent.name': parent }))
      expect(await wanting('Nobody')).toEqual({
        kind: 'rejected',
        reason: 'parent.name: there is no product.category with name "Nobody"',
        fields: ['parent.name'],
      })
      expect(await wanting('Twin')).toMatchObject({
        kind: 'rejected',
        reason: expect.stringMatching(/there are several .*: \d+, \d+/),
      })
      expect(done(await wanting(null)).value['parent.name']).toBeNull()
    })

    test('behind a line are found too: country and subdivision of an address', async () => {
      const address = {
        'addresses.city': 'Seattle',
        'addresses.country.code': 'US',
        'addresses.subdivision.code': 'US-WA',
      }
      const row = await hand.created('party.party', { name: 'Somewhere', ...address })
      expect(row.value).toEqual({ code: row.externalId, name: 'Somewhere', ...address })
      const moved = done(await hand.write('party.party', hand.change(row, { 'addresses.city': 'Tacoma' })))
      expect(moved.value).toMatchObject({ ...address, 'addresses.city': 'Tacoma' })
      const domain = [['party', '=', Number(row.id)]]
      expect(await stand.office.search('party.address', domain, ['city'])).toMatchObject([{ city: 'Tacoma' }])
    })
  })
})
