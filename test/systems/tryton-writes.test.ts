/** What the adapter writes, read again in Tryton by somebody else. */
import type { Adapter, ExternalRow, UpsertRequest, Write, WriteAnswer } from '@skerry/bridge'
import type { JsonObject } from '@skerry/core'
import { lackOf } from '@skerry/systems'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { methodOf } from './tryton-calls.ts'
import { lazyStand, type TrytonStand } from './tryton-stand.ts'
import { adapterOn } from './tryton-subject.ts'

const lazy = lazyStand()
const call = { signal: new AbortController().signal }
let stand: TrytonStand
let made = 0

const models = {
  'party.party': {
    key: 'code',
    unique: true,
    fields: ['name', 'addresses.city', 'addresses.country.code', 'addresses.subdivision.code'],
  },
  'sale.opportunity': {
    key: 'reference',
    fields: ['description', 'comment', 'party.code', 'amount', 'start_date'],
    lines: { lines: { key: 'product.code', fields: ['quantity'], onCreate: { unit: 1 } } },
    workflow: {
      buttons: {
        opportunity: { from: ['lead'], to: 'opportunity' },
        lead: { from: ['opportunity'], to: 'lead' },
        convert: { from: ['opportunity'], to: 'converted' },
      },
    },
  },
  'sale.sale': {
    key: 'reference',
    fields: ['description', 'party.code'],
    lines: { lines: { key: 'product.code', fields: ['quantity', 'unit_price'] } },
    workflow: {
      buttons: {
        quote: { from: ['draft'], to: 'quotation' },
        confirm: { from: ['quotation'], to: 'confirmed' },
      },
    },
  },
  'stock.inventory': {
    fields: ['date'],
    workflow: { buttons: { confirm: { from: ['draft'], to: 'done' } } },
  },
  'project.work': {
    fields: ['name', 'effort_duration', 'progress', 'company', 'type', 'timesheet_available'],
  },
  'ir.attachment': { fields: ['name', 'type', 'data', 'resource', 'link'] },
  'product.category': { fields: ['name', 'parent.name'] },
} satisfies Parameters<typeof adapterOn>[1]

const on = (more: Parameters<typeof adapterOn>[2] = {}) => adapterOn(stand.proxy.url, models, more)

describe.skipIf(lackOf('tryton') !== undefined)('writing to Tryton', () => {
  let adapter: Adapter
  beforeAll(async () => {
    stand = await lazy.get()
    adapter = on()
  })
  afterAll(() => lazy.close())

  const request = (fields: JsonObject, more: Partial<UpsertRequest> = {}): UpsertRequest => {
    made += 1
    return {
      externalId: `skerry:w${made}`,
      fields,
      expectedVersion: null,
      idempotencyKey: `${made}`,
      restore: false,
      ...more,
    }
  }
  const change = (row: ExternalRow, fields: JsonObject): UpsertRequest =>
    request(fields, { id: row.id, externalId: row.externalId ?? '', expectedVersion: row.version })
  const created = async (type: string, fields: JsonObject) =>
    done(await adapter.upsert(type, request(fields), call))
  /** Methods called while `act` runs, reads left out. */
  const written = async (act: () => Promise<unknown>): Promise<string[]> => {
    const before = stand.proxy.passed.length
    await act()
    return stand.proxy.passed
      .slice(before)
      .map((passed) => methodOf(passed.request))
      .filter((method) => !/search_read|fields_get|login|get_preferences/.test(method))
  }

  describe('TR-21: versions', () => {
    test('of ten writes at once under one version exactly one is done', async () => {
      const row = await created('sale.opportunity', { description: 'contended' })
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          adapter.upsert('sale.opportunity', change(row, { description: `writer ${i}` }), call),
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
      const row = await created('sale.opportunity', {
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
      const met = await adapter.upsert('sale.opportunity', change(row, { lines }), call)
      expect(met).toMatchObject({
        kind: 'conflict',
        row: { value: { lines: [{ 'product.code': 'cone', quantity: 5 }] } },
      })
      const { id, externalId = '', version } = row
      const deletion = { id, externalId, expectedVersion: version, idempotencyKey: 'd' }
      expect(await adapter.delete('sale.opportunity', deletion, call)).toMatchObject({ kind: 'conflict' })
    })
  })

  describe('TR-40, TR-41: keys', () => {
    test('a key that is unique is not looked for first: one call makes the row', async () => {
      expect(await written(() => created('party.party', { name: 'Unique' }))).toEqual([
        'model.party.party.create',
      ])
      const first = stand.proxy.passed.length
      await created('party.party', { name: 'Unique too' })
      const methods = stand.proxy.passed.slice(first).map(({ request: text }) => methodOf(text))
      expect(methods).toEqual(['model.party.party.create', 'model.party.party.search_read'])
    })

    test('a key that is not is looked for first', async () => {
      const first = stand.proxy.passed.length
      await created('sale.opportunity', { description: 'Not unique' })
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
      expect(await adapter.read('sale.opportunity', { externalId: key }, call)).toMatchObject({
        kind: 'rejected',
        reason,
      })
      const repeat = request({ description: 'c' }, { externalId: key })
      expect(await adapter.upsert('sale.opportunity', repeat, call)).toMatchObject({
        kind: 'rejected',
        reason,
      })
      const other = done(
        await adapter.upsert('sale.opportunity', request({ description: 'untouched' }), call),
      )
      expect(other.value.description).toBe('untouched')
    })

    test('without a key in the configuration no row is made, and rows are changed all the same', async () => {
      expect(await adapter.upsert('project.work', request({ name: 'x' }), call)).toMatchObject({
        kind: 'rejected',
        reason: expect.stringContaining('without a key'),
      })
      const [id] = await stand.office.create('product.category', { name: 'Metal' })
      const read = await adapter.read('product.category', { id: String(id) }, call)
      const row = done(
        await adapter.upsert(
          'product.category',
          change((read as { row: ExternalRow }).row, { name: 'Steel' }),
          call,
        ),
      )
      expect(row).toMatchObject({ value: { name: 'Steel', 'parent.name': null }, externalId: undefined })
    })
  })

  describe('TR-12: rows that values stand for', () => {
    test('are found by what they say, in one call for many writes', async () => {
      const parties = [
        await created('party.party', { name: 'A' }),
        await created('party.party', { name: 'B' }),
      ]
      const writes: Write[] = parties.map(({ externalId = '' }) => ({
        action: 'upsert',
        ...request({ description: 'for a party', 'party.code': externalId }),
      }))
      const before = stand.proxy.passed.length
      const answers = await adapter.writeMany!('sale.opportunity', writes, call)
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
      const row = ((await adapter.read('product.category', { id: String(id) }, call)) as { row: ExternalRow })
        .row
      const wanting = (parent: string | null) =>
        adapter.upsert('product.category', change(row, { 'parent.name': parent }), call)
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
      const row = await created('party.party', { name: 'Somewhere', ...address })
      expect(row.value).toEqual({ code: row.externalId, name: 'Somewhere', ...address })
      const moved = done(
        await adapter.upsert('party.party', change(row, { 'addresses.city': 'Tacoma' }), call),
      )
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
      const row = await created('sale.opportunity', {
        description: 'parts',
        lines: lines(['cone', 1], ['bolt', 8]),
      })
      const [cone, bolt] = await linesOf(row.id)
      const changed = done(
        await adapter.upsert(
          'sale.opportunity',
          change(row, { lines: lines(['bolt', 9], ['cable', 2]) }),
          call,
        ),
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
      const row = await created('sale.opportunity', { description: 'same', lines })
      expect(await written(() => adapter.upsert('sale.opportunity', change(row, { lines }), call))).toEqual(
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
      const refused = request({ description: 'refused', lines: lines as JsonObject[] })
      expect(await adapter.upsert('sale.opportunity', refused, call)).toMatchObject({
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
        Array.from({ length: 4 }, (_, i) => created('party.party', { name: `batched ${i}` })),
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
          (_, i): Write => ({ action: 'upsert', ...request({ name: `many ${i}` }) }),
        ),
        ...rows
          .slice(0, 2)
          .map(
            (row): Write => ({ action: 'upsert', ...change(row, { name: `${row.value.name}, changed` }) }),
          ),
        ...rows.slice(2).map(removal),
      ]
      const methods = await written(async () => {
        const answers = await adapter.writeMany!('party.party', writes, call)
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
        ...request({ description: `number ${i}`, ...(i === 11 && { start_date: null }) }),
      }))
      let answers: WriteAnswer[] = []
      const methods = await written(async () => {
        answers = await adapter.writeMany!('sale.opportunity', writes, call)
      })
      expect(answers.map(({ kind }) => kind).filter((kind) => kind !== 'done')).toEqual(['rejected'])
      expect(answers[11]).toMatchObject({ kind: 'rejected' })
      expect(methods.length).toBeLessThanOrEqual(9)
    })
  })

  describe('TR-45: workflow', () => {
    const party = () => created('party.party', { name: 'Customer' })

    test('is moved by its buttons, there and back, with the other fields beside', async () => {
      const { externalId = '' } = await party()
      const row = await created('sale.opportunity', { description: 'to be moved', 'party.code': externalId })
      let moved = row
      const methods = await written(async () => {
        moved = done(
          await adapter.upsert(
            'sale.opportunity',
            change(row, { state: 'opportunity', comment: 'on the way' }),
            call,
          ),
        )
      })
      expect(moved.value).toMatchObject({ state: 'opportunity', comment: 'on the way' })
      expect(methods).toEqual(['model.sale.opportunity.opportunity', 'model.sale.opportunity.write'])
      const back = done(await adapter.upsert('sale.opportunity', change(moved, { state: 'lead' }), call))
      expect(back.value.state).toBe('lead')
      expect(back.version).not.toBe(moved.version)
    })

    test('goes two steps in one write, and a sale comes of it', async () => {
      const { externalId = '' } = await party()
      const row = await created('sale.opportunity', {
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
      const row = await created('sale.opportunity', { description: 'nobody’s' })
      const answer = await adapter.upsert(
        'sale.opportunity',
        change(row, { state: 'opportunity', comment: 'lost' }),
        call,
      )
      expect(answer).toMatchObject({
        kind: 'rejected',
        reason: expect.stringContaining('"Party"'),
        fields: ['state'],
      })
      expect(await adapter.read('sale.opportunity', { id: row.id }, call)).toEqual({ kind: 'row', row })
    })

    test('that no button leads to is refused', async () => {
      const row = await created('sale.opportunity', { description: 'lost?' })
      const answer = await adapter.upsert('sale.opportunity', change(row, { state: 'lost' }), call)
      expect(answer).toMatchObject({
        kind: 'rejected',
        reason: expect.stringMatching(/no button .* from 'lead' to 'lost'/),
      })
    })

    test('of a row that was made first and could not be moved is a conflict with the row as it is', async () => {
      const answer = await adapter.upsert(
        'sale.opportunity',
        request({ description: 'half', state: 'opportunity' }),
        call,
      )
      expect(answer).toMatchObject({
        kind: 'conflict',
        row: { value: { description: 'half', state: 'lead' } },
      })
    })

    test('under a stale version is a conflict, and moves nothing', async () => {
      const { externalId = '' } = await party()
      const row = await created('sale.opportunity', { description: 'stale', 'party.code': externalId })
      await stand.office.write('sale.opportunity', Number(row.id), { description: 'theirs' })
      const answer = await adapter.upsert('sale.opportunity', change(row, { state: 'opportunity' }), call)
      expect(answer).toMatchObject({
        kind: 'conflict',
        row: { value: { state: 'lead', description: 'theirs' } },
      })
    })
  })

  test('I4: a confirmed sale refuses to lose a line, by a rule of its own', async () => {
    const sale = await confirmedSale()
    const read = await adapter.read('sale.sale', { id: String(sale) }, call)
    const row = (read as { row: ExternalRow }).row
    expect(row.value).toMatchObject({ lines: [{ 'product.code': 'cone', quantity: 2, unit_price: '19.90' }] })
    const answer = await adapter.upsert('sale.sale', change(row, { lines: [] }), call)
    expect(answer).toMatchObject({ kind: 'rejected', reason: expect.stringMatching(/line/i) })
    expect(await adapter.read('sale.sale', { id: String(sale) }, call)).toEqual({ kind: 'row', row })
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
      return ((await adapter.read('stock.inventory', { id: String(id) }, call)) as { row: ExternalRow }).row
    }

    test('are refusals, in the server’s words', async () => {
      const row = await inventory()
      const answer = await adapter.upsert('stock.inventory', change(row, { state: 'done' }), call)
      expect(answer).toMatchObject({ kind: 'rejected', reason: expect.stringMatching(/future/) })
    })

    test('are confirmed where the configuration says so, once', async () => {
      const row = await inventory()
      const confirming = on({ acceptWarnings: ['*.date_future'] })
      expect(
        done(await confirming.upsert('stock.inventory', change(row, { state: 'done' }), call)).value.state,
      ).toBe('done')
      const left = await stand.admin.search('res.user.warning', [], ['name'])
      expect(left).toEqual([])
    })
  })

  test('TR-10: values of every kind come back as they were written', async () => {
    const row = await created('sale.opportunity', {
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
    const task = ((await adapter.read('project.work', { id: String(work) }, call)) as { row: ExternalRow })
      .row
    const fields = { effort_duration: 5_400, progress: 0.25, timesheet_available: true }
    expect(done(await adapter.upsert('project.work', change(task, fields), call)).value).toMatchObject({
      ...fields,
      company: '1',
      type: 'task',
    })

    const [attached] = await stand.office.create('ir.attachment', {
      name: 'note.txt',
      type: 'data',
      resource: `sale.opportunity,${row.id}`,
    })
    const file = (
      (await adapter.read('ir.attachment', { id: String(attached) }, call)) as { row: ExternalRow }
    ).row
    const data = Buffer.alloc(200, 'skerry').toString('base64')
    expect(done(await adapter.upsert('ir.attachment', change(file, { data }), call)).value).toMatchObject({
      data,
      type: 'data',
      resource: `sale.opportunity,${row.id}`,
    })
  })

  test('TR-11: a value that does not fit is refused by name, and no call is made', async () => {
    const row = await created('sale.opportunity', { description: 'untouched' })
    const before = stand.proxy.passed.length
    const answer = await adapter.upsert('sale.opportunity', change(row, { amount: 19.9 }), call)
    expect(answer).toMatchObject({ kind: 'rejected', fields: ['amount'] })
    expect(await adapter.upsert('sale.opportunity', change(row, { nope: 'x' }), call)).toMatchObject({
      kind: 'rejected',
      fields: ['nope'],
    })
    expect(stand.proxy.passed.length).toBe(before)
  })

  test('a model that is not configured, or not there, is refused by name', async () => {
    expect(await adapter.upsert('res.user', request({ name: 'x' }), call)).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining("'res.user' is none of the configured models"),
    })
    const lost = adapterOn(stand.proxy.url, {
      'no.such': { fields: ['name'] },
      'party.party': { fields: ['nome'] },
    })
    expect(await lost.read('no.such', { id: '1' }, call)).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining('no.such'),
    })
    expect(await lost.read('party.party', { id: '1' }, call)).toMatchObject({
      kind: 'rejected',
      fields: ['nome'],
    })
  })
})

function done(answer: WriteAnswer): ExternalRow {
  expect(answer, JSON.stringify(answer)).toMatchObject({ kind: 'done' })
  return (answer as { row: ExternalRow }).row
}
