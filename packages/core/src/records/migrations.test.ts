import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import * as lens from './lens.ts'
import { counter, keyed } from './shape.ts'
import { of } from './versions.test-support.ts'
import { type Migrations, VERSION_MAX } from './versions.ts'

describe('V-8: migrations that do not lead to the schema are refused', () => {
  const schema = z.object({
    a: z.string(),
    n: counter().default(0),
    rows: keyed('id', z.object({ id: z.string(), b: z.string().optional() })).optional(),
  })
  test.each<[RegExp, number, Migrations]>([
    [/version 0 is not from 1 to 1000/, 0, {}],
    [/version 1001 is not from 1 to 1000/, VERSION_MAX + 1, {}],
    [/version 2 needs a migration to each of 2, and has none/, 2, {}],
    [/version 1 needs a migration to each of no version, and has 2/, 1, { 2: [] }],
    [/version 3 needs a migration to each of 2, 3, and has 3/, 3, { 3: [] }],
    [/has no field 'z'; it has a, n, rows/, 2, { 2: [lens.rename('y', 'z')] }],
    [/has no field 'z'/, 2, { 2: [lens.add('z')] }],
    [/would have two fields 'a'/, 2, { 2: [lens.remove('a', z.string().optional())] }],
    [/would have two fields 'n'/, 2, { 2: [lens.rename('n', 'a')] }],
    [/what merges can only begin empty/, 2, { 2: [lens.add('n', 5)] }],
    [/a plain value is needed here/, 2, { 2: [lens.add('a', [])] }],
    [
      /replace needs old fields and new ones/,
      2,
      { 2: [lens.replace({ was: {}, now: ['a'], forward: () => ({}), backward: () => ({}) })] },
    ],
    [/within\('a'\): there is no object in this field/, 2, { 2: [lens.within('a')] }],
    [/'id' tells the rows apart in every version/, 2, { 2: [lens.within('rows', lens.rename('key', 'id'))] }],
    [
      /within\('rows'\): this version has no field 'c'; it has id, b/,
      2,
      { 2: [lens.within('rows', lens.add('c'))] },
    ],
    [
      /an earlier convert\('rows'\) reads this field as a whole/,
      2,
      {
        2: [
          lens.convert('rows', {
            was: z.record(z.string(), z.object({})),
            forward: () => [],
            backward: () => ({}),
          }),
          lens.within('rows', lens.add('b')),
        ],
      },
    ],
  ])('%s', (message, version, migrations) => {
    expect(() => of(schema, version, migrations)).toThrow(message)
  })

  test('VERSION_MAX of them are few enough', () => {
    const migrations = Object.fromEntries(Array.from({ length: VERSION_MAX - 1 }, (_, i) => [i + 2, []]))
    expect(of(schema, VERSION_MAX, migrations).versions.number).toBe(VERSION_MAX)
  })

  test('a field may not be called as a key of its own would be', () => {
    expect(() => of(z.object({ 'a~2': z.string() }))).toThrow(/a~2: this field name is reserved/)
    expect(() => of(z.object({ 'a~': z.string(), '~b': z.string() }))).not.toThrow()
  })
})
