import pg from 'pg'
import { expect, test } from 'vitest'
import { failed, meaningOf } from './classify.ts'

test.each([
  ['40001', 'later'],
  ['40P01', 'later'],
  ['55P03', 'later'],
  ['53300', 'later'],
  ['57014', 'later'],
  ['25006', 'later'],
  ['28P01', 'unauthorized'],
  ['23505', 'rejected'],
  ['23514', 'rejected'],
  ['42501', 'rejected'],
  ['P0001', 'rejected'],
  ['55000', 'rejected'],
] as const)('PG-01 %s is %s', (code, kind) => {
  expect(meaningOf(code)).toBe(kind)
})

function errorOf(more: Partial<pg.DatabaseError>): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError('it went wrong', 10, 'error'), { severity: 'ERROR', ...more })
}

test('PG-01 an error that ends the connection leaves open what became of a COMMIT', () => {
  expect(failed(errorOf({ code: '57P01', severity: 'FATAL' })).nature.lost).toBe(true)
  expect(failed(errorOf({ code: '40001' })).nature.lost).toBe(false)
  expect(failed(new Error('Connection terminated unexpectedly')).nature.lost).toBe(true)
})

test('PG-02 the whole row is quoted nowhere, the key that is taken is', () => {
  const row = errorOf({ code: '23514', detail: 'Failing row contains (7, geheim)' })
  expect(failed(row).failure.reason).toBe('it went wrong')
  const key = errorOf({ code: '23505', detail: 'Key (email)=(a@example.org) already exists.' })
  expect(failed(key).failure.reason).toBe('it went wrong Key (email)=(a@example.org) already exists.')
  expect(failed(key).nature.duplicate).toBe(true)
})
