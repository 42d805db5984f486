import { expect, test } from 'vitest'
import { PIECE_BYTES_MAX, PIECE_BYTES_MIN, PIECE_MS_GOAL } from './limits.ts'
import { PieceSize } from './piece-size.ts'

test('BL-32: pieces grow while they are quick, up to a ceiling, and shrink when they fail, down to the first', () => {
  const pieces = new PieceSize()
  expect(pieces.bytes).toBe(PIECE_BYTES_MIN)
  pieces.took(10)
  expect(pieces.bytes).toBe(2 * PIECE_BYTES_MIN)
  pieces.took(PIECE_MS_GOAL)
  expect(pieces.bytes).toBe(2 * PIECE_BYTES_MIN)
  for (let n = 0; n < 20; n++) pieces.took(1)
  expect(pieces.bytes).toBe(PIECE_BYTES_MAX)
  pieces.took(3 * PIECE_MS_GOAL)
  expect(pieces.bytes).toBe(PIECE_BYTES_MAX / 2)
  for (let n = 0; n < 20; n++) pieces.took(undefined)
  expect(pieces.bytes).toBe(PIECE_BYTES_MIN)
})
