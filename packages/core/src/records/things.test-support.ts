/** A schema with every shape, nested, and values of it at random. Every property runs from a fixed seed. */
import fc from 'fast-check'
import * as z from 'zod'
import { counter, type JsonObject, keyed, type Shape, shapeOf, text } from './shape.ts'

export const PROPERTY = { seed: 20_261_121, numRuns: 60 }

export const thingSchema = z.object({
  title: z.string().optional(),
  size: z.number().nullable().optional(),
  done: z.boolean().optional(),
  notes: text().optional(),
  hours: counter().optional(),
  tags: z.array(z.union([z.string(), z.number()])).optional(),
  place: z
    .object({
      city: z.string().optional(),
      hint: text().optional(),
      at: z.object({ lat: z.number().optional(), visits: counter().optional() }).optional(),
    })
    .optional(),
  labels: z.record(z.string(), z.string()).optional(),
  stock: z.record(z.string(), counter()).optional(),
  pages: z.record(z.string(), z.object({ body: text().optional(), seen: z.boolean().optional() })).optional(),
  parts: keyed(
    'sku',
    z.object({
      sku: z.string(),
      qty: z.number().optional(),
      note: text().optional(),
      used: counter().optional(),
      sub: keyed('id', z.object({ id: z.string(), n: z.number().optional() })).optional(),
    }),
  ).optional(),
})

export function mapShape(schema: z.ZodObject): Shape & { kind: 'map' } {
  const shape = shapeOf(schema, 'things')
  if (shape.kind !== 'map') throw new Error('an object schema has the shape of a map')
  return shape
}

export const thingShape = mapShape(thingSchema)

const word = fc.string({ unit: 'grapheme', maxLength: 8 })
/** Few keys, so that edits meet; some that every object inherits. */
const key = fc.constantFrom('a', 'b', 'c', '', '0', 'toString', 'hasOwnProperty', 'é/~')
const rowKey = fc.constantFrom('a', 'b', 'c', 'd', '7', 'valueOf')
const count = fc.integer({ min: -1000, max: 1000 })
const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))

const partial = <T extends Record<string, fc.Arbitrary<unknown>>>(
  fields: T,
  requiredKeys: (keyof T & string)[] = [],
) => fc.record(fields, { requiredKeys, noNullPrototype: true }) as fc.Arbitrary<JsonObject>

const dictionary = <T>(of: fc.Arbitrary<T>) => fc.dictionary(key, of, { maxKeys: 4, noNullPrototype: true })

const rows = (row: fc.Arbitrary<JsonObject>, by: string) =>
  fc.uniqueArray(row, { selector: (one) => one[by], maxLength: 4 })

export const thing: fc.Arbitrary<JsonObject> = partial({
  title: word,
  size: fc.oneof(number, fc.constant(null)),
  done: fc.boolean(),
  notes: word,
  hours: count,
  tags: fc.array(fc.oneof(word, number), { maxLength: 4 }),
  place: partial({ city: word, hint: word, at: partial({ lat: number, visits: count }) }),
  labels: dictionary(word),
  stock: dictionary(count),
  pages: dictionary(partial({ body: word, seen: fc.boolean() })),
  parts: rows(
    partial(
      {
        sku: rowKey,
        qty: number,
        note: word,
        used: count,
        sub: rows(partial({ id: rowKey, n: number }, ['id']), 'id'),
      },
      ['sku'],
    ),
    'sku',
  ),
})
