/** The stand-in against jsforce, which nobody here wrote: login, single rows, upserts, collections, queries. */
import jsforce from 'jsforce'
import { expect, test } from 'vitest'
import { standardTypes } from '../../src/salesforce/objects/standard-types.ts'
import { base, newYear, startOrganisation, version } from './organisation.ts'

test('login by client credentials, identity, describe, limits', async () => {
  const { login } = await startOrganisation()
  const connection = await login()
  expect(connection.userInfo).toMatchObject({
    id: expect.stringMatching(/^005.{15}$/),
    organizationId: expect.stringMatching(/^00D.{15}$/),
  })
  expect(await connection.identity()).toMatchObject({ username: 'skerry@example.com' })
  const { sobjects } = await connection.describeGlobal()
  expect(sobjects.map(({ name }) => name)).toEqual(['Account', 'Contact', 'Case', 'Visit__c'])
  const { fields } = await connection.describe('Account')
  const named = (name: string) => fields.find((field) => field.name === name)
  expect(named('Name')).toMatchObject({ type: 'string', nillable: false, length: 255, createable: true })
  expect(named('Skerry_Id__c')).toMatchObject({ externalId: true, unique: true, custom: true })
  expect(named('BillingAddress')).toMatchObject({ type: 'address', createable: false })
  expect(named('BillingCity')).toMatchObject({ compoundFieldName: 'BillingAddress' })
  expect(await connection.limits()).toMatchObject({ DailyApiRequests: { Max: 100_000 } })
  expect(connection.limitInfo.apiUsage).toMatchObject({ limit: 100_000 })
})

test('a wrong secret and an unknown client are told as OAuth tells them', async () => {
  const { url } = await startOrganisation()
  const tried = (clientId: string) =>
    new jsforce.Connection({ oauth2: { clientId, clientSecret: 'wrong', loginUrl: url } }).authorize({
      grant_type: 'client_credentials',
    })
  await expect(tried('skerry')).rejects.toMatchObject({
    name: 'invalid_client',
    message: 'invalid client credentials',
  })
  await expect(tried('nobody')).rejects.toMatchObject({ name: 'invalid_client_id' })
})

test('a session that has ended is renewed by its refresh token, and only by a good one', async () => {
  const { url, oauth2, admin } = await startOrganisation()
  const { token: refreshToken } = await admin<{ token: string }>('POST', '/refresh-tokens', {
    client: 'skerry',
  })
  const connection = new jsforce.Connection({
    oauth2,
    instanceUrl: url,
    accessToken: 'ended',
    refreshToken,
    version,
  })
  expect((await connection.query('SELECT COUNT() FROM Account')).totalSize).toBe(0)
  await admin('POST', '/sessions/expire')
  expect((await connection.query('SELECT COUNT() FROM Account')).totalSize).toBe(0)
  const stranger = new jsforce.Connection({
    oauth2,
    instanceUrl: url,
    accessToken: 'ended',
    refreshToken: 'no',
    version,
  })
  await expect(stranger.query('SELECT Id FROM Account')).rejects.toThrow('expired access/refresh token')
  const without = new jsforce.Connection({ instanceUrl: url, accessToken: 'ended', version })
  await expect(without.query('SELECT Id FROM Account')).rejects.toMatchObject({
    errorCode: 'INVALID_SESSION_ID',
  })
})

test('create, read, update, delete', async () => {
  const { login } = await startOrganisation()
  const accounts = (await login()).sobject('Account')
  const made = await accounts.create({ Name: 'Kraken Ltd', BillingCity: 'Oban', AnnualRevenue: 1_234.5 })
  expect(made).toEqual({
    id: expect.stringMatching(/^001[0-9a-zA-Z]{15}$/),
    success: true,
    errors: [],
    created: true,
  })
  const id = made.id ?? ''
  const row = await accounts.retrieve(id)
  expect(row).toMatchObject({
    attributes: { type: 'Account', url: `${base}/sobjects/Account/${id}` },
    Id: id,
    Name: 'Kraken Ltd',
    AnnualRevenue: 1_234.5,
    Phone: null,
    IsDeleted: false,
    SystemModstamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/),
    BillingAddress: { street: null, city: 'Oban' },
  })
  expect(await accounts.update({ Id: id, Phone: '01631 1', BillingCity: null })).toEqual({
    id,
    success: true,
    errors: [],
  })
  expect(await accounts.retrieve(id.slice(0, 15))).toMatchObject({
    Id: id,
    Phone: '01631 1',
    BillingAddress: null,
  })
  expect(await accounts.destroy(id)).toMatchObject({ success: true })
  await expect(accounts.retrieve(id)).rejects.toMatchObject({ errorCode: 'NOT_FOUND' })
  await expect(accounts.update({ Id: id, Phone: '1' })).rejects.toMatchObject({
    errorCode: 'ENTITY_IS_DELETED',
  })
  await expect(accounts.retrieve('001000000000000AAA')).rejects.toMatchObject({ errorCode: 'NOT_FOUND' })
})

test('upsert by external id: created, found, several, and forbidden to create', async () => {
  const { login, call, url, token } = await startOrganisation()
  const visits = (await login()).sobject('Visit__c')
  const first = await visits.upsert({ Skerry_Id__c: 'v-1', Name: 'one' }, 'Skerry_Id__c')
  expect(first).toMatchObject({ created: true, success: true })
  expect(await visits.upsert({ Skerry_Id__c: 'V-1', Name: 'one again' }, 'Skerry_Id__c')).toMatchObject({
    created: false,
    id: first.id,
  })
  await visits.create([
    { Name: 'a', Tag__c: 'twice' },
    { Name: 'b', Tag__c: 'twice' },
  ])
  const several = await call('PATCH', '/sobjects/Visit__c/Tag__c/twice', { Name: 'c' })
  expect(several.status).toBe(300)
  expect(several.json).toEqual([expect.stringMatching(/sobjects\/Visit__c\/a00/), expect.any(String)])
  expect(
    await call('PATCH', '/sobjects/Visit__c/Skerry_Id__c/v-2?updateOnly=true', { Name: 'x' }),
  ).toMatchObject({ status: 404 })
  expect(await visits.count()).toBe(3)
  const answer = await fetch(`${url}/services/data/v45.0/sobjects/Visit__c/Skerry_Id__c/v-1`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ Name: 'older' }),
  })
  expect(answer.status).toBe(204)
})

test.each([
  [{ Phone: '1' }, 'REQUIRED_FIELD_MISSING', ['Name']],
  [{ Name: 'x'.repeat(256) }, 'STRING_TOO_LONG', ['Name']],
  [{ Name: 'a', Colour: 'red' }, 'INVALID_FIELD', undefined],
  [
    { Name: 'a', SystemModstamp: '2026-01-01T00:00:00Z' },
    'INVALID_FIELD_FOR_INSERT_UPDATE',
    ['SystemModstamp'],
  ],
  [{ Name: 'a', BillingAddress: {} }, 'INVALID_FIELD_FOR_INSERT_UPDATE', ['BillingAddress']],
  [{ Name: 'a', Rating: 'Boiling' }, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', ['Rating']],
  [{ Name: 'a', ParentId: 'nobody' }, 'MALFORMED_ID', ['ParentId']],
  [{ Name: 'a', ParentId: '001000000000000AAA' }, 'INVALID_CROSS_REFERENCE_KEY', ['ParentId']],
  [{ Name: 'a', AnnualRevenue: 'much' }, 'JSON_PARSER_ERROR', undefined],
  [{ Name: 'a', AnnualRevenue: '1e17' }, 'NUMBER_OUTSIDE_VALID_RANGE', ['AnnualRevenue']],
  [{ Name: 'poison' }, 'FIELD_CUSTOM_VALIDATION_EXCEPTION', ['Name']],
  [{ Name: 'a', Skerry_Id__c: 'TAKEN' }, 'DUPLICATE_VALUE', []],
])('%j is refused: %s', async (fields, errorCode, named) => {
  const rules = [{ field: 'Name', pattern: '^poison', message: 'nothing poisonous' }]
  const { login, rows } = await startOrganisation({ objectTypes: [{ ...standardTypes[0]!, rules }] })
  const accounts = (await login()).sobject('Account')
  await accounts.create({ Name: 'first', Skerry_Id__c: 'taken' })
  const failure = await accounts.create(fields as never).then(undefined, (error) => error)
  expect(failure).toMatchObject({ errorCode })
  expect(failure.data?.fields).toEqual(named)
  if (errorCode === 'DUPLICATE_VALUE')
    expect(failure.message).toMatch(
      /^duplicate value found: Skerry_Id__c duplicates value on record with id: 001.{12}$/,
    )
  expect(await rows('Account')).toHaveLength(1)
})

test('collections: each row has its own result, in order; all or none takes everything back', async () => {
  const { login, rows } = await startOrganisation()
  const accounts = (await login()).sobject('Account')
  const made = await accounts.create([{ Name: 'a' }, { Phone: '1' }, { Name: 'c' }])
  expect(made.map(({ success }) => success)).toEqual([true, false, true])
  expect(made[1]?.errors).toEqual([
    {
      statusCode: 'REQUIRED_FIELD_MISSING',
      message: 'Required fields are missing: [Name]',
      fields: ['Name'],
    },
  ])
  const none = await accounts.create([{ Name: 'd' }, { Phone: '1' }], { allOrNone: true })
  expect(none.map(({ errors }) => (errors[0] as { statusCode?: string }).statusCode)).toEqual([
    'ALL_OR_NONE_OPERATION_ROLLED_BACK',
    'REQUIRED_FIELD_MISSING',
  ])
  const [first, , third] = made.map(({ id }) => id ?? '')
  expect(
    await accounts.update([
      { Id: first, Phone: '2' },
      { Id: '001000000000000AAA', Phone: '3' },
    ] as never),
  ).toMatchObject([{ success: true }, { success: false, errors: [{ statusCode: 'NOT_FOUND' }] }])
  const upserted = await accounts.upsert(
    [
      { Skerry_Id__c: 'x', Name: 'x' },
      { Skerry_Id__c: 'X', Name: 'x again' },
    ] as never,
    'Skerry_Id__c',
  )
  expect(upserted).toMatchObject([{ created: true }, { created: false }])
  expect(await accounts.retrieve([third!, '001000000000000AAA', first!])).toMatchObject([
    { Name: 'c' },
    null,
    { Phone: '2' },
  ])
  expect(await accounts.destroy([first!, third!])).toMatchObject([{ success: true }, { success: true }])
  expect((await rows('Account')).filter(({ deleted }) => !deleted)).toHaveLength(1)
})

test('200 rows are taken at once, 201 are not; the client asks again for more', async () => {
  const { login, call, ledger } = await startOrganisation()
  const records = Array.from({ length: 201 }, (_, i) => ({ attributes: { type: 'Account' }, Name: `a${i}` }))
  expect(await call('POST', '/composite/sobjects', { records: records.slice(1) })).toMatchObject({
    status: 200,
  })
  const refused = await call('POST', '/composite/sobjects', { records })
  expect([refused.status, refused.json[0].errorCode]).toEqual([400, 'LIMIT_EXCEEDED'])
  const accounts = (await login()).sobject('Account')
  await accounts.create(
    records.map(({ Name }) => ({ Name })),
    { allowRecursive: true },
  )
  expect(await accounts.count()).toBe(401)
  expect((await ledger()).map(({ operations }) => operations.length).filter(Boolean)).toEqual([200, 200, 1])
})

test('a query is told in pages of 2,000, with deleted rows if asked for, and a ledger of what that cost', async () => {
  const { login, seed, edit } = await startOrganisation()
  const ids = await seed(
    'Account',
    Array.from({ length: 4_500 }, (_, i) => ({ Name: `account ${String(i).padStart(4, '0')}` })),
  )
  await edit('Account', 'delete', ids[7]!)
  const connection = await login()
  const first = await connection.query<{ Name: string }>('SELECT Id, Name FROM Account ORDER BY Name')
  expect([first.records.length, first.totalSize, first.done]).toEqual([2_000, 4_499, false])
  const second = await connection.queryMore(first.nextRecordsUrl ?? '')
  const third = await connection.queryMore(second.nextRecordsUrl ?? '')
  expect([second.records.length, third.records.length, third.done]).toEqual([2_000, 499, true])
  const all = await connection.query('SELECT Id FROM Account', {
    autoFetch: true,
    maxFetch: 10_000,
    scanAll: true,
  })
  expect(new Set(all.records.map(({ Id }) => Id)).size).toBe(4_500)
  const deleted = await connection.query('SELECT Id FROM Account WHERE IsDeleted = true', { scanAll: true })
  expect(deleted.records.map(({ Id }) => Id)).toEqual([ids[7]])
})

test('conditions of a query: comparisons, lists, text without regard to case, empty fields, ties of one second', async () => {
  let now = newYear
  const { login, seed, edit } = await startOrganisation({ now: () => now })
  const [first, second, third] = await seed('Visit__c', [
    { Name: 'Oban', Hours__c: 2, Starts__c: '2026-03-01T10:00:00+01:00', Done__c: true },
    { Name: "O'Neill", Hours__c: 10.5 },
    { Name: 'oban north', Note__c: '50%' },
  ])
  const visits = (await login()).sobject('Visit__c')
  const found = async (where: string) =>
    (await visits.find(where as never, ['Id']).sort('Id')).map(({ Id }) => Id)
  expect(await found("Name = 'OBAN'")).toEqual([first])
  expect(await found("Name LIKE 'oban%'")).toEqual([first, third])
  expect(await found("Note__c LIKE '50\\%'")).toEqual([third])
  expect(await found("Name IN ('O\\'Neill', 'nobody')")).toEqual([second])
  expect(await found("Name NOT IN ('Oban')")).toEqual([second, third])
  expect(await found('Hours__c >= 2 AND Hours__c < 10.5')).toEqual([first])
  expect(await found('Hours__c = null OR Done__c = true')).toEqual([first, third])
  expect(await found('Hours__c != 2')).toEqual([second, third])
  expect(await found('Starts__c = 2026-03-01T09:00:00Z')).toEqual([first])
  expect(await found(`NOT (Id = '${first}' OR Id = '${second!.slice(0, 15)}')`)).toEqual([third])
  now += 1_700
  await edit('Visit__c', 'update', first!, { Hours__c: 3 })
  now += 200
  await edit('Visit__c', 'update', second!, { Hours__c: 3 })
  expect(await found('SystemModstamp > 2026-01-01T00:00:00Z')).toEqual([first, second])
  expect(await found('SystemModstamp = 2026-01-01T00:00:01.000+00:00')).toEqual([first, second])
})

test.each([
  ['SELECT Id FROM Account WHERE', 'MALFORMED_QUERY'],
  ['SELECT Id FROM Account GROUP BY Name', 'MALFORMED_QUERY'],
  ['SELECT Id, Colour FROM Account', 'INVALID_FIELD'],
  ["SELECT Id FROM Account WHERE Colour = 'red'", 'INVALID_FIELD'],
  ['SELECT Id FROM Account WHERE Name = 3', 'INVALID_FIELD'],
  ['SELECT Id FROM Colour', 'INVALID_TYPE'],
  ["SELECT Id FROM Account WHERE Id = 'x'", 'INVALID_QUERY_FILTER_OPERATOR'],
])('%s is refused: %s', async (soql, errorCode) => {
  const { login } = await startOrganisation()
  await expect((await login()).query(soql)).rejects.toMatchObject({ errorCode })
})

test('updated and deleted rows of a span of time', async () => {
  let now = newYear + 30_000
  const { login, seed, edit } = await startOrganisation({ now: () => now })
  const [kept, gone] = await seed('Account', [{ Name: 'kept' }, { Name: 'gone' }])
  await edit('Account', 'delete', gone!)
  now += 90_000
  const connection = await login()
  const [start, end] = [new Date(newYear), new Date(now)]
  expect(await connection.updated('Account', start.toISOString(), end.toISOString())).toEqual({
    ids: [kept],
    latestDateCovered: '2026-01-01T00:02:00.000+0000',
  })
  expect(await connection.deleted('Account', start.toISOString(), end.toISOString())).toMatchObject({
    deletedRecords: [{ id: gone, deletedDate: '2026-01-01T00:00:30.000+0000' }],
    latestDateCovered: '2026-01-01T00:02:00.000+0000',
  })
  await expect(connection.deleted('Account', start.toISOString(), start.toISOString())).rejects.toMatchObject(
    {
      errorCode: 'INVALID_REPLICATION_DATE',
    },
  )
})
