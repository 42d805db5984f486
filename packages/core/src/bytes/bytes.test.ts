import { crc32 as crc32OfZlib } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { compareBytes, equalBytes } from './compare.ts'
import { crc32 } from './crc32.ts'
import { fromHex, toHex } from './hex.ts'

/** Bytes that depend on length and seed alone. */
function pattern(length: number, seed: number): Uint8Array {
  let state = seed
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return state >>> 16
  })
}

describe('crc32', () => {
  it('has the check value of the standard', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
    expect(crc32(new Uint8Array())).toBe(0)
  })

  it('equals zlib at every length around the slices', () => {
    for (let length = 0; length <= 70; length++) {
      const bytes = pattern(length, length + 1)
      expect(crc32(bytes)).toBe(crc32OfZlib(bytes))
    }
    expect(crc32(pattern(100_003, 5))).toBe(crc32OfZlib(pattern(100_003, 5)))
  })

  it('goes on where it stopped', () => {
    const bytes = pattern(1000, 3)
    for (const cut of [0, 1, 7, 8, 500, 1000]) {
      expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(crc32(bytes))
    }
  })

  it('notices every single flipped bit', () => {
    const bytes = pattern(64, 9)
    const before = crc32(bytes)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7)
      expect(crc32(bytes)).not.toBe(before)
      bytes[bit >> 3]! ^= 1 << (bit & 7)
    }
  })
})

describe('hex', () => {
  it('carries every byte', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
    expect(fromHex(toHex(bytes))).toEqual(bytes)
    expect(fromHex(toHex(bytes).toUpperCase())).toEqual(bytes)
    expect(toHex(new Uint8Array())).toBe('')
  })

  it('refuses half a byte', () => {
    expect(() => fromHex('abc')).toThrow(expect.objectContaining({ code: 'truncated' }))
  })

  it.each(['g0', '0g', '/0', ':0', '@0', '`0', ' 1', '\u0130\u0131', '0\u0660'])('refuses %j', (text) => {
    expect(() => fromHex(text)).toThrow(expect.objectContaining({ code: 'not-hex', offset: 0 }))
  })
})

describe('compare', () => {
  it('orders as hex does', () => {
    const samples = ['', '00', '0000', '01', '7f', '80', 'ff', 'ff00', 'fe01'].map(fromHex)
    for (const a of samples) {
      for (const b of samples) {
        const byText = toHex(a) < toHex(b) ? -1 : toHex(a) > toHex(b) ? 1 : 0
        expect(Math.sign(compareBytes(a, b))).toBe(byText)
        expect(equalBytes(a, b)).toBe(byText === 0)
      }
    }
  })
})
