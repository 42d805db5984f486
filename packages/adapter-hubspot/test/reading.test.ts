import { change, create, rowIn } from '@skerry/bridge/testing'
import { expect, test } from 'vitest'
import { call, startAccount } from './account.ts'

test('HS-05 an archived row is told as deleted, with its key; one that is nowhere is absent, an odd id too', async () => {
  const account = await startAccount()
  const id = await account.create({ title: 'a', skerry_id: 'k' })
  const adapter = account.adapter()
  const read = (key: { id: string } | { externalId: string }) => adapter.read('visits', key, call)
  expect(await read({ id })).toMatchObject({ kind: 'row', row: { id, externalId: 'k', deleted: false } })
  await account.edit('archive', id)
  expect(await read({ id })).toEqual({
    kind: 'row',
    row: { type: 'visits', id, externalId: 'k', version: 'deleted', deleted: true, value: {} },
  })
  expect(await read({ externalId: 'k' })).toEqual({ kind: 'absent' })
  for (const odd of ['999', '../contacts', '5?archived=true', ''])
    expect(await read({ id: odd })).toEqual({ kind: 'absent' })
})

test('HS-05 a key is read to the letter, whatever stands in it', async () => {
  const account = await startAccount()
  const adapter = account.adapter()
  const odd = 'skerry:a/../b?c=d&e#f~_x é'
  await account.create({ title: 'a', skerry_id: odd })
  const read = (externalId: string) => adapter.read('visits', { externalId }, call)
  expect(await read(odd)).toMatchObject({ kind: 'row', row: { externalId: odd } })
  expect(await read(odd.toUpperCase())).toEqual({ kind: 'absent' })
})

test('HS-06 text becomes what its definition says; money and long numbers keep their digits', async () => {
  const account = await startAccount()
  const properties = {
    title: 'true',
    hours: '12.50',
    cost: '12.50',
    done: 'false',
    day: '2026-02-01',
    starts: '1767225600001',
    parts: 'pump;valve',
  }
  const id = await account.create(properties)
  const long = await account.create({ title: '7', hours: '1234567890123456.78' })
  const adapter = account.adapter()
  const { value } = rowIn(await adapter.read('visits', { id }, call))
  expect(value).toEqual({
    title: 'true',
    note: null,
    code: null,
    hours: 12.5,
    cost: '12.50',
    done: false,
    day: '2026-02-01',
    starts: '2026-01-01T00:00:00.001Z',
    parts: 'pump;valve',
  })
  expect(rowIn(await adapter.read('visits', { id: long }, call)).value.hours).toBe('1234567890123456.78')
  const sent = {
    title: 'b',
    hours: 1e-7,
    cost: '9999999999999999.99',
    done: true,
    day: '2026-03-01',
    starts: value.starts!,
  }
  expect(rowIn(await adapter.upsert('visits', create('x', sent), call)).value).toMatchObject({
    ...sent,
    hours: 1e-7,
  })
  expect((await account.rows()).at(-1)?.properties.hours).toBe('0.0000001')
})

test('HS-07 a property that is gone stops reading by its name, and is no empty value', async () => {
  const account = await startAccount()
  const id = await account.create({ title: 'a', note: 'kept' })
  const adapter = account.adapter()
  const row = rowIn(await adapter.read('visits', { id }, call))
  await account.admin('POST', '/drop-property', { type: 'visits', property: 'note' })
  const gone = { kind: 'rejected', reason: 'visits has no property note', fields: ['note'] }
  expect(await adapter.read('visits', { id }, call)).toEqual(gone)
  // Now the definitions are asked anew, and say it before a row is asked for.
  expect(await adapter.changes('visits', undefined, 10, call)).toEqual(gone)
  expect(await adapter.upsert('visits', change(row, { title: 'b' }), call)).toEqual(gone)
  expect(await account.effects()).toEqual([])
})

test('HS-08 a version follows from what is bridged, and from nothing else', async () => {
  const account = await startAccount()
  const id = await account.create({ title: 'a', skerry_id: 'k' })
  const narrow = { visits: { externalId: 'skerry_id', properties: ['title'] } }
  const adapter = account.adapter({ types: narrow })
  const version = async () => rowIn(await adapter.read('visits', { id }, call)).version
  const first = await version()
  await account.edit('update', id, { note: 'computed by HubSpot, say' })
  expect(await version()).toBe(first)
  await account.edit('update', id, { title: 'b' })
  const second = await version()
  expect(second).not.toBe(first)
  await account.edit('update', id, { skerry_id: 'other' })
  expect(await version()).not.toBe(second)
  await account.edit('update', id, { title: 'a', skerry_id: 'k' })
  expect(await version()).toBe(first)
})

test('HS-09 a merged row is told as deleted by its own id, alone and among many', async () => {
  const account = await startAccount()
  const [kept = '', gone = '', archived = ''] = await account.seed([
    { title: 'a' },
    { title: 'b' },
    { title: 'c' },
  ])
  await account.edit('merge', kept, {}, { merged: gone })
  await account.edit('archive', archived)
  const adapter = account.adapter()
  expect(await adapter.read('visits', { id: gone }, call)).toMatchObject({ row: { id: gone, deleted: true } })
  const answers = await adapter.readMany!('visits', [gone, '999', kept, archived], call)
  expect(answers).toMatchObject([
    { kind: 'row', row: { id: gone, deleted: true } },
    { kind: 'absent' },
    { kind: 'row', row: { id: kept, deleted: false } },
    { kind: 'row', row: { id: archived, deleted: true } },
  ])
})

test('HS-32 a hundred rows are one request, and a second one only when some are not found', async () => {
  const account = await startAccount()
  const ids = await account.seed(Array.from({ length: 100 }, (_, i) => ({ title: `${i}` })))
  const adapter = account.adapter()
  await adapter.check(call)
  const spent = async (work: () => Promise<unknown>) => {
    const before = (await account.requests()).length
    await work()
    return (await account.requests()).slice(before)
  }
  await adapter.read('visits', { id: '1' }, call)
  expect(await spent(() => adapter.readMany!('visits', ids, call))).toEqual([
    'POST /crm/v3/objects/visits/batch/read',
  ])
  expect(await spent(() => adapter.readMany!('visits', ['1', ...ids.slice(1)], call))).toHaveLength(2)
  await expect(adapter.readMany!('visits', [...ids, '1'], call)).rejects.toThrow(RangeError)
})

test('types that are not configured are not read, and check says what does not fit', async () => {
  const account = await startAccount()
  expect(await account.adapter().read('deals', { id: '1' }, call)).toMatchObject({
    kind: 'rejected',
    reason: 'deals is not among the configured types (visits)',
  })
  const check = (types: object) => account.adapter({ types: types as never }).check(call)
  expect(await check({ visits: { externalId: 'code', properties: ['title'] } })).toEqual({ kind: 'ok' })
  expect(
    await check({
      visits: { externalId: 'note', properties: ['title', 'colour'] },
      deals: { externalId: 'none', properties: ['dealname'] },
    }),
  ).toMatchObject({
    kind: 'rejected',
    reason:
      'visits has no property colour; visits.note does not require unique values, so a lost answer would make rows twice; deals has no property none, which is to hold external ids',
  })
  expect(await check({ pianos: { externalId: 'a', properties: ['b'] } })).toMatchObject({ kind: 'rejected' })
})

test('describe tells kinds, options, what may be written and what is required', async () => {
  const account = await startAccount()
  const answer = await account.adapter().describe!(undefined, call)
  if (answer.kind !== 'types') throw new Error(answer.kind)
  expect(answer.types.map(({ type }) => type)).toEqual(['visits', 'contacts', 'companies', 'deals'])
  const fields = Object.fromEntries(answer.types[0]!.fields.map((field) => [field.name, field]))
  expect(answer.types[0]?.label).toBe('Visits')
  expect(fields.title).toMatchObject({ kind: 'text', required: true, writable: true, unique: false })
  expect(fields.skerry_id).toMatchObject({ unique: true, required: false })
  expect(fields.hs_object_id).toMatchObject({ writable: false })
  expect([
    fields.hours?.kind,
    fields.cost?.kind,
    fields.done?.kind,
    fields.day?.kind,
    fields.starts?.kind,
    fields.parts?.kind,
  ]).toEqual(['number', 'decimal', 'boolean', 'date', 'time', 'text'])
  const stage = answer.types[3]?.fields.find(({ name }) => name === 'dealstage')
  expect(stage).toMatchObject({ kind: 'enum', values: expect.arrayContaining(['closedwon']) })
})
