import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { placeOf, placeText } from './binlog.ts'
import { checkConfig, type MysqlAdapterOptions } from './config.ts'
import { addressOf } from './mysql-line.ts'
import { setupStatements } from './setup-sql.ts'

const base: MysqlAdapterOptions = {
  host: 'db.example.org',
  database: 'shop',
  user: 'skerry',
  tables: { customers: { columns: ['name'] } },
}

test.each<[string, object]>([
  ["unknown key 'tabels'", { tabels: {} }],
  ['tables.customers.version', { tables: { customers: { columns: ['a'], version: 'xmin' } } }],
  ['tables.customers.modifiedAt: changes by time want it', { changes: { by: 'time' } }],
])('a config is refused with what is wrong: %s', (words, more) => {
  expect(() => checkConfig({ ...base, ...more })).toThrow(words)
})

test('MY-03 to another machine only with TLS, checked, unless it is allowed to go without', () => {
  expect(addressOf(checkConfig(base)).ssl).toEqual({})
  expect(addressOf(checkConfig({ ...base, allowPlain: true })).ssl).toBeUndefined()
  expect(addressOf(checkConfig({ ...base, host: '127.0.0.1' })).ssl).toBeUndefined()
})

test('MY-04 a password shows itself nowhere', () => {
  const config = checkConfig({ ...base, password: 'geheim' })
  expect(`${inspect(config, { depth: 9 })} ${JSON.stringify(config)}`).not.toContain('geheim')
})

test('MY-20 a place in the log is told as text, and nothing else is one', () => {
  expect(placeOf(placeText({ file: 'binlog.000007', position: 1_234 }))).toEqual({
    file: 'binlog.000007',
    position: 1_234,
  })
  for (const text of ['', 'binlog.000007', 'binlog.000007:x', ':4']) expect(placeOf(text)).toBeUndefined()
})

test('MY-40 triggers want to know the key, and say so', () => {
  expect(() => setupStatements({ ...base, changes: { by: 'outbox' } })).toThrow(
    /customers: .* say which columns it has/,
  )
})
