import type { Json } from '@skerry/core'
import { expect, test } from 'vitest'
import type { FieldKind } from '../adapter-port.ts'
import type { ColumnFacts } from './facts.ts'
import { decoded, encoded } from './values.ts'

const encoding = { true: 'yes', false: 'no', time: (iso: string) => iso.replace('Z', '') }

function column(kind: FieldKind): ColumnFacts {
  return { name: 'it', kind, sqlType: kind, nullable: true, filled: false, computed: false }
}

test.each<[FieldKind, string, Json]>([
  ['integer', '9007199254740991', 9_007_199_254_740_991],
  ['integer', '9007199254740993', '9007199254740993'],
  ['decimal', '12345678901234567890.10', '12345678901234567890.10'],
  ['number', '0.1', 0.1],
  ['number', 'NaN', 'NaN'],
  ['boolean', 't', true],
  ['boolean', '0', false],
  ['time', '2026-01-31 10:00:00.123456+00', '2026-01-31T10:00:00.123456Z'],
  ['time', '2026-01-31 10:00:00', '2026-01-31T10:00:00Z'],
  ['time', 'infinity', 'infinity'],
  ['json', '{"a":[1]}', { a: [1] }],
  ['text', '007', '007'],
])('SQ-10, SQ-11 of kind %s, %s is shown as %j', (kind, cell, value) => {
  expect(decoded(column(kind), cell)).toEqual(value)
  expect(decoded(column(kind), null)).toBeNull()
})

test.each<[FieldKind, Json, string]>([
  ['integer', 7, '7'],
  ['integer', '9007199254740993', '9007199254740993'],
  ['decimal', '0.10', '0.10'],
  ['decimal', 3, '3'],
  ['number', 0.1, '0.1'],
  ['boolean', true, 'yes'],
  ['date', '2026-01-31', '2026-01-31'],
  ['time', '2026-01-31T12:00:00.123456+02:00', '2026-01-31T10:00:00.123456'],
  ['time', '2026-01-31T10:00:00Z', '2026-01-31T10:00:00'],
  ['json', { a: [1] }, '{"a":[1]}'],
  ['text', "o'clock", "o'clock"],
])('SQ-10, SQ-11 of kind %s, %j is written as %s', (kind, value, cell) => {
  expect(encoded(column(kind), value, encoding)).toEqual({ cell })
  expect(encoded(column(kind), null, encoding)).toEqual({ cell: null })
})

test.each<[FieldKind, Json]>([
  ['integer', 1.5],
  ['integer', 2 ** 60],
  ['decimal', 0.1],
  ['decimal', '1,5'],
  ['number', '1'],
  ['boolean', 1],
  ['date', '31.01.2026'],
  ['time', '2026-01-31 10:00:00'],
  ['time', '2026-01-31T25:00:00Z'],
  ['text', 7],
  ['enum', { a: 1 }],
])('SQ-12 a column of kind %s does not take %j, and is named', (kind, value) => {
  expect(encoded(column(kind), value, encoding)).toEqual({ fault: expect.stringMatching(/^it is .* wants/) })
})
