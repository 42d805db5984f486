/** What the adapter writes, read again in Tryton by somebody else: versions, many writes at once, values of every kind, and what is refused before it is sent. */
import type { TrytonAdapterOptions } from '@skerry/adapter-tryton'
import type { ExternalRow, Write, WriteAnswer } from '@skerry/bridge'
import { lackOf } from '@skerry/systems'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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

  test('TR-08: check holds what is configured against the server, and names what is not there', async () => {
    const checked = (models: TrytonAdapterOptions['models']) =>
      adapterOn(stand.proxy.url, models).check(hand.call)
    expect(await checked(models)).toEqual({ kind: 'ok' })
    expect(await checked({ ...models, 'no.such': { fields: ['name'] } })).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining('no.such'),
    })
    expect(await checked({ 'party.party': { fields: ['name', 'addresses.town'] } })).toMatchObject({
      kind: 'rejected',
      fields: ['addresses.town'],
    })
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
