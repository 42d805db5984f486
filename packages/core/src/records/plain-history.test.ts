import { getBackend, init } from '@automerge/automerge/slim'
import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { craftChange } from '../change/craft.test-support.ts'
import { defaultChangeLimits } from '../change/limits.ts'
import { type ParsedChange, parseChange } from '../change/parse.ts'
import { Document } from '../engine/document.ts'
import { startEngine, testHost } from '../replica/replica.test-support.ts'
import { diffViews } from './edits.ts'
import { PlainHistory } from './plain-history.ts'
import { counter, type JsonObject, keyed, shapeOf, text } from './shape.ts'
import { viewOf } from './view.ts'
import { writeEdits } from './write.ts'

beforeAll(startEngine)

const host = testHost()
const shape = shapeOf(
  z.object({
    title: z.string().optional(),
    size: z.number().nullable().optional(),
    done: z.boolean().optional(),
    notes: text().optional(),
    hours: counter().optional(),
    tags: z.array(z.string()).optional(),
    marks: z.record(z.string(), z.number()).optional(),
    parts: keyed(
      'sku',
      z.object({ sku: z.string(), qty: z.number().optional(), note: text().optional() }),
    ).optional(),
  }),
  'test',
)
if (shape.kind !== 'map') throw new Error('unreachable')
const fields = shape

const word = fc.string({ unit: 'binary', maxLength: 6 })
const key = fc.constantFrom('a', 'b', 'c')
const value = fc.record(
  {
    title: word,
    size: fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null)),
    done: fc.boolean(),
    notes: word,
    hours: fc.integer({ min: -1000, max: 1000 }),
    tags: fc.array(word, { maxLength: 4 }),
    marks: fc.dictionary(key, fc.integer(), { noNullPrototype: true }),
    parts: fc.uniqueArray(fc.record({ sku: key, qty: fc.integer(), note: word }, { requiredKeys: ['sku'] }), {
      selector: (row) => row.sku,
      maxLength: 3,
    }),
  },
  { requiredKeys: [] },
)

/** Writes one value after the other and returns each step's changes. */
function write(
  document: Document,
  values: readonly JsonObject[],
  seqs = new Set<string>(),
): ParsedChange[][] {
  return values.map((next) => {
    const before = viewOf(fields, document.read()).value
    const written = writeEdits(document, diffViews(fields, before, next), {
      record: 'r/1',
      incarnation: 0,
      host,
      time: 0,
      version: 1,
      knows: (actor) => seqs.has(actor),
    })
    const changes = [...written.containers, ...written.own].map((bytes) =>
      parseChange(bytes, host, defaultChangeLimits),
    )
    for (const change of changes) seqs.add(change.actorHex)
    return changes
  })
}

test('a history in sequence reads as the engine reads it, after every step', () => {
  let followed = 0
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 6 }), (values) => {
      const document = new Document(`00${'11'.repeat(16)}`)
      const check = new Document(`00${'22'.repeat(16)}`)
      const plain = new PlainHistory()
      try {
        for (const changes of write(document, values as JsonObject[])) {
          if (changes.length === 0) continue
          check.apply(changes.map((change) => change.bytes))
          if (!plain.extend(changes)) return
          followed += 1
          expect(plain.heads()).toEqual([...check.heads()].sort())
          expect(viewOf(fields, plain.read())).toEqual(viewOf(fields, check.read()))
        }
      } finally {
        document.free()
        check.free()
      }
    }),
    { seed: 20_261_121, numRuns: 400 },
  )
  // The point of it: most such histories are followed to their end.
  expect(followed).toBeGreaterThan(700)
  // Ten seconds on a quiet machine.
}, 120_000)

test('concurrent changes are left to the engine', () => {
  const a = new Document(`00${'33'.repeat(16)}`)
  const b = new Document(`00${'44'.repeat(16)}`)
  const first = write(a, [{ title: 'x' }]).flat()
  b.apply(first.map((change) => change.bytes))
  const left = write(a, [{ title: 'left' }]).flat()
  const right = write(b, [{ title: 'right' }]).flat()
  const plain = new PlainHistory()
  expect(plain.extend(first)).toBe(true)
  expect(plain.extend(left)).toBe(true)
  expect(plain.extend(right)).toBe(false)
})

test('an operation that does not replace exactly what shows is left to the engine', () => {
  const parse = (bytes: Uint8Array) => parseChange(bytes, host, defaultChangeLimits)
  const first = parse(craftChange({}))
  // Sets the same keys again, knows the change before, and says that it replaces nothing: the engine then keeps two values.
  const beside = parse(craftChange({ deps: [first.hashHex], seq: 2, startOp: 4 }))
  const document = new Document(`00${'55'.repeat(16)}`)
  document.apply([first.bytes, beside.bytes])
  expect(document.values('_root', 'a')).toHaveLength(2)
  document.free()
  const plain = new PlainHistory()
  expect(plain.extend([first])).toBe(true)
  expect(plain.extend([beside])).toBe(false)
})

test.each([
  ['a number', 5, 'int'],
  ['a boolean', true, 'boolean'],
  ['nothing', null, 'null'],
  ['a fraction', 1.5, 'f64'],
] as const)('%s among the letters of a text is left to the engine', (_, odd, type) => {
  const document = new Document(`00${'66'.repeat(16)}`)
  const first = write(document, [{ notes: 'hello' }]).flat()
  const backend = getBackend(init({ actor: `00${'77'.repeat(16)}` })).fork(`00${'78'.repeat(16)}`)
  backend.applyChanges(first.map((change) => change.bytes))
  backend.insert(document.container(['notes'])!.id, 2, odd, type)
  backend.commit(undefined, 0)
  const change = parseChange(backend.getLastLocalChange()!, host, defaultChangeLimits)
  const plain = new PlainHistory()
  expect(plain.extend(first)).toBe(true)
  expect(plain.extend([change])).toBe(false)
})
