import { expect, test } from 'vitest'
import { type FieldError, startCrm } from './crm.ts'

const oneMebibyte = 1_048_576

async function refusal(fields: unknown, type = 'cases'): Promise<FieldError[]> {
  const crm = await startCrm()
  const answer = await crm.call('POST', `/v1/${type}`, { fields })
  expect(answer.status).toBe(400)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(answer.body).toMatchObject({ code: 'invalid-fields', status: 400, instance: `/v1/${type}` })
  return answer.body.errors
}

test('an unknown field is named with its place', async () => {
  expect(await refusal({ title: 'x', colour: 'red', size: 1 })).toEqual([
    { path: '/fields/colour', message: '"colour" is not a known name here', code: 'unknown_field' },
    { path: '/fields/size', message: '"size" is not a known name here', code: 'unknown_field' },
  ])
})

test('every wrong value is listed: type, choice, list item', async () => {
  const errors = await refusal({
    title: 4,
    status: 'closed',
    parts: [{ sku: 'a', qty: 1 }, { sku: 'b' }],
    hours: '2',
  })
  const places = errors.map((error) => `${error.path} ${error.code}`)
  expect(places).toEqual([
    '/fields/title invalid_type',
    '/fields/status invalid_value',
    '/fields/hours invalid_type',
    '/fields/parts/1/qty invalid_type',
  ])
})

test.each([
  ['cases', 'title', 'x'.repeat(200), 'x'.repeat(201)],
  ['cases', 'notes', 'x'.repeat(4_000), 'x'.repeat(4_001)],
  ['cases', 'hours', 10_000, 10_000.5],
  ['cases', 'hours', 0, -1],
  ['cases', 'status', 'en_route', 'En route'],
  ['cases', 'parts', Array(100).fill({ sku: 's', qty: 1 }), Array(101).fill({ sku: 's', qty: 1 })],
  ['accounts', 'latitude', -90, -90.1],
  ['accounts', 'longitude', 180, 180.1],
  ['accounts', 'phone', '1'.repeat(40), '1'.repeat(41)],
])('%s.%s has a limit with two sides', async (type, name, legal, illegal) => {
  const crm = await startCrm()
  expect((await crm.call('POST', `/v1/${type}`, { fields: { [name]: legal } })).status).toBe(201)
  const refused = await crm.call('POST', `/v1/${type}`, { fields: { [name]: illegal } })
  expect([refused.status, refused.body.errors[0]?.path]).toEqual([400, `/fields/${name}`])
})

test('a declared type has its own fields, booleans too', async () => {
  const assets = { name: 'assets', idPrefix: 'AST', fields: { active: { kind: 'boolean' as const } } }
  const crm = await startCrm({ objectTypes: [assets] })
  expect((await crm.call('POST', '/v1/assets', { fields: { active: true } })).body.id).toBe('AST-000001')
  expect((await crm.call('POST', '/v1/assets', { fields: { active: 'yes' } })).status).toBe(400)
  expect((await crm.call('POST', '/v1/assets', { fields: { name: 'x' } })).status).toBe(400)
  await expect(startCrm({ objectTypes: [{ ...assets, name: 'webhooks' }] })).rejects.toThrow(
    '/objectTypes/webhooks',
  )
})

test('external ids have 1 to 128 characters', async () => {
  const crm = await startCrm()
  const longest = 'e'.repeat(128)
  expect((await crm.call('POST', '/v1/cases', { externalId: longest, fields: {} })).status).toBe(201)
  expect((await crm.call('POST', '/v1/cases', { externalId: `${longest}e`, fields: {} })).status).toBe(400)
  expect((await crm.call('PUT', `/v1/cases/by-external-id/${longest}e`, { fields: {} })).status).toBe(400)
  expect((await crm.call('POST', '/v1/cases', { externalId: '', fields: {} })).status).toBe(400)
})

test('bodies: no JSON, another media type, unknown members, an unknown type', async () => {
  const crm = await startCrm()
  expect((await crm.call('POST', '/v1/cases', '{"fields":')).body).toMatchObject({
    status: 400,
    code: 'invalid-json',
  })
  const xml = await crm.call('POST', '/v1/cases', '<a/>', { 'content-type': 'application/xml' })
  expect(xml.body).toMatchObject({ status: 415, code: 'unsupported-media-type' })
  const flat = await crm.call('POST', '/v1/cases', { title: 'no fields member' })
  expect(flat.body.errors[0]).toMatchObject({ path: '/title', code: 'unknown_field' })
  expect((await crm.call('POST', '/v1/planets', { fields: {} })).body).toMatchObject({
    status: 404,
    code: 'unknown-type',
  })
})

test('a body of 1 MiB is read, one byte more is 413', async () => {
  const crm = await startCrm()
  const empty = '{"fields":{}}'
  const largest = empty + ' '.repeat(oneMebibyte - empty.length)
  expect((await crm.call('POST', '/v1/cases', largest)).status).toBe(201)
  const refused = await crm.call('POST', '/v1/cases', `${largest} `)
  expect(refused.body).toMatchObject({ status: 413, code: 'body-too-large' })
  expect((await crm.admin('GET', '/stats')).types.cases?.rows).toBe(1)
})

test('a body of unknown length is cut off at the limit too', async () => {
  const crm = await startCrm()
  const chunk = new TextEncoder().encode(' '.repeat(65_536))
  let left = 17
  const body = new ReadableStream({
    pull: (controller) => (left-- > 0 ? controller.enqueue(chunk) : controller.close()),
  })
  const headers = { authorization: `Bearer ${crm.token}`, 'content-type': 'application/json' }
  const sending = fetch(`${crm.url}/v1/cases`, {
    method: 'POST',
    headers,
    body,
    duplex: 'half',
  } as RequestInit)
  expect((await sending).status).toBe(413)
})
