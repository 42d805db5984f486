import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { Document } from '../engine/document.ts'
import { startEngine, testHost } from '../replica/replica.test-support.ts'
import { diffViews, type Edit } from './edits.ts'
import { firstChanges } from './first-change.ts'
import { PLAIN_OPERATIONS_MAX } from './plain-history.ts'
import { PROPERTY, thing, thingShape } from './things.test-support.ts'
import { writeEdits } from './write.ts'

beforeAll(startEngine)

const host = testHost()
const actor = `02${'c3'.repeat(16)}`
const context = { record: 'things/1', incarnation: 3, host, version: 2, time: 1_700_000_000 }

function byEngine(edits: readonly Edit[]) {
  const document = new Document(actor)
  const { containers, own } = writeEdits(document, edits, { ...context, knows: () => false })
  const heads = document.heads().sort()
  document.free()
  return { containers, own, heads }
}

describe('R-29: first edits without the engine', () => {
  test('are what the engine writes, byte for byte', () => {
    fc.assert(
      fc.property(thing, (value) => {
        const edits = diffViews(thingShape, {}, value)
        expect(firstChanges(edits, { ...context, actor })).toEqual(byEngine(edits))
      }),
      { ...PROPERTY, numRuns: 300 },
    )
  })

  test.each(['👨‍👩‍👧 and e\u0301', '\u0000', 'ab\r\nc', '👍'.repeat(40)])('a text %j too', (notes) => {
    const edits = diffViews(thingShape, {}, { notes, title: notes })
    expect(firstChanges(edits, { ...context, actor })).toEqual(byEngine(edits))
  })

  test('up to what is followed by hand; beyond it, and where something is taken away, the engine is asked', () => {
    const letters = (count: number): Edit[] => [{ op: 'text', path: ['notes'], value: 'x'.repeat(count) }]
    const most = letters(PLAIN_OPERATIONS_MAX - 1)
    expect(firstChanges(most, { ...context, actor })).toEqual(byEngine(most))
    expect(firstChanges(letters(PLAIN_OPERATIONS_MAX), { ...context, actor })).toBeUndefined()
    expect(firstChanges([{ op: 'delete', path: ['title'] }], { ...context, actor })).toBeUndefined()
  })
})
