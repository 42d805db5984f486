/** Rows that Tryton moves by its own rules: workflow buttons, what a state forbids, and warnings. */
import type { ExternalRow, Write, WriteAnswer } from '@skerry/bridge'
import { lackOf } from '@skerry/systems'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { done, Hand } from './tryton-hand.ts'
import { models } from './tryton-models.ts'
import { lazyStand, type TrytonStand } from './tryton-stand.ts'
import { adapterOn } from './tryton-subject.ts'

const lazy = lazyStand()

describe.skipIf(lackOf('tryton') !== undefined)('Tryton’s own rules', () => {
  let stand: TrytonStand
  let hand: Hand
  beforeAll(async () => {
    stand = await lazy.get()
    hand = new Hand(stand, adapterOn(stand.proxy.url, models))
  })
  afterAll(() => lazy.close())

  describe('TR-45: workflow', () => {
    const party = () => hand.created('party.party', { name: 'Customer' })

    test('is moved by its buttons, there and back, with the other fields beside', async () => {
      const { externalId = '' } = await party()
      const row = await hand.created('sale.opportunity', {
        description: 'to be moved',
        'party.code': externalId,
      })
      let moved = row
      const methods = await hand.written(async () => {
        moved = done(
          await hand.write(
            'sale.opportunity',
            hand.change(row, { state: 'opportunity', comment: 'on the way' }),
          ),
        )
      })
      expect(moved.value).toMatchObject({ state: 'opportunity', comment: 'on the way' })
      expect(methods).toEqual(['model.sale.opportunity.opportunity', 'model.sale.opportunity.write'])
      const back = done(await hand.write('sale.opportunity', hand.change(moved, { state: 'lead' })))
      expect(back.value.state).toBe('lead')
      expect(back.version).not.toBe(moved.version)
    })

    test('goes two steps in one write, and a sale comes of it', async () => {
      const { externalId = '' } = await party()
      const row = await hand.created('sale.opportunity', {
        description: 'to be sold',
        'party.code': externalId,
        state: 'converted',
        lines: [{ 'product.code': 'cone', quantity: 3 }],
      })
      expect(row.value.state).toBe('converted')
      const domain = [['origin', '=', `sale.opportunity,${row.id}`]]
      const sales = await stand.office.search<{ 'lines.': { quantity: number }[] }>('sale.sale', domain, [
        'lines.quantity',
      ])
      expect(sales.map(({ 'lines.': lines }) => lines.map(({ quantity }) => quantity))).toEqual([[3]])
    })

    test('that the server refuses leaves the other fields unwritten', async () => {
      const row = await hand.created('sale.opportunity', { description: 'nobody’s' })
      const answer = await hand.write(
        'sale.opportunity',
        hand.change(row, { state: 'opportunity', comment: 'lost' }),
      )
      expect(answer).toMatchObject({
        kind: 'rejected',
        reason: expect.stringContaining('"Party"'),
        fields: ['state'],
      })
      expect(await hand.adapter.read('sale.opportunity', { id: row.id }, hand.call)).toEqual({
        kind: 'row',
        row,
      })
    })

    test('that no button leads to is refused', async () => {
      const row = await hand.created('sale.opportunity', { description: 'lost?' })
      const answer = await hand.write('sale.opportunity', hand.change(row, { state: 'lost' }))
      expect(answer).toMatchObject({
        kind: 'rejected',
        reason: expect.stringMatching(/no button .* from 'lead' to 'lost'/),
      })
    })

    test('of a row that was made first and could not be moved is a conflict with the row as it is', async () => {
      const answer = await hand.write(
        'sale.opportunity',
        hand.request({ description: 'half', state: 'opportunity' }),
      )
      expect(answer).toMatchObject({
        kind: 'conflict',
        row: { value: { description: 'half', state: 'lead' } },
      })
    })

    test('of rows that are made in one call, each moved by itself', async () => {
      const { externalId = '' } = await party()
      const states = ['lead', 'opportunity', 'lost', 'converted']
      const writes: Write[] = states.map((state) => ({
        action: 'upsert',
        ...hand.request({ description: state, state, 'party.code': externalId }),
      }))
      let answers: WriteAnswer[] = []
      const methods = await hand.written(async () => {
        answers = await hand.adapter.writeMany!('sale.opportunity', writes, hand.call)
      })
      expect(answers.map(({ kind }) => kind)).toEqual(['done', 'done', 'conflict', 'done'])
      const seen = answers.map((answer) => (answer as { row: ExternalRow }).row.value)
      expect(seen.map(({ description, state }) => [description, state])).toEqual([
        ['lead', 'lead'],
        ['opportunity', 'opportunity'],
        ['lost', 'lead'],
        ['converted', 'converted'],
      ])
      expect(methods.map((method) => method.split('.').at(-1))).toEqual([
        'create',
        'opportunity',
        'opportunity',
        'convert',
      ])
    })

    test('under a stale version is a conflict, and moves nothing', async () => {
      const { externalId = '' } = await party()
      const row = await hand.created('sale.opportunity', { description: 'stale', 'party.code': externalId })
      await stand.office.write('sale.opportunity', Number(row.id), { description: 'theirs' })
      const answer = await hand.write('sale.opportunity', hand.change(row, { state: 'opportunity' }))
      expect(answer).toMatchObject({
        kind: 'conflict',
        row: { value: { state: 'lead', description: 'theirs' } },
      })
    })
  })

  test('I4: a confirmed sale refuses to lose a line, by a rule of its own', async () => {
    const sale = await confirmedSale()
    const row = await hand.row('sale.sale', sale)
    expect(row.value).toMatchObject({ lines: [{ 'product.code': 'cone', quantity: 2, unit_price: '19.90' }] })
    const answer = await hand.write('sale.sale', hand.change(row, { lines: [] }))
    expect(answer).toMatchObject({ kind: 'rejected', reason: expect.stringMatching(/line/i) })
    expect(await hand.row('sale.sale', sale)).toEqual(row)
  })

  /** As the office makes one. Nothing is invoiced or shipped of it, which would want accounts and stock. */
  async function confirmedSale(): Promise<number> {
    const { office } = stand
    const [party] = await office.create('party.party', {
      name: 'Buyer',
      addresses: [['create', [{ city: 'Seattle' }]]],
    })
    const [address] = await office.search<{ id: number }>('party.address', [['party', '=', party]], ['party'])
    const [product] = await office.search<{ id: number; default_uom: number }>(
      'product.product',
      [['code', '=', 'cone']],
      ['default_uom'],
    )
    const line = {
      type: 'line',
      product: product!.id,
      quantity: 2,
      unit: product!.default_uom,
      unit_price: { __class__: 'Decimal', decimal: '19.90' },
    }
    const [sale] = await office.create('sale.sale', {
      party,
      invoice_address: address!.id,
      shipment_address: address!.id,
      invoice_method: 'manual',
      shipment_method: 'manual',
      lines: [['create', [line]]],
    })
    await office.call('sale.sale', 'quote', [sale])
    await office.call('sale.sale', 'confirm', [sale])
    return sale!
  }

  describe('TR-06: warnings', () => {
    const inventory = async () => {
      const [location] = await stand.office.search<{ id: number }>(
        'stock.location',
        [['type', '=', 'storage']],
        ['name'],
      )
      const [id] = await stand.office.create('stock.inventory', {
        location: location!.id,
        date: { __class__: 'date', year: 2090, month: 1, day: 1 },
      })
      return hand.row('stock.inventory', id!)
    }

    test('are refusals, in the server’s words', async () => {
      const row = await inventory()
      const answer = await hand.write('stock.inventory', hand.change(row, { state: 'done' }))
      expect(answer).toMatchObject({ kind: 'rejected', reason: expect.stringMatching(/future/) })
    })

    test('are confirmed where the configuration says so, once', async () => {
      const row = await inventory()
      const confirming = new Hand(
        stand,
        adapterOn(stand.proxy.url, models, { acceptWarnings: ['*.date_future'] }),
      )
      const moved = done(await confirming.write('stock.inventory', hand.change(row, { state: 'done' })))
      expect(moved.value.state).toBe('done')
      const left = await stand.admin.search('res.user.warning', [], ['name'])
      expect(left).toEqual([])
    })
  })
})
