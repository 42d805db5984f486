import { expect, test } from 'vitest'
import { type Crm, newYear, startCrm } from './crm.ts'

async function seedTied(crm: Crm, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, index) => ({
    externalId: `a${index}`,
    fields: { name: `n${index}` },
  }))
  await crm.admin('POST', '/seed', { type: 'accounts', rows })
}

async function externalIds(crm: Crm, query: string): Promise<string[]> {
  const { body } = await crm.call('GET', `/v1/accounts?${query}`)
  return body.rows.map((row) => row.externalId ?? '')
}

test('pages follow each other without gap or repeat, through rows of the same millisecond', async () => {
  const crm = await startCrm({ now: () => newYear })
  await seedTied(crm, 25)
  const seen: string[] = []
  let path: string | null = '/v1/accounts?limit=10'
  const sizes: number[] = []
  while (path) {
    const page = await crm.call('GET', path)
    seen.push(...page.body.rows.map((row) => row.id))
    sizes.push(page.body.rows.length)
    const link = /^<(.+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1] ?? null
    expect(link === null).toBe(page.body.next === null)
    if (link) expect(new URL(link, crm.url).searchParams.get('cursor')).toBe(page.body.next)
    path = link
  }
  expect(sizes).toEqual([10, 10, 5])
  expect(new Set(seen).size).toBe(25)
})

test('the last full page has no next', async () => {
  const crm = await startCrm()
  await seedTied(crm, 10)
  expect((await crm.call('GET', '/v1/accounts?limit=10')).body.next).toBeNull()
  expect((await crm.call('GET', '/v1/accounts?limit=9')).body.next).not.toBeNull()
})

test('a row changed while paging is listed again at its new place', async () => {
  let now = newYear
  const crm = await startCrm({ now: () => now })
  await seedTied(crm, 4)
  const first = await crm.call('GET', '/v1/accounts?limit=2')
  now += 1
  await crm.call('PUT', '/v1/accounts/by-external-id/a0', { fields: { name: 'again' } })
  expect(await externalIds(crm, `limit=5&cursor=${first.body.next}`)).toEqual(['a2', 'a3', 'a0'])
})

test('modifiedSince includes that very millisecond', async () => {
  let now = newYear
  const crm = await startCrm({ now: () => now })
  await seedTied(crm, 2)
  now += 1
  await crm.call('PUT', '/v1/accounts/by-external-id/a1', { fields: { name: 'later' } })
  expect(await externalIds(crm, `modifiedSince=${newYear}`)).toEqual(['a0', 'a1'])
  expect(await externalIds(crm, `modifiedSince=${newYear + 1}`)).toEqual(['a1'])
  expect(await externalIds(crm, `modifiedSince=${newYear + 2}`)).toEqual([])
})

test('tombstones are listed only with includeDeleted=true', async () => {
  const crm = await startCrm()
  await seedTied(crm, 2)
  await crm.call('DELETE', '/v1/accounts/ACC-000001')
  expect(await externalIds(crm, '')).toEqual(['a1'])
  expect(await externalIds(crm, 'includeDeleted=true')).toContain('a0')
})

test('limit is 1 to 500, 100 when not said', async () => {
  const crm = await startCrm()
  await seedTied(crm, 501)
  expect((await externalIds(crm, '')).length).toBe(100)
  expect((await externalIds(crm, 'limit=500')).length).toBe(500)
  for (const limit of ['0', '501', '1.5', '-1', 'all']) {
    expect((await crm.call('GET', `/v1/accounts?limit=${limit}`)).status).toBe(400)
  }
})

test('a cursor that is none, or of another type, is 400', async () => {
  const crm = await startCrm()
  await seedTied(crm, 2)
  const { next } = (await crm.call('GET', '/v1/accounts?limit=1')).body
  for (const path of ['/v1/accounts?cursor=nonsense', `/v1/cases?cursor=${next}`]) {
    expect((await crm.call('GET', path)).body).toMatchObject({ status: 400, code: 'invalid-cursor' })
  }
})
