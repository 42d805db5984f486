import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { checkConfig, isNear, type PostgresAdapterOptions } from './config.ts'
import { clientConfigOf } from './postgres-line.ts'
import { setupSql } from './setup-sql.ts'
import { slotName } from './slot.ts'

const base: PostgresAdapterOptions = {
  host: 'db.example.org',
  database: 'shop',
  user: 'skerry',
  tables: { customers: { columns: ['name'] } },
}

test.each<[string, object]>([
  ["unknown key 'tabels'", { tabels: {} }],
  ['tables.customers.columns', { tables: { customers: { columns: [] } } }],
  ['one of them stands there twice', { tables: { customers: { columns: ['a', 'a'] } } }],
  ['tables.customers.modifiedAt: changes by time want it', { changes: { by: 'time' } }],
  ['changes', { changes: { by: 'magic' } }],
  ['password: environment variable SKERRY_NOT_SET', { password: { env: 'SKERRY_NOT_SET' } }],
])('a config is refused with what is wrong: %s', (words, more) => {
  expect(() => checkConfig({ ...base, ...more })).toThrow(words)
})

test('PG-03 to another machine only with TLS, checked, unless it is allowed to go without', () => {
  expect(clientConfigOf(checkConfig(base)).ssl).toEqual({})
  expect(clientConfigOf(checkConfig({ ...base, allowPlain: true })).ssl).toBe(false)
  expect(clientConfigOf(checkConfig({ ...base, host: '127.0.0.1' })).ssl).toBe(false)
  expect(['localhost', '::1', '/run/postgresql'].map(isNear)).toEqual([true, true, true])
  expect(isNear('10.0.0.1')).toBe(false)
})

test('PG-04 a password shows itself nowhere', () => {
  const config = checkConfig({ ...base, password: 'geheim' })
  expect(`${inspect(config, { depth: 9 })} ${JSON.stringify(config)}`).not.toContain('geheim')
})

test('PG-20 types whose names are no names of slots have slots of their own', () => {
  expect(slotName('skerry', 'customers')).toBe('skerry_customers')
  expect(slotName('skerry', 'Sales.Customers')).toMatch(/^skerry_sales_customers_[0-9a-f]{8}$/)
  expect(slotName('skerry', 'Sales.Customers')).not.toBe(slotName('skerry', 'sales.customers'))
  expect(slotName('skerry', 'x'.repeat(100))).toHaveLength(63)
})

test('PG-40 triggers want to know the key, and say so', () => {
  expect(() => setupSql({ ...base, changes: { by: 'outbox' } })).toThrow(
    /customers: .* say which columns it has/,
  )
})
