import { expect, it } from 'vitest'
import { Bodies, CACHE_BYTES_MAX } from './bodies.ts'
import type { Connection } from './connection.ts'
import type { Frame, Span } from './frame.ts'

const PIECE_BYTES = CACHE_BYTES_MAX / 4

function spanOf(body: number): Span {
  const frame: Frame = {
    number: body,
    body,
    bodyBytes: PIECE_BYTES,
    headBytes: 0,
    liveBytes: PIECE_BYTES,
    isGone: false,
    isFixed: false,
  }
  return { frame, from: 0, length: PIECE_BYTES, crc: 0 }
}

it('keeps CACHE_BYTES_MAX of bodies, and drops the one that was used longest ago', async () => {
  let asked = 0
  const read = async () => {
    asked += 1
    return [new Uint8Array(PIECE_BYTES)]
  }
  const bodies = new Bodies({ read } as unknown as Connection)
  for (const body of [1, 2, 3, 4]) bodies.keep(body, new Uint8Array(PIECE_BYTES))
  await bodies.load([1, 2, 3, 4].map(spanOf))
  expect(asked).toBe(0)
  await bodies.load([spanOf(1)])
  bodies.keep(5, new Uint8Array(PIECE_BYTES))
  await bodies.load([1, 3, 4, 5].map(spanOf))
  expect(asked).toBe(0)
  await bodies.load([spanOf(2)])
  expect(asked).toBe(1)
})
