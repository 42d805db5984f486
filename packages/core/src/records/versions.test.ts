import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { expected, ofVersion } from '../replica/mixed-versions.test-support.ts'
import { startEngine } from '../replica/replica.test-support.ts'
import { withPeers } from './peer.test-support.ts'
import type { JsonObject } from './shape.ts'
import { PROPERTY } from './things.test-support.ts'
import { assignAs, meet, shownBy, storedIn } from './versions.test-support.ts'

beforeAll(startEngine)

const word = fc.constantFrom('a', 'b', 'c d', '')
const quarter = fc.integer({ min: 0, max: 40 })
const rows = (row: Record<string, fc.Arbitrary<unknown>>, required: string[]) =>
  fc.uniqueArray(
    fc.record(
      { sku: fc.constantFrom('x', 'y', 'z'), ...row },
      { requiredKeys: ['sku', ...(required as never[])], noNullPrototype: true },
    ),
    { selector: (one) => (one as { sku: string }).sku, maxLength: 3 },
  )
const dictionary = fc.dictionary(fc.constantFrom('p', 'q'), word, { maxKeys: 2, noNullPrototype: true })

const common = { notes: word, marks: dictionary, status: word }
const newer = { ...common, place: word, priority: fc.integer(), visits: quarter, log: dictionary }
const values: Readonly<Record<number, [fields: Record<string, fc.Arbitrary<unknown>>, required: string[]]>> =
  {
    1: [
      {
        ...common,
        title: word,
        site: word,
        colour: word,
        hours: quarter.map((n) => n / 4),
        tech: word,
        parts: rows({ qty: quarter }, ['qty']),
      },
      [],
    ],
    2: [
      {
        ...newer,
        title: word,
        colour: word,
        minutes: quarter.map((n) => n * 15),
        tech: word,
        parts: rows({ count: quarter, note: word }, []),
      },
      ['priority', 'visits'],
    ],
    3: [
      {
        ...newer,
        title: word,
        summary: word,
        minutes: quarter.map((n) => n * 15),
        tech: fc.array(word, { maxLength: 3 }),
        parts: rows({ count: quarter, note: word, used: quarter }, []),
      },
      ['priority', 'visits', 'title', 'tech'],
    ],
  }

interface Assignment {
  version: number
  value: JsonObject
  left: boolean
  meets: boolean
}

const assignment = fc.constantFrom(1, 2, 3).chain((version) =>
  fc.record({
    version: fc.constant(version),
    value: fc.record(values[version]![0], {
      requiredKeys: values[version]![1],
      noNullPrototype: true,
    }) as fc.Arbitrary<JsonObject>,
    left: fc.boolean(),
    meets: fc.boolean(),
  }),
)

/** What a version does not show stays shown as it was. */
const unknown = (version: number, shown: JsonObject) =>
  Object.fromEntries(Object.entries(shown).filter(([key]) => !ofVersion(version).shape.fields.has(key)))

function checkViews(peer: Parameters<typeof shownBy>[1]): void {
  const raw = storedIn(peer, ofVersion(3))
  for (const version of [1, 2, 3]) expect(shownBy(ofVersion(version), peer)).toEqual(expected(version, raw))
}

describe('V-6: three versions of one document', () => {
  test('what a version writes is what it then shows; the others show what the document holds; nothing is written for nothing', () => {
    let hidden = 0
    fc.assert(
      fc.property(fc.array(assignment, { minLength: 2, maxLength: 8 }), (assignments: Assignment[]) => {
        withPeers(ofVersion(1).shape, 2, (a, b) => {
          for (const { version, value, left, meets } of assignments) {
            const [peer, of] = [left ? a : b, ofVersion(version)]
            const kept = unknown(version, peer.changes.size > 0 ? shownBy(of, peer) : {})
            // Rows keep what this version does not know of them, which a draft brings along.
            const after = withUnknownOfRows(version, value, shownBy(of, peer))
            if (Object.keys(kept).length > 0) hidden++
            assignAs(of, peer, { ...after, ...kept })
            const shown = shownBy(of, peer)
            expect(shown).toEqual({ ...after, ...kept })
            expect(of.versions.edits(storedIn(peer, of), shown)).toEqual([])
            checkViews(peer)
            if (!meets) continue
            meet(a, b)
            checkViews(a)
            expect(storedIn(a, of)).toEqual(storedIn(b, of))
          }
        })
      }),
      { ...PROPERTY, numRuns: 30 },
    )
    expect(hidden).toBeGreaterThan(20)
  })
})

function withUnknownOfRows(version: number, value: JsonObject, shown: JsonObject): JsonObject {
  const known = { 1: ['sku', 'qty'], 2: ['sku', 'count', 'note'], 3: ['sku', 'count', 'note', 'used'] }[
    version
  ]!
  if (!Array.isArray(value.parts)) return value
  const parts = (value.parts as JsonObject[]).map((row) => {
    const now = ((shown.parts ?? []) as JsonObject[]).find(({ sku }) => sku === row.sku) ?? {}
    return { ...row, ...Object.fromEntries(Object.entries(now).filter(([key]) => !known.includes(key))) }
  })
  return { ...value, parts }
}
