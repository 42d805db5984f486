import { expect, test } from 'vitest'
import { call, startOrganisation } from './organisation.ts'
import { change, create, rowIn } from './requests.ts'

test('SF-05 a row in the recycle bin is told as deleted, one that was purged is absent, an odd id too', async () => {
  const org = await startOrganisation()
  const id = await org.create({ Name: 'a' })
  const adapter = org.adapter()
  const read = () => adapter.read('Visit__c', { id }, call)
  expect(await read()).toMatchObject({ kind: 'row', row: { id, deleted: false, value: { Name: 'a' } } })
  await org.edit('delete', id)
  expect(await read()).toEqual({
    kind: 'row',
    row: { type: 'Visit__c', id, externalId: undefined, version: 'deleted', deleted: true, value: {} },
  })
  await org.admin('POST', '/bin/empty', { type: 'Visit__c' })
  expect(await read()).toEqual({ kind: 'absent' })
  expect(await adapter.read('Visit__c', { id: "x' OR Name != '" }, call)).toEqual({ kind: 'absent' })
})

test('SF-05 by external id the living row is told before a deleted one, to the letter; what would be read as a query is text', async () => {
  const org = await startOrganisation()
  const adapter = org.adapter()
  const read = (externalId: string) => adapter.read('Visit__c', { externalId }, call)
  const first = await org.create({ Name: 'a', Skerry_Id__c: 'skerry:Aa' })
  await org.edit('delete', first)
  expect(await read('skerry:Aa')).toMatchObject({ kind: 'row', row: { id: first, deleted: true } })
  const second = await org.create({ Name: 'b', Skerry_Id__c: 'skerry:Aa' })
  expect(await read('skerry:Aa')).toMatchObject({ kind: 'row', row: { id: second, externalId: 'skerry:Aa' } })
  expect(await read('skerry:aA')).toEqual({ kind: 'absent' })
  const odd = "it's\\a 'test'\nor not"
  await org.create({ Name: 'c', Skerry_Id__c: odd })
  expect(await read(odd)).toMatchObject({ kind: 'row', row: { externalId: odd } })
})

test('SF-06 a compound comes by its parts, a number beyond a float as its digits, an empty field as null', async () => {
  const org = await startOrganisation()
  const id = await org.create({ Name: 'a', Cost__c: '1234567890123456.78', Site__City__s: 'Oban' })
  const other = await org.create({ Name: 'b', Cost__c: 12.5 })
  const adapter = org.adapter()
  const { value } = rowIn(await adapter.read('Visit__c', { id }, call))
  expect(value).toEqual({
    Name: 'a',
    Note__c: null,
    Cost__c: '1234567890123456.78',
    Done__c: false,
    Code__c: null,
    'Site__c.city': 'Oban',
  })
  expect(rowIn(await adapter.read('Visit__c', { id: other }, call)).value).toMatchObject({
    Cost__c: 12.5,
    Site__c: null,
  })
  const written = rowIn(
    await adapter.upsert('Visit__c', create('x', { Name: 'c', Cost__c: '9999999999999999.99' }), call),
  )
  expect(written.value).toMatchObject({ Cost__c: '9999999999999999.99' })
})

test('SF-07 rows outside of the filter are not read, and a row that is written is read wherever it is', async () => {
  const org = await startOrganisation()
  const where = "Done__c = false OR Name = 'always'"
  const fields = ['Name', 'Done__c']
  const adapter = org.adapter({ types: { Visit__c: { externalId: 'Skerry_Id__c', fields, where } } })
  const [open, done] = await org.seed([{ Name: 'open' }, { Name: 'done', Done__c: true }])
  const told = await adapter.changes('Visit__c', undefined, 10, call)
  expect(told).toMatchObject({ kind: 'page', rows: [{ id: open }] })
  expect(await adapter.list!('Visit__c', undefined, 10, call)).toMatchObject({
    rows: [{ id: open }],
    proves: false,
  })
  expect(await adapter.read('Visit__c', { id: done! }, call)).toEqual({ kind: 'absent' })
  await org.advance(2_000)
  const row = rowIn(await adapter.read('Visit__c', { id: open! }, call))
  const left = rowIn(await adapter.upsert('Visit__c', change(row, { Done__c: true }), call))
  expect(left).toMatchObject({ id: open, value: { Done__c: true } })
  expect(await adapter.upsert('Visit__c', create('new', { Name: 'n', Done__c: true }), call)).toMatchObject({
    kind: 'done',
  })
})

test('SF-08 two states of one second have two versions, and the same state again the first one', async () => {
  const org = await startOrganisation()
  org.hold(Date.now())
  const id = await org.create({ Name: 'a' })
  const adapter = org.adapter()
  const version = async () => rowIn(await adapter.read('Visit__c', { id }, call)).version
  const first = await version()
  await org.edit('update', id, { Name: 'b' })
  const second = await version()
  expect(second).not.toBe(first)
  expect(second.split('~')[0]).toBe(first.split('~')[0])
  await org.edit('update', id, { Name: 'a' })
  expect(await version()).toBe(first)
})

test('SF-08 a change of a field that is not bridged makes a version of its stamp alone', async () => {
  const org = await startOrganisation()
  const id = await org.create({ Name: 'a', Skerry_Id__c: 'x' })
  const adapter = org.adapter({ types: { Visit__c: { externalId: 'Skerry_Id__c', fields: ['Name'] } } })
  const version = async () => rowIn(await adapter.read('Visit__c', { id }, call)).version.split('~')
  const [firstStamp, first] = await version()
  await org.advance(5_000)
  await org.edit('update', id, { Note__c: 'n' })
  const [secondStamp, second] = await version()
  expect(second).toBe(first)
  expect(secondStamp).not.toBe(firstStamp)
})
