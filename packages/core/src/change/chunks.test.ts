import { describe, expect, it } from 'vitest'
import { actorKind, actorPrefix } from './actors.ts'
import { parseChunks } from './chunks.ts'
import { compressChange, craftBody, craftChange, hexBytes } from './craft.test-support.ts'
import { Automerge, runActor } from './engine.test-support.ts'

function joined(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

describe('parseChunks', () => {
  const change = craftChange({})
  const compressed = compressChange(craftBody({ message: 'again and again and again' }))
  const document = Automerge.save(Automerge.from({ a: 1 }))

  it('C-2: splits what was written one after the other', () => {
    const chunks = parseChunks(joined(change, document, compressed, change))
    expect(chunks.map((chunk) => chunk.type)).toEqual(['change', 'document', 'compressed-change', 'change'])
    expect(chunks.map((chunk) => Buffer.from(chunk.bytes))).toEqual(
      [change, document, compressed, change].map((b) => Buffer.from(b)),
    )
    expect(parseChunks(new Uint8Array())).toEqual([])
  })

  it.each([
    ['truncated', joined(change, change.subarray(0, 20))],
    ['truncated', joined(change, Uint8Array.of(0x85))],
    ['bad-magic', joined(change, change.subarray(1))],
    ['bad-type', change.with(8, 3)],
    ['malformed', hexBytes('856f4a83 00000000 01 8000')],
    ['truncated', hexBytes('856f4a83 00000000 01 ffff')],
  ])('C-2: %s', (code, bytes) => {
    expect(() => parseChunks(bytes)).toThrow(expect.objectContaining({ name: 'ChangeRefused', code }))
  })

  it('counts chunks against its limit, on both sides', () => {
    expect(parseChunks(joined(change, change), 2)).toHaveLength(2)
    expect(() => parseChunks(joined(change, change, change), 2)).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    )
  })
})

describe('actorKind', () => {
  it('C-6: knows the three kinds by their first byte', () => {
    const rest = 'ab'.repeat(16)
    expect([`00${rest}`, `01${rest}`, `02${rest}`].map(actorKind)).toEqual(['run', 'container', 'import'])
    expect((['run', 'container', 'import'] as const).map(actorPrefix)).toEqual([0, 1, 2])
    expect(actorKind(runActor(7))).toBe('run')
  })

  it.each([
    '',
    '00',
    `03${'ab'.repeat(16)}`,
    `10${'ab'.repeat(16)}`,
    `00${'ab'.repeat(15)}`,
    `00${'ab'.repeat(17)}`,
    `00${'AB'.repeat(16)}`,
    `00${'ab'.repeat(16)}\n`,
  ])('C-6: knows nothing else: %j', (actor) => {
    expect(actorKind(actor)).toBeUndefined()
  })
})
