import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { hostSuite } from './host-suite.test-support.ts'
import { browserHost } from './index.ts'

const host = browserHost()

hostSuite()

test('what is read in several steps comes out whole, and stops soon above the bound', () => {
  const noise = host.random(100_000)
  expect(host.inflateRaw(host.deflateRaw(noise), noise.length)).toEqual(noise)
  const bomb = new Uint8Array(inflatesToMuch())
  const before = performance.now()
  expect(() => host.inflateRaw(bomb, 1_000_000)).toThrow(RangeError)
  expect(performance.now() - before).toBeLessThan(1_000)
})

test('what Node deflates is read here, and the other way round', () => {
  const bytes = new TextEncoder().encode('work order '.repeat(5_000))
  expect(host.inflateRaw(new Uint8Array(deflateRawSync(bytes)), bytes.length)).toEqual(bytes)
  expect(new Uint8Array(inflateRawSync(host.deflateRaw(bytes)))).toEqual(bytes)
})

/** 65 KB of deflate that say 67 MB. */
function inflatesToMuch(): Uint8Array {
  return deflateRawSync(new Uint8Array(2 ** 26), { level: 9 })
}
