import { describe, expect, it } from 'vitest'
import { seeded } from '../test/seeded.ts'
import { Unfinished } from './unfinished.ts'

const HEADER = 6

describe('T4 bytes of an unfinished message', () => {
  it('is exact for whole messages in one chunk and for one over many chunks', () => {
    const unfinished = new Unfinished(true)
    unfinished.complete(10)
    unfinished.complete(20)
    unfinished.arrived(10 + 20 + 2 * HEADER + 7)
    expect(unfinished.bytes).toBe(7)
    for (let chunk = 0; chunk < 5; chunk++) unfinished.arrived(100)
    expect(unfinished.bytes).toBe(507)
    unfinished.complete(501)
    unfinished.arrived(0)
    expect(unfinished.bytes).toBe(0)
  })

  it('never grows from messages that complete, whatever the framing and chunks, over 20,000 messages', () => {
    const random = seeded(5)
    const unfinished = new Unfinished(true)
    const chunkBytes = 1000
    let stream = 0
    let taken = 0
    let most = 0
    for (let message = 0; message < 20_000; message++) {
      const length = Math.floor(random() * 100)
      // Up to three frames: headers beyond the first are not known to `complete`.
      stream += length + HEADER * (1 + Math.floor(random() * 3))
      while (taken + chunkBytes < stream) {
        unfinished.arrived(chunkBytes)
        taken += chunkBytes
        most = Math.max(most, unfinished.bytes)
      }
      unfinished.complete(length)
    }
    expect(most).toBeLessThanOrEqual(2 * chunkBytes)
  })
})
