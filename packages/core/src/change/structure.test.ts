import { describe, expect, it } from 'vitest'
import { craftChange } from './craft.test-support.ts'
import { host, runActor } from './engine.test-support.ts'
import { defaultChangeLimits } from './limits.ts'
import { type ParsedChange, parseChange } from './parse.ts'
import { checkAgainst, type Frontier } from './structure.ts'

function change(seq: number, startOp: number): ParsedChange {
  return parseChange(craftChange({ seq, startOp }), host, defaultChangeLimits)
}

const frontier: Frontier = { seqByActor: (actor) => (actor === runActor(1) ? 4 : 0), maxOp: 100 }

describe('checkAgainst', () => {
  it('C-30: the next change of an actor is next', () => {
    expect(checkAgainst(frontier, change(5, 101))).toEqual({ kind: 'next' })
    expect(checkAgainst({ seqByActor: () => 0, maxOp: 0 }, change(1, 1), 0)).toEqual({ kind: 'next' })
  })

  it('C-30: a later one has a gap before it', () => {
    expect(checkAgainst(frontier, change(6, 101))).toEqual({ kind: 'sequence-gap', expected: 5, found: 6 })
  })

  it('C-31: a taken sequence is known, proven, or evidence', () => {
    const parsed = change(4, 50)
    expect(checkAgainst(frontier, parsed)).toEqual({ kind: 'already-known', sameHash: undefined })
    expect(checkAgainst({ ...frontier, hashAt: () => parsed.hashHex }, parsed)).toEqual({
      kind: 'already-known',
      sameHash: true,
    })
    expect(checkAgainst({ ...frontier, hashAt: () => 'ff' }, parsed)).toEqual({
      kind: 'duplicate-sequence',
      seq: 4,
      knownHash: 'ff',
    })
  })

  it('C-31: asks for the hash of the very sequence', () => {
    const asked: unknown[] = []
    const hashAt = (actor: string, seq: number) => {
      asked.push([actor, seq])
      return undefined
    }
    checkAgainst({ ...frontier, hashAt }, change(3, 50))
    expect(asked).toEqual([[runActor(1), 3]])
  })

  it('C-32: the first operation lies above the dependencies', () => {
    expect(checkAgainst(frontier, change(5, 71), 70)).toEqual({ kind: 'next' })
    expect(checkAgainst(frontier, change(5, 70), 70)).toEqual({
      kind: 'first-operation-too-low',
      startOp: 70,
      startOpMin: 71,
    })
  })

  it('fault C4: C-32: and not far above the record', () => {
    const highest = 100 + 65_536 + 1
    expect(checkAgainst(frontier, change(5, highest))).toEqual({ kind: 'next' })
    expect(checkAgainst(frontier, change(5, highest + 1))).toEqual({
      kind: 'first-operation-too-high',
      startOp: highest + 1,
      startOpMax: highest,
    })
  })
})
