/** What the adapter writes, read again in Tryton by somebody else. */
import type { ExternalRow, Write, WriteAnswer } from '@skerry/bridge'
import type { JsonObject } from '@skerry/core'
import { lackOf } from '@skerry/systems'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { methodOf } from './tryton-calls.ts'
import { done, Hand } from './tryton-hand.ts'
import { models } from './tryton-models.ts'
import { lazyStand, type TrytonStand } from './tryton-stand.ts'
import { adapterOn } from './tryton-subject.ts'

const lazy = lazyStand()

describe.skipIf(lackOf('tryton') !== undefined)('writing to Tryton', () => {
  let stand: TrytonStand
  let hand: Hand
  beforeAll(async () => {
    stand = await lazy.get()
    hand = new Hand(stand, adapterOn(stand.proxy.url, models))
  })
  afterAll(() => lazy.close())

  describe('TR-21: versions', () => {
    test('of ten writes at once under one version exactly one is done', async () => {
      const row = await hand.created('sale.opportunity', { description: 'contended' })
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          hand.write('sale.opportunity', hand.change(row, { description: `writer ${i}` })),
        ),
      )
      const kinds = answers.map(({ kind }) => kind).sort()
      expect(kinds).toEqual([...Array.from({ length: 9 }, () => 'conflict'), 'done'])
      const [winner] = answers.filter(({ kind }) => kind === 'done')
      const { description } = done(winner!).value
      const [there] = await stand.office.search<{ description: string }>(
        'sale.opportunity',
        [['id', '=', Number(row.id)]],
        ['description'],
      )
      expect(there?.description).toBe(description)
    })

    test('a line that somebody changed past its row is a conflict for whoever writes lines, or deletes', async () => {
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

  describe('TR-40, TR-41: keys', () => {
    test('a key that is unique is not looked for first: one call makes the row', async () => {
      expect(await hand.written(() => hand.created('party.party', { name: 'Unique' }))).toEqual([
        'model.party.party.create',
      ])
      const first = stand.proxy.passed.length
      await hand.created('party.party', { name: 'Unique too' })
      const methods = stand.proxy.passed.slice(first).map(({ request: text }) => methodOf(text))
      expect(methods).toEqual(['model.party.party.create', 'model.party.party.search_read'])
    })

    test('a key that is not is looked for first', async () => {
      const first = stand.proxy.passed.length
      await hand.created('sale.opportunity', { description: 'Not unique' })
      const methods = stand.proxy.passed
        .slice(first)
        .map(({ request: text }) => methodOf(text).split('.').at(-1))
      expect(methods).toEqual(['search_read', 'create', 'search_read'])
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
  })

  describe('API-6, TR-42: many writes', () => {
    test('are one call for creates, one for changes, one for deletes', async () => {
      const rows = await Promise.all(
        Array.from({ length: 4 }, (_, i) => hand.created('party.party', { name: `batched ${i}` })),
      )
      const removal = ({ id, externalId = '', version }: ExternalRow): Write => ({
        action: 'delete',
        id,
        externalId,
        expectedVersion: version,
        idempotencyKey: id,
      })
      const writes: Write[] = [
        ...Array.from(
          { length: 20 },
          (_, i): Write => ({ action: 'upsert', ...hand.request({ name: `many ${i}` }) }),
        ),
        ...rows.slice(0, 2).map(
          (row): Write => ({
            action: 'upsert',
            ...hand.change(row, { name: `${row.value.name}, changed` }),
          }),
        ),
        ...rows.slice(2).map(removal),
      ]
      const methods = await hand.written(async () => {
        const answers = await hand.adapter.writeMany!('party.party', writes, hand.call)
        expect(answers.map(({ kind }) => kind)).toEqual(writes.map(() => 'done'))
      })
      expect(methods).toEqual([
        'model.party.party.create',
        'model.party.party.write',
        'model.party.party.delete',
      ])
    })

    test('of which one is refused are halved around it', async () => {
      const writes: Write[] = Array.from({ length: 16 }, (_, i) => ({
        action: 'upsert',
        ...hand.request({ description: `number ${i}`, ...(i === 11 && { start_date: null }) }),
      }))
      let answers: WriteAnswer[] = []
      const methods = await hand.written(async () => {
        answers = await hand.adapter.writeMany!('sale.opportunity', writes, hand.call)
      })
      expect(answers.map(({ kind }) => kind).filter((kind) => kind !== 'done')).toEqual(['rejected'])
      expect(answers[11]).toMatchObject({ kind: 'rejected' })
      expect(methods.length).toBeLessThanOrEqual(9)
    })
  })

  test('TR-10: values of every kind come back as they were written', async () => {
    const row = await hand.created('sale.opportunity', {
      description: 'Σ «é» 🚧',
      amount: '19.90',
      start_date: '2026-02-28',
    })
    expect(row.value).toMatchObject({ description: 'Σ «é» 🚧', amount: '19.90', start_date: '2026-02-28' })
    const [{ amount } = { amount: undefined }] = await stand.office.search<{ amount: unknown }>(
      'sale.opportunity',
      [['id', '=', Number(row.id)]],
      ['amount'],
    )
    expect(amount).toEqual({ __class__: 'Decimal', decimal: '19.90' })

    const [work] = await stand.office.create('project.work', { name: 'Task', type: 'task' })
    const task = await hand.row('project.work', work!)
    const fields = { effort_duration: 5_400, progress: 0.25, timesheet_available: true }
    expect(done(await hand.write('project.work', hand.change(task, fields))).value).toMatchObject({
      ...fields,
      company: '1',
      type: 'task',
    })

    const [attached] = await stand.office.create('ir.attachment', {
      name: 'note.txt',
      type: 'data',
      resource: `sale.opportunity,${row.id}`,
    })
    const file = await hand.row('ir.attachment', attached!)
    const data = Buffer.alloc(200, 'skerry').toString('base64')
    expect(done(await hand.write('ir.attachment', hand.change(file, { data }))).value).toMatchObject({
      data,
      type: 'data',
      resource: `sale.opportunity,${row.id}`,
    })
  })

  test('TR-11: a value that does not fit is refused by name, and no call is made', async () => {
    const row = await hand.created('sale.opportunity', { description: 'untouched' })
    const before = stand.proxy.passed.length
    const answer = await hand.write('sale.opportunity', hand.change(row, { amount: 19.9 }))
    expect(answer).toMatchObject({ kind: 'rejected', fields: ['amount'] })
    expect(await hand.write('sale.opportunity', hand.change(row, { nope: 'x' }))).toMatchObject({
      kind: 'rejected',
      fields: ['nope'],
    })
    expect(stand.proxy.passed.length).toBe(before)
  })

  test('a model that is not configured, or not there, is refused by name', async () => {
    expect(await hand.write('res.user', hand.request({ name: 'x' }))).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining("'res.user' is none of the configured models"),
    })
    const lost = adapterOn(stand.proxy.url, {
      'no.such': { fields: ['name'] },
      'party.party': { fields: ['nome'] },
    })
    expect(await lost.read('no.such', { id: '1' }, hand.call)).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining('no.such'),
    })
    expect(await lost.read('party.party', { id: '1' }, hand.call)).toMatchObject({
      kind: 'rejected',
      fields: ['nome'],
    })
  })
})
