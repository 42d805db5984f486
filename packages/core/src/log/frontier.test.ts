import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex } from '../bytes/hex.ts'
import {
  cloneFrontier,
  decodeFrontier,
  emptyFrontier,
  encodeFrontier,
  type Frontier,
  FrontierError,
} from './frontier.ts'

const PROPERTY = { seed: 20_261_121, numRuns: 200 }
const hex = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(toHex)
const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const names = fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 5 })

const frontier: fc.Arbitrary<Frontier> = fc.record({
  incarnation: count,
  heads: fc.array(hex(32), { maxLength: 5 }),
  seqs: fc.array(fc.tuple(hex(17), count), { maxLength: 5 }).map((seqs) => new Map(seqs)),
  maxOp: count,
  channels: names,
  held: names,
  ownSeq: count,
  deleted: fc.boolean(),
})

describe('L-7: a record’s row', () => {
  test('comes back as it was', () => {
    fc.assert(
      fc.property(frontier, (one) => {
        expect(decodeFrontier(encodeFrontier(one))).toEqual(one)
      }),
      PROPERTY,
    )
    expect(decodeFrontier(encodeFrontier(emptyFrontier()))).toEqual(emptyFrontier())
  })

  test('that is damaged or of another format is refused by name', () => {
    fc.assert(
      fc.property(frontier, fc.nat(), (one, cut) => {
        const bytes = encodeFrontier(one)
        expect(() => decodeFrontier(bytes.subarray(0, cut % bytes.length))).toThrow(FrontierError)
        expect(() => decodeFrontier(new Uint8Array([...bytes, 0]))).toThrow(FrontierError)
        expect(() => decodeFrontier(bytes.with(0, 2))).toThrow(/format 2/)
      }),
      PROPERTY,
    )
  })

  test('holds as many actors as a record may have, and more', () => {
    const seqs = new Map(Array.from({ length: 50_001 }, (_, i) => [i.toString(16).padStart(34, '0'), 1]))
    expect(decodeFrontier(encodeFrontier({ ...emptyFrontier(), seqs })).seqs.size).toBe(50_001)
  })
})

test('a clone shares nothing that changes', () => {
  fc.assert(
    fc.property(frontier, (one) => {
      const before = structuredClone(one)
      const clone = cloneFrontier(one)
      expect(clone).toEqual(one)
      clone.heads.push('x')
      clone.seqs.set('x', 1)
      clone.channels.push('x')
      clone.held.push('x')
      expect(one).toEqual(before)
    }),
    PROPERTY,
  )
})
