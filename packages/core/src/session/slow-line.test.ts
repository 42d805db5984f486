/** Lines that are slow, in virtual time. */
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../testing/seeded-random.ts'
import * as limit from './limits.ts'
import { connect, type Met, meet, type Scene, scene, settle, turn } from './pair.test-support.ts'

const SIDES = ['initiator', 'acceptor'] as const

/** Delivers each message so long after it was sent, in order, until both sides are in step; milliseconds until then. */
async function overLine({ world }: Scene, met: Met, delayMs: () => number): Promise<number> {
  const startedMs = world.clock.nowMs
  const due = { initiator: [] as number[], acceptor: [] as number[] }
  for (let step = 0; step < 10_000; step++) {
    await turn()
    for (const side of SIDES) {
      const waiting = due[side]
      while (waiting.length < met.link.pending()[side])
        waiting.push(Math.max(world.clock.nowMs + delayMs(), waiting.at(-1) ?? 0))
      while (waiting.length > 0 && waiting[0]! <= world.clock.nowMs) {
        waiting.shift()
        met.link.deliver(side)
      }
    }
    if (met.initiator.current && met.acceptor.current && SIDES.every((side) => due[side].length === 0))
      return world.clock.nowMs - startedMs
    await turn()
    world.clock.advance(1)
  }
  throw new Error('the line is never quiet')
}

const lines = (side: string) =>
  Array.from({ length: 100 }, (_, i) => ({ record: `${side}/${i}`, channels: ['a'], text: `${side} ${i}` }))

describe('a line that is slow', () => {
  it.each([1, 2, 3])(
    'fault N1: seed %i: with 1.5 s ± 0.5 s each way all is told in a few round trips, in as many messages as on a fast one',
    async (seed) => {
      const random = new SeededRandom(seed)
      const s = await scene()
      await s.hub.write(...lines('hub'))
      await s.edge.write(...lines('edge'))
      const met = connect(s)
      const ms = await overLine(s, met, () => 1000 + random.below(1001))
      expect([met.initiator.state, met.acceptor.state]).toEqual(['open', 'open'])
      expect([await s.hub.texts(), await s.edge.texts()].map(({ length }) => length)).toEqual([200, 200])
      // CHALLENGE, HELLO, SHOW, HELLO, WELCOME, frames, what they are answered with.
      expect(ms).toBeLessThan(8 * 2000)
      const fast = await scene()
      await fast.hub.write(...lines('hub'))
      await fast.edge.write(...lines('edge'))
      expect(met.sent.length).toBeLessThanOrEqual((await meet(fast)).sent.length + 2)
    },
  )

  it('fault N2: DIF-5 an edit goes up at once while megabytes come down, and waits for no more of its own direction than credit allows', async () => {
    const s = await scene()
    const met = await meet(s, { hub: { compress: 'never' } })
    const text = 'x'.repeat(100_000)
    await s.hub.write(
      ...Array.from({ length: 40 }, (_, i) => ({ record: `r/${i}`, channels: ['a'], text: `${i} ${text}` })),
    )
    await turn()
    // Nothing of it has arrived yet.
    const under = met.link.acceptor.bufferedBytes
    expect(under).toBeGreaterThan(limit.INITIAL_CREDIT_BYTES / 2)
    expect(under).toBeLessThan(limit.INITIAL_CREDIT_BYTES + limit.FRAME_BYTES_MAX + 1000)
    await s.edge.write({ record: 'r/edit', text: 'up' })
    await turn()
    while (met.link.deliver('acceptor')) await turn()
    expect(await s.hub.texts()).toContain('up')
    // What the hub writes now stands behind that, and behind what is told before it in the log.
    await s.hub.write({ record: 'r/small', channels: ['a'], text: 'down' })
    await settle(met.link)
    expect((await s.edge.texts()).at(-1)).toBe('down')
  })
})
