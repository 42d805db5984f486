import type { Adapter, ExternalRow, Write, WriteAnswer } from '@skerry/bridge'
import { change, create, onRequest, removal, rowIn } from '@skerry/bridge/testing'
import type { SalesforceFault } from '@skerry/sandbox/salesforce'
import { expect, test, vi } from 'vitest'
import { call, type Organisation, startOrganisation } from './organisation.ts'

vi.mock('@skerry/bridge/http', async (original) =>
  (await import('@skerry/bridge/testing')).onWire(await original()),
)

const upsert = (request: Parameters<Adapter['upsert']>[1]): Write => ({ action: 'upsert', ...request })
const remove = (request: Parameters<Adapter['delete']>[1]): Write => ({ action: 'delete', ...request })
const kinds = (answers: readonly WriteAnswer[]) => answers.map(({ kind }) => kind)

/** Rows of ours, made and settled. */
async function made(org: Organisation, adapter: Adapter, count: number): Promise<ExternalRow[]> {
  const writes = Array.from({ length: count }, (_, i) =>
    upsert(create(`row-${i}`, { Name: `n${i}`, Note__c: 'as made' })),
  )
  const rows = (await adapter.writeMany!('Visit__c', writes, call)).map(rowIn)
  await org.advance(5_000)
  return rows
}

async function spent({ requests }: Organisation, work: () => Promise<unknown>): Promise<number> {
  const before = (await requests()).length
  await work()
  return (await requests()).length - before
}

test('SF-30 200 creates are two requests, 200 changes and 200 deletes as well; 201 are none', async () => {
  const org = await startOrganisation()
  const adapter = org.adapter({ bulk: false })
  let rows: ExternalRow[] = []
  expect(await spent(org, async () => (rows = await made(org, adapter, 200)))).toBe(2)
  const changes = rows.map((row) => upsert(change(row, { Note__c: 'n' })))
  expect(
    await spent(org, async () => (rows = (await adapter.writeMany!('Visit__c', changes, call)).map(rowIn))),
  ).toBe(2)
  expect(rows.every(({ value }) => value.Note__c === 'n')).toBe(true)
  await org.advance(5_000)
  const removals = rows.map((row) => remove(removal(row)))
  expect(
    await spent(org, async () =>
      expect(new Set(kinds(await adapter.writeMany!('Visit__c', removals, call)))).toEqual(new Set(['done'])),
    ),
  ).toBe(2)
  const tooMany = [...removals, removals[0]!]
  await expect(adapter.writeMany!('Visit__c', tooMany, call)).rejects.toThrow(
    new RangeError('201 writes; 200 fit'),
  )
})

test('SF-30, SF-31 each write has its own answer: duplicates, stale versions, locked, refused, deleted and purged rows', async () => {
  const org = await startOrganisation()
  const adapter = org.adapter()
  const [a, b, c, d, e, f] = (await made(org, adapter, 6)) as [
    ExternalRow,
    ExternalRow,
    ExternalRow,
    ExternalRow,
    ExternalRow,
    ExternalRow,
  ]
  await org.edit('update', a.id, { Name: 'theirs' })
  await org.edit('delete', b.id)
  await org.edit('delete', f.id)
  await org.admin('POST', '/bin/empty', { type: 'Visit__c' })
  await org.edit('delete', e.id)
  await org.fault({ fault: 'lock-row', match: { externalId: 'row-2' }, count: 1 })
  const answers = await adapter.writeMany!(
    'Visit__c',
    [
      upsert(create('new', { Name: 'new' })),
      upsert(create('row-3', { Name: 'again' })),
      upsert(create('bad', { Name: 'poison' })),
      upsert(change(a, { Name: 'ours' })),
      upsert(change(b, { Name: 'ours' })),
      upsert(change(c, { Name: 'ours' })),
      upsert(change(d, { Name: 'ours' })),
      upsert(change(e, { Name: 'ours' })),
      remove(removal(f)),
      upsert({ ...change(e, { Name: 'lives again' }), restore: true }),
    ],
    call,
  )
  expect(kinds(answers)).toEqual([
    'done',
    'conflict',
    'rejected',
    'conflict',
    'rejected',
    'later',
    'done',
    'conflict',
    'done',
    'done',
  ])
  expect(answers[1]).toMatchObject({ row: { id: d.id } })
  expect(answers[2]).toMatchObject({ reason: expect.stringContaining('Nothing poisonous'), fields: ['Name'] })
  expect(answers[3]).toMatchObject({ row: { value: { Name: 'theirs' } } })
  expect(answers[7]).toMatchObject({ row: { id: e.id, deleted: true } })
})

test('SF-30 an edit made between look and write is written over in the fields sent, and only in them', async () => {
  const org = await startOrganisation()
  const adapter = org.adapter()
  const [row] = await made(org, adapter, 1)
  onRequest(async (send, url) => {
    if (url.endsWith('/composite')) await org.edit('update', row!.id, { Name: 'theirs', Note__c: 'theirs' })
    return send()
  })
  const [answer] = await adapter.writeMany!('Visit__c', [upsert(change(row!, { Name: 'ours' }))], call)
  expect(rowIn(answer!).value).toMatchObject({ Name: 'ours', Note__c: 'theirs' })
})

test('SF-30 a look that fails makes its writes later, and the others go on', async () => {
  const org = await startOrganisation()
  const adapter = org.adapter()
  const [row] = await made(org, adapter, 1)
  await org.fault({
    fault: 'status',
    status: 500,
    match: { path: '^/services/data/v62.0/composite/sobjects/Visit__c$' },
    count: 1,
  } as never)
  const answers = await adapter.writeMany!(
    'Visit__c',
    [upsert(change(row!, { Name: 'b' })), upsert(create('new', { Name: 'n' }))],
    call,
  )
  expect(kinds(answers)).toEqual(['later', 'done'])
})

test('SF-32 a job for each kind, results by name and not by order, and the same answers as one by one', async () => {
  const org = await startOrganisation()
  const adapter = org.adapter({ bulk: { pollMs: 5 } })
  const [a, b, c] = (await made(org, adapter, 3)) as [ExternalRow, ExternalRow, ExternalRow]
  await org.edit('update', a.id, { Name: 'theirs' })
  const answers = await adapter.writeBulk!(
    'Visit__c',
    [
      upsert(
        create('new-1', { Name: 'line\n"quoted", text', Cost__c: '1234567890123456.78', Done__c: true }),
      ),
      upsert(create('row-1', { Name: 'duplicate' })),
      upsert(create('new-2', { Name: 'poison' })),
      upsert(change(a, { Name: 'ours' })),
      upsert(change(b, { Name: 'b', Note__c: '' })),
      remove(removal(c)),
      upsert(create('new-3', { Name: '#N/A' })),
    ],
    call,
  )
  expect(kinds(answers)).toEqual(['done', 'conflict', 'rejected', 'conflict', 'done', 'done', 'done'])
  expect(rowIn(answers[0]!).value).toMatchObject({
    Name: 'line\n"quoted", text',
    Cost__c: '1234567890123456.78',
    Done__c: true,
  })
  expect(answers[1]).toMatchObject({ row: { id: b.id } })
  expect(answers[2]).toMatchObject({ reason: expect.stringContaining('Nothing poisonous'), fields: ['Name'] })
  expect(rowIn(answers[6]!).value.Name).toBe('#N/A')
  expect((await org.ledger()).filter(({ method }) => method === 'BULK')).toHaveLength(3)
})

test('API-5: SF-32 3,000 creates cost a handful of requests, and 10,001 writes are none', async () => {
  const org = await startOrganisation()
  const adapter = org.adapter({ bulk: { pollMs: 5 } })
  expect(adapter.capabilities.bulk).toEqual({ writesMin: 2_000, writesMax: 10_000 })
  const writes = Array.from({ length: 3_000 }, (_, i) => upsert(create(`row-${i}`, { Name: `n${i}` })))
  const requests = await spent(org, async () => {
    const answers = await adapter.writeBulk!('Visit__c', writes, call)
    expect(answers.map((answer) => rowIn(answer).externalId)).toEqual(
      writes.map(({ externalId }) => externalId),
    )
  })
  expect(requests).toBeLessThan(30)
  const tooMany = Array.from({ length: 10_001 }, () => writes[0]!)
  await expect(adapter.writeBulk!('Visit__c', tooMany, call)).rejects.toThrow(RangeError)
})

test('SF-32 what a job left unprocessed is later, what it did is done', async () => {
  const org = await startOrganisation()
  const adapter = org.adapter({ bulk: { pollMs: 5 } })
  await org.fault({ fault: 'fail-job', afterRecords: 2, count: 1 })
  const writes = ['a', 'b', 'c'].map((name) => upsert(create(name, { Name: name })))
  expect(kinds(await adapter.writeBulk!('Visit__c', writes, call))).toEqual(['done', 'done', 'later'])
  expect(await org.rows()).toHaveLength(2)
})

test('SF-33 a job that lasts too long is aborted, so that it writes nothing behind the answer', async () => {
  const org = await startOrganisation({ settings: { bulkPauseMs: 60_000 } })
  const adapter = org.adapter({ bulk: { pollMs: 5, timeoutMs: 30 } })
  const answers = await adapter.writeBulk!('Visit__c', [upsert(create('a', { Name: 'a' }))], call)
  expect(kinds(answers)).toEqual(['unknown'])
  const jobs = (await org.requests()).filter(
    ({ method, path }) => method === 'PATCH' && path.includes('/jobs/ingest/'),
  )
  expect(jobs).toHaveLength(2)
  expect(await org.rows()).toEqual([])
})

test('SF-33 a job that an earlier process left behind is aborted before anything is written', async () => {
  const org = await startOrganisation({ settings: { bulkPauseMs: 60_000 } })
  const first = org.adapter({ bulk: { pollMs: 5 } })
  const abort = new AbortController()
  const killed = first.writeBulk!('Visit__c', [upsert(create('a', { Name: 'old' }))], {
    signal: abort.signal,
  })
  const begun = async () =>
    (await org.requests()).some(({ method, path }) => method === 'PATCH' && path.includes('/jobs/ingest/'))
  while (!(await begun())) await new Promise((resolve) => setImmediate(resolve))
  abort.abort()
  expect(kinds(await killed)).toEqual(['unknown'])
  const second = org.adapter()
  expect(await second.upsert('Visit__c', create('a', { Name: 'new' }), call)).toMatchObject({ kind: 'done' })
  const states = async () => {
    const listed = (await org.requests())
      .filter(({ path }) => path.includes('/jobs/ingest/'))
      .map(({ method }) => method)
    return listed.filter((method) => method === 'PATCH').length
  }
  expect(await states(), 'closed by the first, aborted by the second').toBe(2)
  await second.upsert('Visit__c', create('b', { Name: 'b' }), call)
  expect(await states()).toBe(2)
})

test('SF-33 as long as a job cannot be aborted nothing is written', async () => {
  const org = await startOrganisation({ settings: { bulkPauseMs: 60_000 } })
  const adapter = org.adapter({ bulk: { pollMs: 5, timeoutMs: 20 } })
  await org.fault({
    fault: 'status',
    status: 500,
    match: { method: 'PATCH', path: '^/services/data/v62.0/jobs/ingest/\\w+$' },
  } as never)
  const write = upsert(create('a', { Name: 'a' }))
  expect(kinds(await adapter.writeBulk!('Visit__c', [write], call))).toEqual(['unknown'])
  expect(await adapter.upsert('Visit__c', create('b', { Name: 'b' }), call)).toMatchObject({ kind: 'later' })
  expect(kinds(await adapter.writeMany!('Visit__c', [write], call))).toEqual(['later'])
  await org.admin('DELETE', '/faults')
  expect(await adapter.upsert('Visit__c', create('b', { Name: 'b' }), call)).toMatchObject({ kind: 'done' })
})

test('SF-05 readMany tells rows in the order asked, 200 at most', async () => {
  const org = await startOrganisation()
  const adapter = org.adapter()
  const rows = await made(org, adapter, 3)
  await org.edit('delete', rows[1]!.id)
  const answers = await adapter.readMany!(
    'Visit__c',
    [rows[2]!.id, rows[1]!.id, 'nonsense', rows[0]!.id],
    call,
  )
  expect(answers.map((answer) => ('row' in answer ? answer.row.id : answer.kind))).toEqual([
    rows[2]!.id,
    'absent',
    'absent',
    rows[0]!.id,
  ])
  await expect(adapter.readMany!('Visit__c', Array(201).fill(rows[0]!.id), call)).rejects.toThrow(RangeError)
})

test('SF-42 an answer to many reads that is too large is refused: nothing was written', async () => {
  const org = await startOrganisation()
  const adapter = org.adapter({ responseBytesMax: 100_000 })
  const ids = (await made(org, adapter, 2)).map(({ id }) => id)
  await org.fault({ fault: 'swell-body', bytes: 100_000, count: 1 } as SalesforceFault)
  const answers = await adapter.readMany!('Visit__c', ids, call)
  expect(answers.map(({ kind }) => kind)).toEqual(['rejected', 'rejected'])
})
