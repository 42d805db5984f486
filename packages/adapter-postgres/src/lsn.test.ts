import { expect, test } from 'vitest'
import { isVisible, lsnOf } from './lsn.ts'

test('PG-23 places in the log are ordered as numbers, not as texts', () => {
  expect(lsnOf('0/FFFFFFFF') < lsnOf('1/0')).toBe(true)
  expect(lsnOf('9/0') < lsnOf('10/0')).toBe(true)
  expect(lsnOf('16/B374D848')).toBe(0x16_b3_74_d8_48n)
})

test('PG-21 a transaction is visible when the snapshot is behind it and it is not under way', () => {
  expect(isVisible('100:105:101,103', '99')).toBe(true)
  expect(isVisible('100:105:101,103', '102')).toBe(true)
  expect(isVisible('100:105:101,103', '103')).toBe(false)
  expect(isVisible('100:105:101,103', '105')).toBe(false)
  expect(isVisible('105:105:', '104')).toBe(true)
})

test('PG-21 the numbers of transactions go round after 32 bits', () => {
  const epoch = 2n ** 32n
  const at = (number: bigint) => `${3n * epoch + number}:${3n * epoch + number}:`
  expect(isVisible(at(5n), '4294967290')).toBe(true)
  expect(isVisible(at(5n), '4')).toBe(true)
  expect(isVisible(at(5n), '6')).toBe(false)
  expect(isVisible(`${3n * epoch - 6n}:${3n * epoch + 5n}:${3n * epoch - 6n}`, '4294967290')).toBe(false)
  expect(isVisible(`${3n * epoch - 3n}:${3n * epoch - 3n}:`, '2')).toBe(false)
})
