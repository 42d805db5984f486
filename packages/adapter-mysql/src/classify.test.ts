import { expect, test } from 'vitest'
import { failed, meaningOf } from './classify.ts'

test.each([
  [1205, 'later'],
  [1213, 'later'],
  [1040, 'later'],
  [1226, 'later'],
  [1290, 'later'],
  [1045, 'unauthorized'],
  [4151, 'unauthorized'],
  [1062, 'rejected'],
  [1644, 'rejected'],
  [4025, 'rejected'],
] as const)('MY-01 error %i is %s', (number, kind) => {
  expect(meaningOf(number)).toBe(kind)
})

function errorOf(errno: number, sqlMessage = 'it went wrong'): Error {
  return Object.assign(new Error(sqlMessage), { errno, sqlState: 'HY000', sqlMessage })
}

test('MY-01 a deadlock ends the transaction; a server that goes, or a line that breaks, leaves a COMMIT open', () => {
  expect(failed(errorOf(1213)).nature).toMatchObject({ endsTransaction: true, lost: false })
  expect(failed(errorOf(1053)).nature).toMatchObject({ lost: true })
  expect(failed(new Error('read ECONNRESET')).nature).toMatchObject({ lost: true })
})

test.each([
  ["Duplicate entry 'a' for key 'one_email'", 'one_email'],
  ["Duplicate entry 'a' for key 'orders.one_email'", 'one_email'],
  ['CONSTRAINT `no_debt` failed for `shop`.`orders`', 'no_debt'],
  ["Check constraint 'no_debt' is violated.", 'no_debt'],
  [
    'Cannot add or update a child row: a foreign key constraint fails (`s`.`l`, CONSTRAINT `in_order` FOREIGN KEY (`o`) REFERENCES `o` (`id`))',
    'in_order',
  ],
])('MY-02 the constraint in "%s" is known', (message, constraint) => {
  expect(failed(errorOf(1062, message)).nature.constraint).toBe(constraint)
})

test('MY-02 the column that a message names is named', () => {
  expect(failed(errorOf(1406, "Data too long for column 'title' at row 1")).failure).toMatchObject({
    fields: ['title'],
  })
  expect(failed(errorOf(1364, "Field 'title' doesn't have a default value")).failure).toMatchObject({
    fields: ['title'],
  })
})
