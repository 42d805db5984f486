import type { Write } from '@skerry/bridge'
import { change, create, removal, rowIn } from '@skerry/bridge/testing'
import type { JsonObject } from '@skerry/core'
import { expect, test } from 'vitest'
import { call, startAccount } from './account.ts'

const made = (externalId: string, fields: JsonObject, more: object = {}): Write => ({
  action: 'upsert',
  ...create(externalId, fields, more),
})

test('HS-30 each kind is one batch and one read, whatever their number; a refused one fails alone', async () => {
  const account = await startAccount()
  const adapter = account.adapter()
  const seeded = await account.seed(
    Array.from({ length: 60 }, (_, i) => ({ title: `${i}`, skerry_id: `s${i}` })),
  )
  const rows = (await adapter.readMany!('visits', seeded, call)).map(rowIn)
  const before = (await account.requests()).length
  const writes: Write[] = rows.flatMap((row, i): Write[] => [
    i % 2 === 0
      ? { action: 'upsert', ...change(row, i === 4 ? { hours: 'many' } : { note: `n${i}` }) }
      : { action: 'delete', ...removal(row) },
    ...(i < 40 ? [made(`new${i}`, i === 7 ? { title: 'poison' } : { title: `new ${i}` })] : []),
  ])
  const answers = await adapter.writeMany!('visits', writes, call)
  expect((await account.requests()).slice(before).map((one) => one.split('/').at(-1))).toEqual([
    'create',
    'read',
    'update',
    'read',
    'archive',
  ])
  const told = answers.map((answer, i) => [writes[i]!.externalId, answer.kind] as const)
  expect(told.filter(([, kind]) => kind !== 'done')).toEqual([
    ['s4', 'rejected'],
    ['new7', 'rejected'],
  ])
  for (const [i, answer] of answers.entries())
    if (answer.kind === 'done') expect(answer.row.externalId).toBe(writes[i]!.externalId)
  const there = Object.fromEntries(
    (await account.rows()).map(({ properties, archived }) => [properties.skerry_id, [archived, properties]]),
  )
  expect(there.s2).toMatchObject([false, { note: 'n2' }])
  expect(there.s3).toMatchObject([true, {}])
  expect(there.new0).toMatchObject([false, { title: 'new 0' }])
  expect(there.new7).toBeUndefined()
})

test('HS-31 a key that is taken, a row that is gone, one row twice, a value that is none: each is looked into alone', async () => {
  const account = await startAccount()
  const adapter = account.adapter()
  const [a = '', b = ''] = await account.seed([
    { title: 'a', skerry_id: 'a' },
    { title: 'b', skerry_id: 'b' },
  ])
  const [rowA, rowB] = (await adapter.readMany!('visits', [a, b], call)).map(rowIn)
  await account.edit('archive', b)
  const answers = await adapter.writeMany!(
    'visits',
    [
      made('a', { title: 'twin' }),
      made('new', { title: 'new', code: 'c' }),
      made('other', { title: 'other', code: 'c' }),
      { action: 'upsert', ...change(rowB!, { note: 'late' }) },
      { action: 'upsert', ...change(rowA!, { note: 'first' }) },
      { action: 'upsert', ...change(rowA!, { note: 'second' }) },
      { action: 'upsert', ...change(rowA!, { note: { odd: true } }) },
      made('blind', { title: 'blind' }, { expectedVersion: undefined }),
    ],
    call,
  )
  expect(answers).toMatchObject([
    { kind: 'conflict', row: { id: a } },
    { kind: 'done', row: { externalId: 'new' } },
    { kind: 'rejected', fields: ['code'] },
    { kind: 'conflict', row: { id: b, deleted: true } },
    { kind: 'done', row: { value: { note: 'first' } } },
    { kind: 'done', row: { value: { note: 'second' } } },
    { kind: 'rejected', fields: ['note'] },
    { kind: 'done', row: { externalId: 'blind' } },
  ])
  expect((await account.rows()).filter(({ archived }) => !archived)).toHaveLength(3)
})

test('HS-30 the answer to a batch is lost: every repeat finds its row', async () => {
  const account = await startAccount()
  const adapter = account.adapter()
  const writes = ['x', 'y'].map((key) => made(key, { title: key }))
  await account.fault({ fault: 'commit-then-lose-answer', match: { writes: true, path: '/crm/' }, count: 1 })
  const lost = await adapter.writeMany!('visits', writes, call)
  expect(lost.map(({ kind }) => kind)).toEqual(['unknown', 'unknown'])
  const repeats = await adapter.writeMany!('visits', writes, call)
  expect(repeats).toMatchObject([
    { kind: 'conflict', row: { externalId: 'x' } },
    { kind: 'conflict', row: { externalId: 'y' } },
  ])
  expect(await account.rows()).toHaveLength(2)
})
