import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { counter, keyed, type ScalarKind, SchemaDefinitionError, type Shape, shapeOf, text } from './shape.ts'

const kind = (schema: z.ZodType) => shapeOf(schema, 'x').kind

describe('R-2: shapes', () => {
  test.each<[Shape['kind'], z.ZodType]>([
    ['scalar', z.string().min(1)],
    ['scalar', z.email()],
    ['scalar', z.number().int()],
    ['scalar', z.boolean().nullable()],
    ['scalar', z.null()],
    ['scalar', z.enum(['a', 'b'])],
    ['scalar', z.literal('a')],
    ['scalar', z.union([z.string(), z.number(), z.null()])],
    ['scalar', z.templateLiteral(['a', z.number()])],
    ['text', text().optional()],
    ['counter', counter().default(0)],
    ['map', z.object({}).readonly()],
    ['dictionary', z.record(z.string(), z.number())],
    ['list', z.array(z.string().nullable()).default([])],
    ['keyed', keyed('id', z.object({ id: z.string() })).optional()],
  ])('%s', (expected, schema) => {
    expect(kind(schema)).toBe(expected)
  })

  test.each<[ScalarKind[], z.ZodType]>([
    [['string'], z.string().min(1).optional()],
    [['string'], z.templateLiteral(['a', z.number()])],
    [['number'], z.number().int().nullable()],
    [['boolean'], z.boolean().default(true)],
    [['choice'], z.enum(['a', 'b'])],
    [['choice'], z.literal('a')],
    [['string', 'number', 'null'], z.union([z.string(), z.number(), z.null(), z.string()])],
  ])('a scalar knows what it holds: %j', (holds, schema) => {
    expect(shapeOf(schema, 'x')).toMatchObject({ kind: 'scalar', holds })
  })

  test.each([
    [{ lengthMax: 7 }, z.string().max(7).optional()],
    [{}, z.string().min(7)],
    [{ choices: ['a', 'b'] }, z.enum(['a', 'b']).nullable()],
    [{ choices: [1] }, z.literal(1)],
  ])('and how it is bounded: %j', (bounds, schema) => {
    const { kind: _, holds: __, ...told } = shapeOf(schema, 'x') as Shape & { kind: 'scalar' }
    expect(told).toEqual(bounds)
  })

  test('nest', () => {
    const shape = shapeOf(
      z.object({ by: z.record(z.string(), keyed('k', z.object({ k: z.string(), n: counter() }))) }),
      'x',
    )
    expect(shape).toEqual({
      kind: 'map',
      fields: new Map([
        [
          'by',
          {
            kind: 'dictionary',
            value: {
              kind: 'keyed',
              key: 'k',
              row: {
                kind: 'map',
                fields: new Map([
                  ['k', { kind: 'scalar', holds: ['string'] }],
                  ['n', { kind: 'counter' }],
                ]),
              },
            },
          },
        ],
      ]),
    })
  })

  test('a mark belongs to the schema it was made with: a method on it makes a new, unmarked one', () => {
    expect(kind(text().min(1))).toBe('scalar')
  })
})

describe('refused schemas', () => {
  const row = z.object({ id: z.string(), notes: text(), deep: z.object({}) })
  test.each<[string, z.ZodType, RegExp]>([
    ['R-3: dates', z.date(), /type 'date'/],
    ['R-3: big integers', z.bigint(), /type 'bigint'/],
    ['R-3: anything', z.any(), /type 'any'/],
    ['R-3: unknown', z.object({ a: z.unknown() }), /x.a: a field of type 'unknown'/],
    ['R-3: tuples', z.tuple([z.string()]), /type 'tuple'/],
    ['R-3: transforms', z.string().transform(Number), /type 'pipe'/],
    ['R-3: unions of objects', z.union([z.string(), z.object({})]), /type 'union'/],
    ['R-3: lists of objects', z.array(z.object({})), /keyed/],
    ['R-3: lists of lists', z.object({ a: z.array(z.array(z.string())) }), /x.a: a list/],
    ['R-3: lists of texts', z.array(text()), /keyed/],
    ['R-3: in a record', z.record(z.string(), z.date()), /x\.\*/],
    ['R-4: a name with @', z.object({ '@a': z.string() }), /x.@a: this field name is reserved/],
    ['R-4: constructor', z.object({ constructor: z.string() } as never), /reserved/],
    ['R-4: prototype', z.object({ a: z.object({ prototype: z.string() }) }), /x.a.prototype/],
    ['R-5: a key that rows lack', keyed('other' as never, row), /keyed\('other'\)/],
    ['R-5: a key that merges', keyed('notes', row), /keyed\('notes'\)/],
    ['R-5: a key that is no value', keyed('deep', row), /keyed\('deep'\)/],
    ['R-6: text that must be null', z.object({ a: text().nullable() }), /cannot be null/],
    ['R-6: a counter that must be null', z.object({ a: counter().nullable() }), /x.a/],
    [
      'R-6: a list that must be null',
      z.object({ a: z.object({ b: z.array(z.string()).nullable() }) }),
      /x.a.b/,
    ],
    ['R-6: rows that must be null', z.object({ a: keyed('id', row).nullable() }), /x.a/],
  ])('%s', (_, schema, reason) => {
    expect(() => shapeOf(schema, 'x')).toThrow(SchemaDefinitionError)
    expect(() => shapeOf(schema, 'x')).toThrow(reason)
  })

  test('R-6: null beside absence is fine', () => {
    expect(kind(z.object({ a: text().nullish(), b: z.object({}).nullable().optional() }))).toBe('map')
  })
})
