import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { type HubSpotAdapterOptions, HubSpotConfigError, hubspotAdapter } from '@skerry/adapter-hubspot'
import type { Allowance } from '@skerry/bridge'
import { expect, onTestFinished, test } from 'vitest'
import { call, startAccount } from './account.ts'
import { startCanned } from './canned.ts'

const tokens = (entries: { path: string }[]) =>
  entries.filter(({ path }) => path === '/oauth/v1/token').length

test('HS-01 who is not let in is told why, without a secret', async () => {
  const account = await startAccount()
  const refused = [
    account.adapter({ oauth: { ...account.oauth, clientSecret: 'not-the-secret' } }),
    account.adapter({ oauth: { ...account.oauth, refreshToken: 'not-the-token' } }),
    account.adapter({ token: 'pat-not-the-token' }),
  ]
  const answers = await Promise.all(refused.map((adapter) => adapter.read('visits', { id: '1' }, call)))
  expect(answers.map(({ kind }) => kind)).toEqual(['unauthorized', 'unauthorized', 'unauthorized'])
  expect(inspect([answers, refused], { depth: 9 })).not.toMatch(/not-the-/)
})

test('HS-02 a token is renewed before it ends, so that none is refused', async () => {
  const account = await startAccount()
  const adapter = account.adapter({ oauth: account.oauth })
  const read = () => adapter.read('visits', { id: '1' }, call)
  await read()
  await account.advance(1_500_000)
  await read()
  expect(tokens(await account.ledger())).toBe(1)
  await account.advance(150_000)
  await read()
  const entries = await account.ledger()
  expect([tokens(entries), entries.filter(({ status }) => status === 401)]).toEqual([2, []])
})

test('HS-02 a token that is refused is renewed once, for all who met it together', async () => {
  const account = await startAccount()
  const adapter = account.adapter({ oauth: account.oauth })
  const id = await account.create({ title: 'a' })
  await adapter.read('visits', { id }, call)
  await account.admin('POST', '/tokens/expire')
  const answers = await Promise.all([1, 2, 3].map(() => adapter.read('visits', { id }, call)))
  expect(answers.map(({ kind }) => kind)).toEqual(['row', 'row', 'row'])
  expect(tokens(await account.ledger())).toBe(2)
})

test('HS-02 a private app’s token is read again when it is refused, and tried only if it is another one', async () => {
  const account = await startAccount()
  const folder = mkdtempSync(join(tmpdir(), 'hubspot-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'token')
  writeFileSync(file, 'pat-old')
  const adapter = account.adapter({ token: { file } })
  const read = async () => (await adapter.read('visits', { id: '1' }, call)).kind
  expect([await read(), (await account.requests()).length]).toEqual(['unauthorized', 1])
  // It is changed while a call with the old one is under way.
  await account.fault({ fault: 'hold', count: 1 })
  const reading = read()
  await account.admin('GET', '/faults/held?atLeast=1')
  writeFileSync(file, 'pat-skerry-hubspot-token')
  await account.admin('POST', '/faults/release', {})
  expect(await reading).toBe('absent')
})

test('HS-02 the token endpoint in trouble is later, not a refusal', async () => {
  const oauth = { clientId: 'a', clientSecret: 'b', refreshToken: 'c' }
  for (const answer of [
    { status: 502 },
    { status: 429 },
    { body: 'no json' },
    { body: { access_token: 'x' } },
  ]) {
    const { adapter } = await startCanned([answer], { token: undefined, oauth })
    expect((await adapter.read('visits', { id: '1' }, call)).kind).toBe('later')
  }
})

test('HS-03 each request is spent before it is sent, and headers tell what is left; a search tells nothing', async () => {
  const account = await startAccount({ settings: { dailyCalls: 1_000, searchLagMs: 0 } })
  const id = await account.create({ title: 'a' })
  const told: Allowance[] = []
  let spent = 0
  const counting = { ...call, spend: () => void spent++, allowance: (one: Allowance) => void told.push(one) }
  const adapter = account.adapter()
  await adapter.read('visits', { id }, counting)
  expect([spent, (await account.requests()).length]).toEqual([2, 2])
  expect(told.slice(-2)).toEqual([
    { limit: 'daily', remaining: 998, max: 1_000 },
    { limit: 'burst', remaining: 99_998, max: 100_000, resetsInMs: 10_000 },
  ])
  const { next } = (await adapter.changes('visits', undefined, 10, call)) as { next: string }
  told.length = 0
  await adapter.changes('visits', next, 10, counting)
  expect(told).toHaveLength(2)
  const ended = { signal: AbortSignal.abort(), spend: () => void spent++ }
  const before = spent
  expect((await adapter.read('visits', { id }, ended)).kind).toBe('later')
  expect(spent).toBe(before)
})

const types = { contacts: { externalId: 'skerry_id', properties: ['email'] } }

test.each<[object, RegExp]>([
  [{ types }, /want token or oauth, one of them/],
  [{ types, token: 'x', oauth: { clientId: 'a', clientSecret: 'b', refreshToken: 'c' } }, /one of them/],
  [{ types: {}, token: 'x' }, /types: wants at least one type/],
  [{ types: { 'a/b': types.contacts }, token: 'x' }, /types\.a\/b: Invalid key/],
  [
    { types: { contacts: { externalId: 'skerry_id', properties: ['skerry_id'] } }, token: 'x' },
    /bridge’s own/,
  ],
  [
    { types: { contacts: { externalId: 'skerry_id', properties: ['a', 'a'] } }, token: 'x' },
    /stands there twice/,
  ],
  [
    { types: { contacts: { externalId: 'Skerry', properties: ['a'] } }, token: 'x' },
    /internal name of a property/,
  ],
  [{ types, token: 'x', baseUrl: 'http://169.254.169.254' }, /link-local/],
  [{ types, token: 'x', baseUrl: 'ftp://example.com' }, /baseUrl/],
  [{ types, token: { env: 'NOT_SET_ANYWHERE' } }, /NOT_SET_ANYWHERE/],
  [{ types, token: 'x', tokens: 1 }, /unknown key 'tokens'/],
  [
    {
      types: { visits: types.contacts },
      token: 'x',
      webhook: { port: 0, publicUrl: 'https://example.com/hook', secret: 's' },
    },
    /types\.visits\.objectTypeId: want its number/,
  ],
])('a config that cannot be meant says so: %o', (options, message) => {
  const make = () => hubspotAdapter(options as HubSpotAdapterOptions)
  expect(make).toThrow(HubSpotConfigError)
  expect(make).toThrow(message)
})
