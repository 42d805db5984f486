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

it('reads a body once that is asked for twice at once, and again after that failed', async () => {
  const asked: ((values: unknown[]) => void)[] = []
  const failed: ((error: Error) => void)[] = []
  const read = () =>
    new Promise((resolve, reject) => {
      asked.push(resolve)
      failed.push(reject)
    })
  const bodies = new Bodies({ read } as unknown as Connection)
  const [one, two] = [spanOf(1), spanOf(2)]
  const body = new Uint8Array(PIECE_BYTES)

  bodies.loadAhead([one])
  const first = bodies.load([one])
  expect(asked).toHaveLength(1)
  failed[0]!(new Error('the disk does not answer'))
  await expect(first).rejects.toThrow('the disk does not answer')

  bodies.loadAhead([one, two])
  const second = bodies.load([one])
  expect(asked).toHaveLength(2)
  asked[1]!([body, body])
  expect((await second).get(one.frame)).toBe(body)
  await bodies.load([two])
  expect(asked).toHaveLength(2)
})
