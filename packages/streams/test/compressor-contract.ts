/** What every `Compressor` must do. Anyone who writes one runs this suite over it. */

import { describe, expect, it } from 'vitest'
import type { Compressor } from '../src/compressor.ts'

const REPETITIVE = new Uint8Array(10_000).fill(7)

/** Declares the suite for one compressor. */
export function compressorContract(name: string, compressor: Compressor): void {
  describe(`compressor contract: ${name}`, () => {
    it('inflates what it deflated, and empty bytes too', () => {
      for (const bytes of [new Uint8Array(0), Uint8Array.of(1, 2, 3), REPETITIVE]) {
        const inflated = compressor.inflateRaw(compressor.deflateRaw(bytes), bytes.length + 1)
        expect(Array.from(inflated)).toEqual(Array.from(bytes))
      }
    })

    it('makes repetitive bytes smaller', () => {
      expect(compressor.deflateRaw(REPETITIVE).length).toBeLessThan(100)
    })

    it('inflates exactly outputBytesMax bytes, and throws a RangeError for one more', () => {
      const deflated = compressor.deflateRaw(REPETITIVE)
      expect(compressor.inflateRaw(deflated, REPETITIVE.length).length).toBe(REPETITIVE.length)
      expect(() => compressor.inflateRaw(deflated, REPETITIVE.length - 1)).toThrow(RangeError)
    })

    it('throws another error for bytes that are no deflate stream', () => {
      const inflate = () => compressor.inflateRaw(Uint8Array.of(0xff, 0xff, 0xff, 0xff), 100)
      expect(inflate).toThrow(Error)
      expect(inflate).not.toThrow(RangeError)
    })
  })
}
