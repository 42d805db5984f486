import { change, create, removal, rowIn } from '@skerry/bridge/testing'
import { expect, test } from 'vitest'
import { type Account, call, startAccount } from './account.ts'

async function spent({ requests }: Account, work: () => Promise<unknown>): Promise<string[]> {
  const before = (await requests()).length
  await work()
  return (await requests()).slice(before).map((one) => one.replace('/crm/v3/objects/visits', ''))
}

/** Somebody acts while a request of the adapter is held: carried out, and not answered yet. */
async function meanwhile(account: Account, begun: Promise<unknown>, work: () => Promise<unknown>) {
  await account.admin('GET', '/faults/held?atLeast=1')
  await work()
  await account.admin('POST', '/faults/release', {})
  return begun
}

test('HS-20 the adapter says that it compares nothing, and writes just what is sent', async () => {
  const account = await startAccount()
  const adapter = account.adapter()
  expect(adapter.capabilities).toMatchObject({
    compareAndSet: false,
    replayMs: 0,
    freshListing: true,
    deletions: 'told',
  })
  const id = await account.create({ title: 'a', note: 'n', skerry_id: 'k' })
  const row = rowIn(await adapter.read('visits', { id }, call))
  await account.edit('update', id, { note: 'theirs' })
  const answer = await adapter.upsert('visits', change(row, { title: 'ours' }), call)
  expect(answer).toMatchObject({ kind: 'done', row: { value: { title: 'ours', note: 'theirs' } } })
  expect(await account.effects()).toEqual([['k', 'title']])
})

test('HS-21 a create is a create and a read; a key that is there is a conflict with its row, and nothing is written', async () => {
  const account = await startAccount()
  const adapter = account.adapter()
  await adapter.read('visits', { id: '1' }, call)
  const requests = await spent(account, async () => {
    expect(await adapter.upsert('visits', create('x', { title: 'a' }), call)).toMatchObject({
      kind: 'done',
      row: { externalId: 'x', value: { title: 'a' } },
    })
  })
  expect(requests).toEqual(['POST ', expect.stringMatching(/^GET \/\d+$/)])
  const again = await adapter.upsert('visits', create('x', { title: 'b' }), call)
  expect(again).toMatchObject({ kind: 'conflict', row: { externalId: 'x', value: { title: 'a' } } })
  expect(await account.rows()).toHaveLength(1)
  expect(await account.effects()).toHaveLength(1)
})

test('HS-21 a taken value of another property is rejected by name, and so is a key that differs in case alone', async () => {
  const account = await startAccount()
  const adapter = account.adapter()
  await adapter.upsert('visits', create('x', { title: 'a', code: 'taken' }), call)
  const taken = await adapter.upsert('visits', create('y', { title: 'b', code: 'taken' }), call)
  expect(taken).toMatchObject({
    kind: 'rejected',
    reason: expect.stringMatching(/CONFLICTING_UNIQUE_VALUE/),
    fields: ['code'],
  })
  expect(await adapter.upsert('visits', create('X', { title: 'b' }), call)).toMatchObject({
    kind: 'rejected',
  })
  const types = { contacts: { externalId: 'skerry_id', properties: ['email'] } }
  const contacts = account.adapter({ types })
  await contacts.upsert('contacts', create('x', { email: 'a@example.com' }), call)
  expect(await contacts.upsert('contacts', create('y', { email: 'a@example.com' }), call)).toMatchObject({
    kind: 'rejected',
    reason: expect.stringMatching(/Contact already exists/),
  })
})

test('HS-21 a lost answer makes no twin, also when two ask at once', async () => {
  const account = await startAccount()
  const adapter = account.adapter()
  await account.fault({ fault: 'commit-then-lose-answer', match: { writes: true, path: '/crm/' }, count: 1 })
  const request = create('x', { title: 'a' })
  expect((await adapter.upsert('visits', request, call)).kind).toBe('unknown')
  const answers = await Promise.all([1, 2, 3].map(() => adapter.upsert('visits', request, call)))
  expect(answers.map(({ kind }) => kind)).toEqual(['conflict', 'conflict', 'conflict'])
  expect(await account.rows()).toHaveLength(1)
})

test('HS-22 whatever is there: made, or found by its key and changed', async () => {
  const account = await startAccount()
  const adapter = account.adapter()
  const blind = (fields: Record<string, string>) =>
    adapter.upsert('visits', create('x', fields, { expectedVersion: undefined }), call)
  expect(await blind({ title: 'a' })).toMatchObject({ kind: 'done', row: { externalId: 'x' } })
  expect(await blind({ note: 'n' })).toMatchObject({
    kind: 'done',
    row: { value: { title: 'a', note: 'n' } },
  })
  expect(await account.rows()).toHaveLength(1)
  expect(await blind({ title: 'poison' })).toMatchObject({ kind: 'rejected', fields: ['title'] })
})

test('HS-23 a write that reaches the row that ours was merged into is unknown, and its repeat tells ours as deleted', async () => {
  const account = await startAccount()
  const [kept = '', gone = ''] = await account.seed([{ title: 'kept' }, { title: 'gone', skerry_id: 'k' }])
  const adapter = account.adapter()
  const row = rowIn(await adapter.read('visits', { id: gone }, call))
  await account.edit('merge', kept, {}, { merged: gone })
  expect(await adapter.upsert('visits', change(row, { note: 'ours' }), call)).toMatchObject({
    kind: 'unknown',
    reason: `visits ${gone} was merged into ${kept}, which was written`,
  })
  expect(await adapter.read('visits', { id: gone }, call)).toMatchObject({ row: { id: gone, deleted: true } })
})

test('HS-23 a row that is archived between a write and its read is not done', async () => {
  const account = await startAccount()
  const id = await account.create({ title: 'a' })
  const adapter = account.adapter()
  const row = rowIn(await adapter.read('visits', { id }, call))
  await account.fault({ fault: 'hold', match: { method: 'PATCH' }, count: 1 })
  const writing = adapter.upsert('visits', change(row, { title: 'b' }), call)
  const answer = await meanwhile(account, writing, () => account.edit('archive', id))
  expect(answer).toMatchObject({ kind: 'unknown', reason: expect.stringMatching(/it is deleted/) })
  expect(await adapter.upsert('visits', change(row, { title: 'b' }), call)).toMatchObject({
    kind: 'conflict',
    row: { id, deleted: true },
  })
})

test('HS-24 an archived row: a write is a conflict, a delete is done, and restore makes a new one under the same key', async () => {
  const account = await startAccount()
  const id = await account.create({ title: 'a', skerry_id: 'k' })
  const adapter = account.adapter()
  const row = rowIn(await adapter.read('visits', { id }, call))
  await account.edit('archive', id)
  const met = await adapter.upsert('visits', change(row, { title: 'b' }), call)
  expect(met).toMatchObject({ kind: 'conflict', row: { id, externalId: 'k', version: 'deleted' } })
  expect(await adapter.delete('visits', removal(row), call)).toMatchObject({
    kind: 'done',
    row: { id, deleted: true },
  })
  const again = change({ ...row, version: 'deleted' }, { title: 'lives again' })
  const restored = rowIn(await adapter.upsert('visits', { ...again, restore: true }, call))
  expect(restored).toMatchObject({ externalId: 'k', deleted: false })
  expect(restored.id).not.toBe(id)
  expect(await adapter.upsert('visits', { ...again, restore: true }, call)).toMatchObject({
    kind: 'conflict',
    row: { id: restored.id },
  })
  expect(await adapter.delete('visits', { ...removal(row), id: '999' }, call)).toMatchObject({ kind: 'done' })
  expect(await adapter.upsert('visits', { ...change(row, {}), id: '999' }, call)).toMatchObject({
    kind: 'rejected',
    reason: expect.stringMatching(/nowhere, not even archived/),
  })
})

test('HS-25 null empties a property; a value that HubSpot has none for is rejected before anything is sent', async () => {
  const account = await startAccount()
  const id = await account.create({ title: 'a', note: 'n', hours: '3' })
  const adapter = account.adapter()
  const row = rowIn(await adapter.read('visits', { id }, call))
  const emptied = rowIn(await adapter.upsert('visits', change(row, { note: null, hours: null }), call))
  expect(emptied.value).toMatchObject({ note: null, hours: null })
  const requests = await spent(account, async () => {
    expect(await adapter.upsert('visits', change(row, { note: { a: 1 }, hours: [1] }), call)).toMatchObject({
      kind: 'rejected',
      fields: ['note', 'hours'],
    })
  })
  expect(requests).toEqual([])
})

test('an id that is none is not put into an address', async () => {
  const account = await startAccount()
  const adapter = account.adapter()
  await adapter.read('visits', { id: '1' }, call)
  const requests = await spent(account, async () => {
    for (const id of ['../deals/1', '7/associations', '7?idProperty=title', '', 'batch']) {
      const odd = { type: 'visits', id, version: 'v', deleted: false, value: {} }
      expect(await adapter.upsert('visits', change(odd, { title: 'a' }), call)).toMatchObject({
        kind: 'rejected',
      })
      expect(await adapter.delete('visits', removal(odd), call)).toMatchObject({ kind: 'done' })
    }
  })
  expect(requests).toEqual([])
})
