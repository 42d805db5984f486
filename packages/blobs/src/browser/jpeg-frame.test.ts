/** What counts as a JPEG with a picture in it. */
import { SeededRandom } from '@skerry/core/testing'
import { expect, test } from 'vitest'
import { hasJpegFrame } from './jpeg-frame.ts'

const jpeg = (...after: readonly number[]) => new Uint8Array([0xff, 0xd8, ...after])
const FRAME = [0xff, 0xc0, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0]
const APPLICATION = [0xff, 0xe0, 0, 4, 1, 2]
const TABLE = [0xff, 0xc4, 0, 3, 0]

test.each([
  ['at once', FRAME],
  ['behind other segments, among them a table of Huffman codes', [...APPLICATION, ...TABLE, ...FRAME]],
  ['behind bytes that fill, and a marker without a length', [0xff, 0xff, 0xff, 0x01, ...FRAME]],
  ['of another kind: progressive', [0xff, 0xc2, ...FRAME.slice(2)]],
])('BL-27: a frame is found %s', (_, bytes) => {
  expect(hasJpegFrame(jpeg(...bytes))).toBe(true)
})

test.each([
  ['nothing behind the head', []],
  ['what is no marker', [0, 1, 2, 3]],
  ['a segment that leads to no marker', [...APPLICATION, 7, ...FRAME]],
  ['a segment that leads past the end', [0xff, 0xe0, 0xff, 0xff, 1]],
  ['a segment that is shorter than its length', [0xff, 0xe0, 0, 1, ...FRAME]],
  ['tables only', [...TABLE, ...TABLE]],
  ['a scan, or the end, before any frame', [0xff, 0xda, 0, 3, 0, ...FRAME]],
  ['the end before any frame', [0xff, 0xd9, ...FRAME]],
  ['fill without an end', [0xff, 0xff, 0xff]],
])('BL-27: no frame is found in %s', (_, bytes) => {
  expect(hasJpegFrame(jpeg(...bytes))).toBe(false)
})

test('BL-27: garbage has none', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const garbage = new SeededRandom(seed).bytes(20_000)
    expect(hasJpegFrame(jpeg(...garbage)), String(seed)).toBe(false)
  }
})
