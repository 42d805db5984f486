import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { restAdapter } from '@skerry/adapter-rest'
import type { Adapter, ExternalRow, WriteAnswer } from '@skerry/bridge'
import { defaultClient } from '@skerry/sandbox'
import { describe, expect, test } from 'vitest'
import { type Crm, call, startCrm } from '../test/crm.ts'
import { serve } from '../test/server.ts'

const key = { idempotencyKey: 'a'.repeat(48), restore: false }

async function created(adapter: Adapter, externalId = 'skerry:1'): Promise<ExternalRow> {
  const answer = await adapter.upsert(
    'accounts',
    { externalId, fields: { name: 'Kraken Ltd', city: 'Oban' }, expectedVersion: null, ...key },
    call,
  )
  if (answer.kind !== 'done') throw new Error(`creating failed: ${JSON.stringify(answer)}`)
  return answer.row
}

function patch(
  adapter: Adapter,
  row: ExternalRow,
  fields: object,
  expectedVersion: string | undefined = row.version,
): Promise<WriteAnswer> {
  return adapter.upsert(
    'accounts',
    { externalId: row.externalId ?? '', id: row.id, fields: fields as never, expectedVersion, ...key },
    call,
  )
}

describe('writes', () => {
  test('done: a row is made by its external id, read both ways, changed field by field and deleted', async () => {
    const crm = await startCrm()
    const adapter = crm.adapter()
    const row = await created(adapter)
    expect(row).toMatchObject({
      type: 'accounts',
      externalId: 'skerry:1',
      deleted: false,
      value: { name: 'Kraken Ltd', city: 'Oban' },
    })
    expect(await adapter.read('accounts', { externalId: 'skerry:1' }, call)).toEqual({ kind: 'row', row })
    const changed = await patch(adapter, row, { city: null, phone: '1' })
    expect(changed).toMatchObject({
      kind: 'done',
      row: { id: row.id, version: '2', value: { name: 'Kraken Ltd', phone: '1' } },
    })
    const gone = await adapter.delete(
      'accounts',
      { id: row.id, externalId: 'skerry:1', expectedVersion: '2', idempotencyKey: 'b' },
      call,
    )
    expect(gone).toMatchObject({ kind: 'done', row: { deleted: true, version: '3' } })
    expect(
      await adapter.delete(
        'accounts',
        { id: row.id, externalId: 'skerry:1', expectedVersion: '2', idempotencyKey: 'c' },
        call,
      ),
    ).toMatchObject({ kind: 'done' })
    expect(await adapter.read('accounts', { id: row.id }, call)).toMatchObject({
      kind: 'row',
      row: { deleted: true },
    })
    expect(await crm.effects('accounts')).toEqual([['city', 'name'], ['city', 'phone'], []])
  })

  test('fault I3: CON-7 conflict: 412 gives the row as it is; a row that should not be there yet is one too', async () => {
    const crm = await startCrm()
    const adapter = crm.adapter()
    const row = await created(adapter)
    await crm.edit('accounts', { id: row.id }, { city: 'Tobermory' })
    expect(await patch(adapter, row, { city: 'Mallaig' })).toMatchObject({
      kind: 'conflict',
      row: { version: '2', value: { city: 'Tobermory' } },
    })
    const again = await adapter.upsert(
      'accounts',
      { externalId: 'skerry:1', fields: { name: 'x' }, expectedVersion: null, ...key },
      call,
    )
    expect(again).toMatchObject({ kind: 'conflict', row: { id: row.id } })
  })

  test('B-39 how long answers are kept is declared; the CRM keeps none for a change, so that its repeat is a conflict', async () => {
    const crm = await startCrm()
    expect(crm.adapter({ replayMs: 86_400_000 }).capabilities.replayMs).toBe(86_400_000)
    const adapter = crm.adapter()
    expect(adapter.capabilities.replayMs).toBe(0)
    const row = await created(adapter)
    expect((await patch(adapter, row, { city: 'Mallaig' })).kind).toBe('done')
    expect((await patch(adapter, row, { city: 'Mallaig' })).kind).toBe('conflict')
  })

  test('conflict: a deleted row is told as deleted, and restored when asked for', async () => {
    const crm = await startCrm()
    const adapter = crm.adapter()
    const row = await created(adapter)
    await crm.edit('accounts', { id: row.id }, {}, 'delete')
    const met = await patch(adapter, row, { city: 'Mallaig' })
    expect(met).toMatchObject({ kind: 'conflict', row: { deleted: true, version: '2' } })
    const request = {
      externalId: 'skerry:1',
      id: row.id,
      fields: { city: 'Mallaig' },
      expectedVersion: '2',
      ...key,
      restore: true,
    }
    expect(await adapter.upsert('accounts', request, call)).toMatchObject({
      kind: 'done',
      row: { deleted: false, value: { city: 'Mallaig' } },
    })
  })

  test('rejected: the reason is in the words of the system, the fields are named', async () => {
    const adapter = (await startCrm()).adapter()
    const row = await created(adapter)
    const answer = await patch(adapter, row, { latitude: 91, unheard: 1 })
    expect(answer).toMatchObject({
      kind: 'rejected',
      fields: expect.arrayContaining(['latitude', 'unheard']),
    })
    expect((answer as { reason: string }).reason).toMatch(/^400 invalid-fields: /)
    const elsewhere = await adapter.upsert(
      'unicorns',
      { externalId: 'skerry:1', fields: {}, expectedVersion: null, ...key },
      call,
    )
    expect(elsewhere).toMatchObject({ kind: 'rejected', reason: expect.stringContaining('unicorns') })
  })

  test('fault I1: later: 429 names the time to come back', async () => {
    const crm = await startCrm()
    const adapter = crm.adapter()
    const row = await created(adapter)
    await crm.fault({ fault: 'limits', calls: 0, windowMs: 1_000, count: 1 } as never)
    expect(await patch(adapter, row, { city: 'x' })).toMatchObject({ kind: 'later', retryAfterMs: 1_000 })
    expect(await patch(adapter, row, { city: 'x' })).toMatchObject({ kind: 'done' })
  })

  test('later: a system that nobody listens for has surely not heard of it', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const baseUrl = `http://localhost:${(server.address() as AddressInfo).port}`
    await new Promise((resolve) => server.close(resolve))
    const row = { type: 'accounts', id: '1', externalId: 'skerry:1', version: '1', deleted: false, value: {} }
    expect(await patch(restAdapter({ baseUrl }), row, { city: 'x' })).toMatchObject({ kind: 'later' })
    const withToken = restAdapter({ baseUrl, auth: defaultClient })
    expect(await patch(withToken, row, { city: 'x' })).toMatchObject({ kind: 'later' })
  })

  test.each([
    { name: 'the answer is lost', fault: { fault: 'commit-then-lose-answer' } },
    { name: 'the call is lost', fault: { fault: 'drop-before-commit' } },
    { name: 'the body is cut off', fault: { fault: 'truncate-body' } },
    { name: '500 after the commit', fault: { fault: 'status', status: 500, afterCommit: true } },
    { name: '503 before it', fault: { fault: 'status', status: 503, retryAfterSeconds: 2 } },
    { name: 'no answer in time', fault: { fault: 'hold' } },
  ])('fault I2: unknown: $name', async ({ fault }) => {
    const crm = await startCrm()
    const adapter = crm.adapter({ timeoutMs: 300 })
    const row = await created(adapter)
    await crm.fault({ ...fault, count: 1, match: { method: 'PATCH' } } as never)
    expect(await patch(adapter, row, { city: 'x' })).toMatchObject({
      kind: 'unknown',
      ...(fault.status === 503 && { retryAfterMs: 2_000 }),
    })
  })

  test('unknown: the bridge closes while the call is under way', async () => {
    const crm = await startCrm()
    const adapter = crm.adapter()
    const row = await created(adapter)
    await crm.fault({ fault: 'hold', count: 1, match: { method: 'PATCH' } } as never)
    const abort = new AbortController()
    const request = {
      externalId: 'skerry:1',
      id: row.id,
      fields: { city: 'x' },
      expectedVersion: row.version,
      ...key,
    }
    const pending = adapter.upsert('accounts', request, { signal: abort.signal })
    await crm.admin('GET', '/faults/held?atLeast=1')
    abort.abort()
    expect(await pending).toMatchObject({ kind: 'unknown' })
  })
})

describe('identity', () => {
  test('a token that was ended is asked for again, once, and the call goes through', async () => {
    const crm = await startCrm()
    const adapter = crm.adapter()
    const row = await created(adapter)
    await crm.admin('POST', '/tokens/expire')
    expect(await patch(adapter, row, { city: 'x' })).toMatchObject({ kind: 'done' })
    expect((await crm.ledger()).filter(({ path }) => path === '/oauth/token')).toHaveLength(2)
  })

  test('a token is renewed before it ends, and asked for once by calls at the same time', async () => {
    let now = 1_767_225_600_000
    const crm = await startCrm({ now: () => now, settings: { tokenSeconds: 100 } })
    const adapter = crm.adapter({ now: () => now })
    const tokens = async () => (await crm.ledger()).filter(({ path }) => path === '/oauth/token').length
    await Promise.all(['skerry:1', 'skerry:2', 'skerry:3'].map((externalId) => created(adapter, externalId)))
    expect(await tokens()).toBe(1)
    now += 95_000
    await created(adapter, 'skerry:4')
    expect(await tokens()).toBe(2)
    expect((await crm.ledger()).filter(({ status }) => status === 401)).toEqual([])
  })

  test('unauthorized: a wrong secret is not tried for ever, and the call is not made', async () => {
    const crm = await startCrm()
    const adapter = crm.adapter({ auth: { ...defaultClient, clientSecret: 'wrong' } })
    expect(await adapter.check(call)).toMatchObject({
      kind: 'unauthorized',
      reason: expect.stringContaining('401 invalid-client'),
    })
    expect((await crm.ledger()).map(({ path }) => path)).toEqual(['/oauth/token'])
    expect(await crm.adapter().check(call)).toEqual({ kind: 'ok' })
  })
})

describe('listing', () => {
  async function list(
    adapter: Adapter,
    position: string | undefined,
    limit = 2,
  ): Promise<{ ids: string[]; position: string }> {
    const ids: string[] = []
    let at = position
    for (;;) {
      const answer = await adapter.changes('accounts', at, limit, call)
      if (answer.kind !== 'page') throw new Error(JSON.stringify(answer))
      ids.push(...answer.rows.map(({ id }) => id))
      at = answer.next
      if (answer.complete) return { ids, position: at }
    }
  }

  async function five(crm: Crm): Promise<void> {
    await crm.seed(
      'accounts',
      Array.from({ length: 5 }, (_, i) => ({ fields: { name: `a${i}` } })),
    )
  }

  test('pages lead through all rows, ties of one time included; tombstones are listed', async () => {
    const crm = await startCrm({ now: () => 1_767_225_600_000 })
    await five(crm)
    await crm.edit('accounts', { id: 'ACC-000003' }, {}, 'delete')
    const { ids } = await list(crm.adapter(), undefined)
    expect(ids.sort()).toEqual(['ACC-000001', 'ACC-000002', 'ACC-000003', 'ACC-000004', 'ACC-000005'])
  })

  test('the next pass reaches back by the overlap, and no further', async () => {
    let now = 1_767_225_600_000
    const crm = await startCrm({ now: () => now })
    const adapter = crm.adapter({ list: { overlapMs: 5_000 } })
    await crm.edit('accounts', {}, { name: 'old' })
    now += 60_000
    await crm.edit('accounts', {}, { name: 'recent' })
    const first = await list(adapter, undefined)
    expect(first.ids).toHaveLength(2)
    now += 1_000
    await crm.edit('accounts', {}, { name: 'new' })
    expect((await list(adapter, first.position)).ids).toEqual(['ACC-000002', 'ACC-000003'])
  })

  test('a cursor of no use begins the pass anew; a position of another making has expired', async () => {
    const crm = await startCrm()
    await five(crm)
    const adapter = crm.adapter()
    const broken = JSON.stringify({ since: 0, newest: 0, cursor: 'nonsense' })
    expect((await list(adapter, broken)).ids).toHaveLength(5)
    expect(await adapter.changes('accounts', 'something else', 10, call)).toEqual({ kind: 'expired' })
  })
})

test('an answer larger than allowed is not read to its end', async () => {
  const crm = await startCrm()
  await crm.seed(
    'accounts',
    Array.from({ length: 50 }, (_, i) => ({ fields: { name: `a${i}`, notes: 'x'.repeat(500) } })),
  )
  const adapter = crm.adapter({ responseBytesMax: 10_000 })
  expect(await adapter.changes('accounts', undefined, 50, call)).toMatchObject({
    kind: 'rejected',
    reason: expect.stringContaining('10000 bytes'),
  })
  expect(await adapter.changes('accounts', undefined, 5, call)).toMatchObject({ kind: 'page' })
})

test('a page with something in it that is no row is not taken for one that ends', async () => {
  const { baseUrl } = await serve(() => ({ body: { rows: [{ id: '1' }], next: null } }))
  const adapter = restAdapter({ baseUrl })
  expect(await adapter.changes('accounts', undefined, 5, call)).toMatchObject({ kind: 'unknown' })
})

test('a misspelt key is an error that says where', () => {
  expect(() => restAdapter({ baseUrl: 'http://localhost:8080', timeout: 5 } as never)).toThrow(
    "restAdapter: unknown key 'timeout'",
  )
  expect(() => restAdapter({ baseUrl: 'http://localhost:8080', list: { nextt: 'x' } } as never)).toThrow(
    "unknown key 'list.nextt'",
  )
  expect(() => restAdapter({ baseUrl: 'ftp://crm' })).toThrow('baseUrl')
})

describe('fault A12: an adapter calls its system, and nothing else', () => {
  test.each([
    'http://169.254.169.254/latest',
    'http://2852039166',
    'http://0xa9.0xfe.1.1',
    'http://[fe80::1]:8080',
    'http://[::ffff:169.254.169.254]',
    'ftp://crm.example',
    'file:///etc/passwd',
    'https://crm.example:6000',
    'https://user:secret@crm.example',
  ])('%s is no base address', (baseUrl) => {
    expect(() => restAdapter({ baseUrl })).toThrow(/restAdapter: baseUrl/)
  })

  test('a redirect is not followed, and whoever it leads to hears nothing', async () => {
    const elsewhere = await serve(() => ({}))
    for (const status of [301, 302, 303, 307, 308]) {
      const location = `${elsewhere.baseUrl}/stolen`
      const { baseUrl } = await serve(() => ({ status, headers: { location } }))
      const adapter = restAdapter({ baseUrl, auth: { bearer: 'secret' } })
      expect(await adapter.read('accounts', { id: '1' }, call)).toMatchObject({ kind: 'rejected' })
      expect(await adapter.changes('accounts', undefined, 10, call)).toMatchObject({ kind: 'rejected' })
    }
    expect(elsewhere.asked).toEqual([])
  })

  test('an id that steps out of its place is not called', async () => {
    const { baseUrl, asked } = await serve(() => ({ status: 404 }))
    const adapter = restAdapter({ baseUrl })
    const row = { type: 'accounts', externalId: 'skerry:1', version: '1', deleted: false, value: {} }
    for (const id of ['..', '.']) {
      expect(await adapter.read('accounts', { id }, call)).toMatchObject({ kind: 'rejected' })
      expect(await patch(adapter, { ...row, id }, { city: 'x' })).toMatchObject({ kind: 'rejected' })
    }
    for (const id of ['../../admin', '?x=1', '#x', 'a/../b', '@elsewhere.example/'])
      await adapter.read('accounts', { id }, call)
    expect(asked.every(({ url }) => /^\/v1\/accounts\/[^/?#]+$/.test(url))).toBe(true)
    expect(asked).toHaveLength(5)
  })
})
