/** The stand-in against @hubspot/api-client, which nobody here wrote: tokens, single rows, batches, search, properties, associations. */
import { Client } from '@hubspot/api-client'
import { defaultHubSpotClient, defaultPrivateApp, type HubSpotOptions } from '@skerry/sandbox/hubspot'
import { expect, test } from 'vitest'
import { startAccount } from './account.ts'

async function openAccount(options: HubSpotOptions = {}) {
  const account = await startAccount(options)
  const client = (accessToken = defaultPrivateApp.token) => new Client({ accessToken, basePath: account.url })
  return { ...account, client }
}

const created = (objectWriteTraceId: string, properties: Record<string, string>) => ({
  objectWriteTraceId,
  properties,
  associations: [],
})

test('create, read, update, archive; a row that is gone is 404, and listed among the archived', async () => {
  const { client } = await openAccount()
  const { basicApi } = client().crm.contacts
  const made = await basicApi.create({
    properties: { email: 'a@example.com', city: 'Oban' },
    associations: [],
  })
  expect(made).toMatchObject({
    id: '501',
    archived: false,
    properties: { email: 'a@example.com', city: 'Oban' },
  })
  expect(made.updatedAt).toBeInstanceOf(Date)
  const read = await basicApi.getById(made.id, ['city', 'phone', 'nothing'])
  expect(read.properties).toEqual({
    city: 'Oban',
    phone: null,
    hs_object_id: '501',
    lastmodifieddate: made.updatedAt.toISOString(),
  })
  expect(await basicApi.update(made.id, { properties: { city: '' } })).toMatchObject({
    properties: { city: null },
  })
  await basicApi.archive(made.id)
  await basicApi.archive(made.id)
  await expect(basicApi.getById(made.id)).rejects.toMatchObject({
    code: 404,
    body: { category: 'OBJECT_NOT_FOUND' },
  })
  await expect(basicApi.update(made.id, { properties: { city: 'x' } })).rejects.toMatchObject({ code: 404 })
  await expect(basicApi.archive('9999')).rejects.toMatchObject({ code: 404 })
  const gone = await basicApi.getById(made.id, ['email'], undefined, undefined, true)
  expect(gone).toMatchObject({ archived: true, properties: { email: 'a@example.com' } })
  const { results } = await basicApi.getPage(10, undefined, undefined, undefined, undefined, true)
  expect(results).toMatchObject([{ id: made.id, archivedAt: expect.any(Date) }])
  expect(await client().crm.contacts.getAll()).toEqual([])
})

test('a unique property: an address of it, a conflict, and free again when its row is archived', async () => {
  const { client } = await openAccount()
  const { basicApi } = client().crm.objects
  const made = await basicApi.create('visits', {
    properties: { title: 'a', skerry_id: 'v/1' },
    associations: [],
  })
  expect(
    await basicApi.getById('visits', 'v/1', ['title'], undefined, undefined, false, 'skerry_id'),
  ).toMatchObject({
    id: made.id,
  })
  const again = () =>
    basicApi.create('visits', { properties: { title: 'b', skerry_id: 'V/1' }, associations: [] })
  await expect(again()).rejects.toMatchObject({
    code: 400,
    body: {
      category: 'VALIDATION_ERROR',
      errors: [
        {
          code: 'CONFLICTING_UNIQUE_VALUE',
          context: { propertyName: ['skerry_id'] },
          message: expect.stringMatching(/501 already has that value/),
        },
      ],
    },
  })
  await basicApi.archive('visits', made.id)
  expect(await again()).toMatchObject({ id: expect.not.stringMatching(made.id) })
  const contacts = client().crm.contacts.basicApi
  const email = { properties: { email: 'a@example.com' }, associations: [] }
  const { id } = await contacts.create(email)
  await expect(contacts.create(email)).rejects.toMatchObject({
    code: 409,
    body: { category: 'CONFLICT', message: `Contact already exists. Existing ID: ${id}` },
  })
})

test('what is wrong with values is told for each of them', async () => {
  const { client } = await openAccount()
  const { basicApi } = client().crm.objects
  const properties = {
    title: 't',
    hours: 'many',
    starts: 'soon',
    done: 'perhaps',
    parts: 'pump;wheel',
    hs_object_id: '1',
    colour: 'red',
  }
  const refused = await basicApi.create('visits', { properties, associations: [] }).catch((error) => error)
  expect(refused.code).toBe(400)
  const codes = refused.body.errors.map((one: { code: string; context: { propertyName: string[] } }) => [
    one.context.propertyName[0],
    one.code,
  ])
  expect(Object.fromEntries(codes)).toEqual({
    hours: 'INVALID_NUMERIC_FORMAT',
    starts: 'INVALID_LONG',
    done: 'INVALID_OPTION',
    parts: 'INVALID_OPTION',
    hs_object_id: 'READ_ONLY_VALUE',
    colour: 'PROPERTY_DOESNT_EXIST',
  })
  await expect(basicApi.create('visits', { properties: {}, associations: [] })).rejects.toMatchObject({
    body: { context: { properties: ['title'] } },
  })
  const sound = await basicApi.create('visits', {
    properties: { title: 't', hours: '12.50', starts: '1767225600000', done: 'true', parts: 'seal;pump' },
    associations: [],
  })
  expect(sound.properties).toMatchObject({
    hours: '12.50',
    starts: '2026-01-01T00:00:00.000Z',
    done: 'true',
    parts: 'seal;pump',
  })
})

test('batches: 207 with what failed, told by trace id; without trace ids all or nothing; no order', async () => {
  const { client, rows, call } = await openAccount()
  const { batchApi } = client().crm.objects
  const { httpStatusCode, data } = await batchApi
    .createWithHttpInfo('visits', {
      inputs: [
        created('one', { title: 'a', skerry_id: '1' }),
        created('two', { title: 'b', skerry_id: '1' }),
        created('three', { title: 'c' }),
      ],
    })
    .then(async (answer) => ({ httpStatusCode: answer.httpStatusCode, data: await answer.data }))
  expect(httpStatusCode).toBe(207)
  expect(data).toMatchObject({
    status: 'COMPLETE',
    numErrors: 1,
    errors: [{ context: { objectWriteTraceId: ['two'] }, errors: [{ code: 'CONFLICTING_UNIQUE_VALUE' }] }],
  })
  expect(data.results.map(({ objectWriteTraceId }) => objectWriteTraceId)).toEqual(['three', 'one'])
  const untraced = [{ properties: { title: 'd' } }, { properties: { title: 'e', hours: 'x' } }]
  const whole = await call('POST', '/crm/v3/objects/visits/batch/create', { inputs: untraced })
  expect([whole.status, whole.json.category]).toEqual([400, 'VALIDATION_ERROR'])
  expect(await rows('visits')).toHaveLength(2)

  const updated = await batchApi.update('visits', {
    inputs: [
      { id: '1', idProperty: 'skerry_id', properties: { note: 'n' } },
      { id: '999', properties: { note: 'n' } },
    ],
  })
  expect(updated).toMatchObject({
    numErrors: 1,
    errors: [{ category: 'OBJECT_NOT_FOUND', context: { ids: ['999'] } }],
  })
  expect(updated.results).toHaveLength(1)
  const upserted = await batchApi.upsert('visits', {
    inputs: ['1', '2'].map((id) => ({ id, idProperty: 'skerry_id', properties: { title: `t${id}` } })),
  })
  expect(upserted.results.map((one) => ('_new' in one ? one._new : undefined))).toEqual([true, false])
  const read = await batchApi.read('visits', {
    inputs: [{ id: '1' }, { id: '7' }],
    idProperty: 'skerry_id',
    properties: ['title'],
    propertiesWithHistory: [],
  })
  expect(read).toMatchObject({
    results: [{ properties: { title: 't1' } }],
    errors: [{ context: { ids: ['7'] } }],
  })
  await batchApi.archive('visits', { inputs: [{ id: '501' }, { id: '999' }] })
  expect((await rows('visits')).map(({ archived }) => archived)).toEqual([true, false, false])
})

test('batches have a hundred inputs at most, and each once', async () => {
  const { client } = await openAccount()
  const { batchApi } = client().crm.objects
  const inputs = Array.from({ length: 101 }, (_, i) => ({ id: String(i), properties: {} }))
  await expect(batchApi.update('visits', { inputs })).rejects.toMatchObject({ code: 400 })
  await expect(batchApi.update('visits', { inputs: [inputs[0]!, inputs[0]!] })).rejects.toMatchObject({
    body: { message: expect.stringMatching(/Duplicate IDs found in batch input/) },
  })
})

test('search: filters, one sort, pages; contacts have another property for their time', async () => {
  const { client, seed } = await openAccount({ settings: { searchCalls: 100 } })
  await seed('companies', [
    { name: 'Kraken', city: 'Oban', annualrevenue: '9' },
    { name: 'Selkie', city: 'oban', annualrevenue: '100' },
    { name: 'Nessie', city: 'Inverness' },
  ])
  const { searchApi } = client().crm.companies
  const named = async (
    filters: { propertyName: string; operator: string; value?: string; values?: string[] }[],
  ) =>
    (
      await searchApi.doSearch({
        filterGroups: [{ filters: filters as never }],
        sorts: ['name'],
        properties: ['name'],
        limit: 10,
        after: '0',
      })
    ).results.map(({ properties }) => properties.name)
  expect(await named([{ propertyName: 'city', operator: 'EQ', value: 'Oban' }])).toEqual(['Kraken', 'Selkie'])
  expect(await named([{ propertyName: 'annualrevenue', operator: 'GT', value: '10' }])).toEqual(['Selkie'])
  expect(await named([{ propertyName: 'annualrevenue', operator: 'NOT_HAS_PROPERTY' }])).toEqual(['Nessie'])
  expect(await named([{ propertyName: 'hs_object_id', operator: 'IN', values: ['501', '503'] }])).toEqual([
    'Kraken',
    'Nessie',
  ])
  expect(await named([{ propertyName: 'hs_lastmodifieddate', operator: 'LT', value: '1000' }])).toEqual([])
  const page = (after?: string) =>
    searchApi.doSearch({
      limit: 2,
      sorts: ['name'],
      properties: ['name'],
      ...(after !== undefined && { after }),
    })
  const first = await page()
  expect(first).toMatchObject({ total: 3, paging: { next: { after: '2' } } })
  expect((await page('2')).results).toMatchObject([{ properties: { name: 'Selkie' } }])
  const two = { limit: 1, sorts: ['name', 'city'] }
  await expect(searchApi.doSearch(two)).rejects.toMatchObject({ code: 400 })
  const contacts = client().crm.contacts.searchApi
  const since = (propertyName: string) =>
    contacts.doSearch({
      filterGroups: [{ filters: [{ propertyName, operator: 'GTE' as never, value: '0' }] }],
      limit: 1,
    })
  expect((await since('lastmodifieddate')).total).toBe(0)
  await expect(since('hs_lastmodifieddate')).rejects.toMatchObject({ code: 400 })
})

test('properties and schemas describe the types', async () => {
  const { client } = await openAccount()
  const { results } = await client().crm.properties.coreApi.getAll('visits')
  const named = Object.fromEntries(results.map((one) => [one.name, one]))
  expect(named.skerry_id).toMatchObject({ type: 'string', hasUniqueValue: true, label: 'Skerry Id' })
  expect(named.parts).toMatchObject({
    type: 'enumeration',
    fieldType: 'checkbox',
    options: [{ value: 'pump' }, { value: 'valve' }, { value: 'seal' }],
  })
  expect(named.hs_object_id?.modificationMetadata).toMatchObject({ readOnlyValue: true })
  const schemas = await client().crm.schemas.coreApi.getAll()
  expect(schemas.results).toMatchObject([
    { name: 'visits', objectTypeId: '2-4242', requiredProperties: ['title'] },
  ])
  expect(await client().crm.schemas.coreApi.getById('0-1')).toMatchObject({ name: 'contacts' })
})

test('associations are seen from both ends', async () => {
  const { client, seed } = await openAccount()
  const [contact = ''] = await seed('contacts', [{ email: 'a@example.com' }])
  const [company = ''] = await seed('companies', [{ name: 'Kraken' }])
  const { basicApi, batchApi } = client().crm.associations.v4
  await basicApi.createDefault('contacts', contact, 'companies', company)
  expect((await basicApi.getPage('companies', company, 'contacts')).results).toMatchObject([
    { toObjectId: contact, associationTypes: [{ category: 'HUBSPOT_DEFINED' }] },
  ])
  const read = await client().crm.contacts.basicApi.getById(contact, undefined, undefined, ['companies'])
  expect(read.associations?.companies?.results).toMatchObject([{ id: company }])
  const many = await batchApi.getPage('contacts', 'companies', { inputs: [{ id: contact }] })
  expect(many.results).toMatchObject([{ _from: { id: contact }, to: [{ toObjectId: company }] }])
  await basicApi.archive('contacts', contact, 'companies', company)
  expect((await basicApi.getPage('contacts', contact, 'companies')).results).toEqual([])
})

test('OAuth: a refresh token gives tokens that end; a private app’s does not', async () => {
  const { url, admin, client } = await openAccount()
  const { token: refreshToken } = await admin<{ token: string }>('POST', '/refresh-tokens', {
    client: 'skerry',
  })
  const { clientId, clientSecret } = defaultHubSpotClient
  const { tokensApi } = new Client({ basePath: url }).oauth
  const asked = (refresh = refreshToken, secret = clientSecret) =>
    tokensApi.create('refresh_token', undefined, undefined, clientId, secret, refresh)
  const { accessToken, expiresIn } = await asked()
  expect(expiresIn).toBe(1_800)
  const list = (token: string) => client(token).crm.contacts.basicApi.getPage(1)
  expect((await list(accessToken)).results).toEqual([])
  await admin('POST', '/clock', { advanceMs: 1_800_000 })
  await expect(list(accessToken)).rejects.toMatchObject({
    code: 401,
    body: { category: 'EXPIRED_AUTHENTICATION' },
  })
  await expect(list('pat-wrong')).rejects.toMatchObject({
    code: 401,
    body: { category: 'INVALID_AUTHENTICATION' },
  })
  expect((await client().crm.contacts.basicApi.getPage(1)).results).toEqual([])
  await expect(asked('another')).rejects.toMatchObject({ code: 400 })
  await expect(asked(refreshToken, 'wrong')).rejects.toMatchObject({ code: 400 })
})
