import { expect, it } from 'vitest'
import type { Frame, Span } from './frame.ts'
import { LogFrames } from './log-frames.ts'
import { picked } from './picked.ts'

function spanOf(isGone: boolean): Span {
  const frame: Frame = {
    number: 1,
    body: 1,
    bodyBytes: 1,
    headBytes: 0,
    liveBytes: 1,
    isGone,
    isFixed: false,
  }
  return { frame, from: 0, length: 1, crc: 0 }
}

/** Looks until a body is there, and says how often it looked. */
async function looks(
  isGone: boolean,
  loads: (Uint8Array | undefined)[],
): Promise<{ looked: number; found: number }> {
  let looked = 0
  const load = async (spans: Iterable<Span>) =>
    new Map([...spans].map(({ frame }) => [frame, loads[looked - 1]]))
  return picked(new LogFrames().index, { load }, () => {
    looked += 1
    return {
      spans: [spanOf(isGone)],
      build: (bodies) => ({ looked, found: [...bodies.values()].filter(Boolean).length }),
    }
  })
}

it('S-6 M-3: a read whose body was merged away looks again where it is now', async () => {
  const body = new Uint8Array(1)
  expect(await looks(true, [undefined, undefined, body])).toEqual({ looked: 3, found: 1 })
  expect(await looks(true, [body])).toEqual({ looked: 1, found: 1 })
})

it('D-1: one that is simply missing is not looked for again, and no read looks for ever', async () => {
  expect(await looks(false, [])).toEqual({ looked: 1, found: 0 })
  expect(await looks(true, [])).toEqual({ looked: 8, found: 0 })
})
