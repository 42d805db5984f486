import { describe, expect, test } from 'vitest'
import { checkConfig, TrytonConfigError } from './config.ts'
import { identityOf } from './identity.ts'
import { trytonAdapter } from './index.ts'

const good = {
  url: 'https://erp.example.com/',
  database: 'company',
  user: 'skerry',
  password: 'Br1dge-tryton-pw',
  models: { 'party.party': { key: 'code', unique: true, fields: ['name'] } },
}

test('a configuration has its defaults, and an adapter comes of it', () => {
  expect(checkConfig(good)).toMatchObject({
    url: 'https://erp.example.com',
    overlapMs: 60_000,
    acceptWarnings: [],
  })
  const { name, capabilities } = trytonAdapter(good)
  expect(name).toBe('tryton')
  expect(capabilities).toEqual({
    compareAndSet: true,
    replayMs: 0,
    freshListing: true,
    batch: { writesMax: 200, readsMax: 200 },
    deletions: 'unseen',
  })
})

test.each<[string, object, RegExp]>([
  ['a misspelt key', { passwort: 'x' }, /unknown key 'passwort'/],
  [
    'a misspelt key of a model',
    { models: { 'party.party': { fields: ['name'], keys: 'x' } } },
    /unknown key 'models\.party\.party\.keys'/,
  ],
  ['no model', { models: {} }, /models: wants at least one model/],
  ['something that is no model', { models: { Party: { fields: ['name'] } } }, /want the name of a model/],
  ['no field', { models: { 'party.party': { fields: [] } } }, /models\.party\.party\.fields/],
  ['a field twice', { models: { 'party.party': { fields: ['name', 'name'] } } }, /stands there twice/],
  ['a path that is none', { models: { 'party.party': { fields: ['name.'] } } }, /want a field, or a path/],
  [
    'unique without a key',
    { models: { 'party.party': { fields: ['name'], unique: true } } },
    /there is none/,
  ],
  ['the cloud’s own address', { url: 'http://169.254.169.254' }, /link-local/],
  ['a password in the clear', { url: 'http://erp.example.com' }, /password travels for everybody to read/],
  ['a database that is an address', { database: '../other' }, /want the name of a database/],
  ['a wait beyond the ceiling', { timeoutMs: 600_001 }, /timeoutMs/],
  [
    'a password that is nowhere',
    { password: { env: 'SKERRY_NO_SUCH_THING' } },
    /environment variable SKERRY_NO_SUCH_THING is not set/,
  ],
])('%s is an error that says where', (_, more, message) => {
  expect(() => checkConfig({ ...good, ...more })).toThrow(message)
  expect(() => checkConfig({ ...good, ...more })).toThrow(TrytonConfigError)
})

test('a wait at the ceiling, and plain http where it is asked for or stays on this machine, are taken', () => {
  expect(checkConfig({ ...good, timeoutMs: 600_000 }).timeoutMs).toBe(600_000)
  expect(checkConfig({ ...good, url: 'http://erp.example.com', allowPlain: true }).allowPlain).toBe(true)
  expect(checkConfig({ ...good, url: 'http://127.0.0.1:8000' }).url).toBe('http://127.0.0.1:8000')
})

describe('TR-07: user and password', () => {
  test('are read when they are needed', () => {
    process.env.SKERRY_TRYTON_TEST = 'first'
    const config = checkConfig({ ...good, password: { env: 'SKERRY_TRYTON_TEST' } })
    expect(identityOf(config)).toEqual({ user: 'skerry', password: 'first' })
    process.env.SKERRY_TRYTON_TEST = 'second'
    expect(identityOf(config)).toEqual({ user: 'skerry', password: 'second' })
    delete process.env.SKERRY_TRYTON_TEST
    expect(identityOf(config)).toBe('environment variable SKERRY_TRYTON_TEST is not set or empty')
  })

  test('stand in no text of the configuration', () => {
    expect(JSON.stringify(checkConfig(good))).not.toContain(good.password)
  })
})
