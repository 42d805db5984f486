import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import {
  type SalesforceAdapterOptions,
  SalesforceConfigError,
  salesforceAdapter,
  salesforceConfigSchema,
} from '@skerry/adapter-salesforce'
import type { Allowance } from '@skerry/bridge'
import { answerOf, onRequest } from '@skerry/bridge/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { call, startOrganisation } from './organisation.ts'

vi.mock('@skerry/bridge/http', async (original) =>
  (await import('@skerry/bridge/testing')).onWire(await original()),
)

const good: SalesforceAdapterOptions = {
  loginUrl: 'https://example.my.salesforce.com',
  clientId: 'id',
  clientSecret: 'secret',
  types: { Account: { externalId: 'Skerry_Id__c', fields: ['Name'] } },
}

test.each([
  [{ loginUrl: 'ftp://example.com' }, /loginUrl: Invalid URL/],
  [{ loginUrl: 'http://169.254.169.254' }, /loginUrl: a link-local address/],
  [{ loginUrl: 'http://example.my.salesforce.com' }, /loginUrl: want https/],
  [{ apiVersion: '62' }, /apiVersion: want a version such as 62\.0/],
  [{ types: {} }, /types: wants at least one type/],
  [{ types: { 'Account x': { externalId: 'X__c', fields: ['Name'] } } }, /types\.Account x: .*Invalid key/],
  [
    { types: { Account: { externalId: 'X__c', fields: ['Name', 'Name'] } } },
    /types\.Account: fields: one of them stands there twice/,
  ],
  [
    { types: { Account: { externalId: 'X__c', fields: ['Name; DELETE'] } } },
    /types\.Account\.fields\.0: want a field/,
  ],
  [
    { types: { Account: { externalId: 'X__c', fields: ['Name'], filter: '' } } },
    /unknown key 'types\.Account\.filter'/,
  ],
  [{ clientName: 'two words' }, /clientName: letters, digits/],
  [{ timeoutMs: 600_001 }, /timeoutMs: Too big/],
  [
    { clientSecret: { env: 'SKERRY_NO_SUCH_VARIABLE' } },
    /clientSecret: environment variable SKERRY_NO_SUCH_VARIABLE is not set/,
  ],
  [{ clientSecret: { file: '/no/such/file' } }, /clientSecret: ENOENT/],
  [{ retries: 3 }, /unknown key 'retries'/],
])('SF-01 a config with %j is refused and says where', (wrong, message) => {
  const make = () => salesforceAdapter({ ...good, ...wrong } as SalesforceAdapterOptions)
  expect(make).toThrow(SalesforceConfigError)
  expect(make).toThrow(message)
})

test('SF-01 as many field names as fit in an address, and one more', () => {
  const fields = Array.from({ length: 100 }, (_, i) => `F${String(i).padStart(2, '0')}${'x'.repeat(75)}__c`)
  const most = [...fields.slice(0, 96), 'y'.repeat(8_000 - 96 * 83)]
  expect(most.join(', ')).toHaveLength(8_000)
  const make = (list: string[]) =>
    salesforceAdapter({ ...good, types: { Account: { externalId: 'X__c', fields: list } } })
  expect(make(most).name).toBe('salesforce')
  expect(() => make([...most.slice(0, -1), `${most.at(-1)}y`])).toThrow(/more than 8000 characters/)
})

test('SF-01 the secret comes from a file, is read again when it is renewed, and shows itself nowhere', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-secret-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'secret')
  writeFileSync(file, 'not-yet\n')
  const org = await startOrganisation()
  const adapter = org.adapter({ clientSecret: { file } })
  const refused = await adapter.check(call)
  expect(refused).toMatchObject({
    kind: 'unauthorized',
    reason: 'no session: 400 invalid_client: invalid client credentials',
  })
  writeFileSync(file, 'skerry-salesforce-secret\n')
  expect(await adapter.check(call)).toEqual({ kind: 'ok' })
  const config = salesforceConfigSchema.parse({ ...good, clientSecret: { file } })
  expect(inspect(config) + JSON.stringify(config)).not.toContain('skerry-salesforce-secret')
})

test('SF-02 calls that meet the end of a session together ask for one new session', async () => {
  const org = await startOrganisation()
  const adapter = org.adapter()
  await adapter.check(call)
  const sessions = async () =>
    (await org.ledger()).filter(({ path }) => path === '/services/oauth2/token').length
  expect(await sessions()).toBe(1)
  await org.admin('POST', '/sessions/expire')
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => adapter.changes('Visit__c', undefined, 10, call)),
  )
  expect(answers.map(({ kind }) => kind)).toEqual(Array(5).fill('page'))
  expect(await sessions()).toBe(2)
})

test('SF-02 a 401 that no session helps with is told at once, without asking for another one', async () => {
  const org = await startOrganisation()
  const adapter = org.adapter()
  await adapter.check(call)
  const message = 'This session is not valid for use with the REST API'
  const body = JSON.stringify([{ message, errorCode: 'INVALID_SESSION_ID' }])
  await org.fault({ fault: 'status', status: 401, body, match: { path: '/services/data' } } as never)
  const answer = await adapter.read('Visit__c', { id: 'a005e0000000001AAA' }, call)
  expect(answer).toMatchObject({ kind: 'unauthorized', reason: expect.stringContaining(message) })
  expect((await org.ledger()).filter(({ path }) => path === '/services/oauth2/token')).toHaveLength(1)
})

test.each(['http://169.254.169.254', 'https://10.0.0.1', 'https://[::1]', 'http://elsewhere.example'])(
  'SF-01 a token answer that leads to %s is not followed',
  async (instance_url) => {
    const org = await startOrganisation()
    onRequest(async (send, url) =>
      url.endsWith('/oauth2/token') ? answerOf({ access_token: 'x', instance_url, id: 'x/y' }) : send(),
    )
    expect(await org.adapter().check(call)).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining(instance_url),
    })
  },
)

test('SF-03, SF-04 what a call spends is counted, what is left is told, and the client is named', async () => {
  const org = await startOrganisation({ settings: { dailyRequests: 500, limitInfoLagMs: 0 } })
  const adapter = org.adapter({ clientName: 'NorthBridge' })
  const allowances: Allowance[] = []
  let spent = 0
  const counted = {
    ...call,
    spend: () => void spent++,
    allowance: (one: Allowance) => void allowances.push(one),
  }
  await adapter.check(counted)
  await adapter.changes('Visit__c', undefined, 10, counted)
  expect(spent).toBe((await org.requests()).length)
  expect(allowances).toEqual([
    { limit: 'daily', remaining: 499, max: 500 },
    { limit: 'daily', remaining: 498, max: 500 },
  ])
  const seen: (string | null)[] = []
  onRequest(async (send, _url, request) => {
    seen.push(new Headers(request.headers).get('sforce-call-options'))
    return send()
  })
  await adapter.check(call)
  expect(seen).toEqual(['client=NorthBridge'])
})

test('SF-06 check says which types and fields are missing, and which external id keeps no rows apart', async () => {
  const org = await startOrganisation()
  const adapter = org.adapter({
    types: {
      Visit__c: { externalId: 'Code__c', fields: ['Name', 'Colour__c'] },
      Account: { externalId: 'Nothing__c', fields: ['Name'] },
    },
  })
  expect(await adapter.check(call)).toEqual({
    kind: 'rejected',
    reason:
      'Visit__c has no field Colour__c; Visit__c.Code__c is not marked as External ID, so a lost answer would make rows twice; Account has no field Nothing__c, which is to hold external ids',
  })
  const unknown = org.adapter({ types: { Planet__c: { externalId: 'X__c', fields: ['Name'] } } })
  expect(await unknown.check(call)).toMatchObject({
    kind: 'rejected',
    reason: expect.stringContaining('NOT_FOUND'),
  })
  expect(await adapter.read('Planet__c', { id: 'a005e0000000001AAA' }, call)).toEqual({
    kind: 'rejected',
    reason: 'Planet__c is not among the configured types (Visit__c, Account)',
  })
})

test('API-8: describe tells kinds, lengths, choices, references and what must be there, 25 types to a request', async () => {
  const types = Array.from({ length: 30 }, (_, i) => ({
    name: `T${i}__c`,
    keyPrefix: `b${String(i).padStart(2, '0')}`,
    fields: {},
  }))
  const org = await startOrganisation({ objectTypes: types })
  const adapter = org.adapter()
  const described = await adapter.describe!(['Account', 'Contact'], call)
  const [account, contact] = described.kind === 'types' ? described.types : []
  const named = (name: string) => account?.fields.find((field) => field.name === name)
  expect(named('Name')).toMatchObject({
    kind: 'text',
    required: true,
    writable: true,
    lengthMax: 255,
    label: 'Account Name',
  })
  expect(named('AnnualRevenue')).toMatchObject({ kind: 'decimal', required: false })
  expect(named('NumberOfEmployees')).toMatchObject({ kind: 'integer' })
  expect(named('Rating')).toMatchObject({ kind: 'enum', values: ['Hot', 'Warm', 'Cold'] })
  expect(named('BillingAddress')).toMatchObject({ kind: 'json', writable: false })
  expect(named('SystemModstamp')).toMatchObject({ kind: 'time', writable: false, required: false })
  expect(named('Skerry_Id__c')).toMatchObject({ unique: true })
  expect(contact?.fields.find(({ name }) => name === 'AccountId')).toMatchObject({
    kind: 'reference',
    references: ['Account'],
  })
  const before = (await org.requests()).length
  const all = await adapter.describe!(undefined, call)
  expect(all.kind === 'types' && all.types).toHaveLength(34)
  expect((await org.requests()).length - before).toBe(3)
})
