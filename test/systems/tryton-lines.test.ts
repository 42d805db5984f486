/** Lines of a row: the products of an opportunity, read again in Tryton by somebody else. */
import type { JsonObject } from '@skerry/core'
import { lackOf } from '@skerry/systems'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { done, Hand } from './tryton-hand.ts'
import { models } from './tryton-models.ts'
import { lazyStand, type TrytonStand } from './tryton-stand.ts'
import { adapterOn } from './tryton-subject.ts'

const lazy = lazyStand()

describe.skipIf(lackOf('tryton') !== undefined)('lines in Tryton', () => {
  let stand: TrytonStand
  let hand: Hand
  beforeAll(async () => {
    stand = await lazy.get()
    hand = new Hand(stand, adapterOn(stand.proxy.url, models))
  })
  afterAll(() => lazy.close())

  describe('TR-13: lines', () => {
    const linesOf = async (id: string) =>
      (
        await stand.office.search<{ id: number; quantity: number; 'product.': { code: string } }>(
          'sale.opportunity.line',
          [['opportunity', '=', Number(id)]],
          ['quantity', 'product.code'],
        )
      ).map(({ id: line, quantity, 'product.': { code } }) => ({ line, code, quantity }))

    test('are made, changed and deleted as the difference by key', async () => {
      const lines = (...given: [string, number][]) =>
        given.map(([code, quantity]) => ({ 'product.code': code, quantity }))
      const row = await hand.created('sale.opportunity', {
        description: 'parts',
        lines: lines(['cone', 1], ['bolt', 8]),
      })
      const [cone, bolt] = await linesOf(row.id)
      const changed = done(
        await hand.write('sale.opportunity', hand.change(row, { lines: lines(['bolt', 9], ['cable', 2]) })),
      )
      expect(changed.value.lines).toEqual(lines(['bolt', 9], ['cable', 2]))
      const after = await linesOf(row.id)
      expect(after.map(({ code, quantity }) => [code, quantity])).toEqual([
        ['bolt', 9],
        ['cable', 2],
      ])
      expect(after[0]?.line).toBe(bolt?.line)
      expect(after.map(({ line }) => line)).not.toContain(cone?.line)
    })

    test('that are as they should be cost no write', async () => {
      const lines = [{ 'product.code': 'seal', quantity: 1 }]
      const row = await hand.created('sale.opportunity', { description: 'same', lines })
      expect(await hand.written(() => hand.write('sale.opportunity', hand.change(row, { lines })))).toEqual(
        [],
      )
    })

    test.each<[string, unknown, RegExp]>([
      ['a key twice', [{ 'product.code': 'cone' }, { 'product.code': 'cone' }], /"cone" stands there twice/],
      ['no key', [{ quantity: 1 }], /each line wants its 'product\.code'/],
      ['no list', 'cones', /wants a list of lines/],
      [
        'a field that is not configured',
        [{ 'product.code': 'cone', colour: 'red' }],
        /lines\.colour is not among the configured/,
      ],
      [
        'a product that is not there',
        [{ 'product.code': 'gold' }],
        /there is no product\.product with code "gold"/,
      ],
      [
        'a quantity in words',
        [{ 'product.code': 'cone', quantity: 'two' }],
        /lines\.quantity wants a number/,
      ],
    ])('with %s are refused before anything is written', async (_, lines, reason) => {
      const refused = hand.request({ description: 'refused', lines: lines as JsonObject[] })
      expect(await hand.write('sale.opportunity', refused)).toMatchObject({
        kind: 'rejected',
        reason: expect.stringMatching(reason),
      })
      expect(
        await stand.office.search(
          'sale.opportunity',
          [['reference', '=', refused.externalId]],
          ['reference'],
        ),
      ).toEqual([])
    })

    test('TR-21: a line that somebody changed past its row is a conflict for whoever writes lines, or deletes', async () => {
      const row = await hand.created('sale.opportunity', {
        description: 'l',
        lines: [{ 'product.code': 'cone', quantity: 1 }],
      })
      const [line] = await stand.office.search<{ id: number }>(
        'sale.opportunity.line',
        [['opportunity', '=', Number(row.id)]],
        ['quantity'],
      )
      await stand.office.write('sale.opportunity.line', line!.id, { quantity: 5 })
      const lines = [{ 'product.code': 'cone', quantity: 2 }]
      const met = await hand.write('sale.opportunity', hand.change(row, { lines }))
      expect(met).toMatchObject({
        kind: 'conflict',
        row: { value: { lines: [{ 'product.code': 'cone', quantity: 5 }] } },
      })
      const { id, externalId = '', version } = row
      const deletion = { id, externalId, expectedVersion: version, idempotencyKey: 'd' }
      expect(await hand.adapter.delete('sale.opportunity', deletion, hand.call)).toMatchObject({
        kind: 'conflict',
      })
    })
  })
})
