import { describe, expect, it } from 'vitest'
import { accepted, type ByHand } from './by-hand.test-support.ts'
import { decodeFrame } from './frame.ts'
import * as limit from './limits.ts'
import { type Scene, scene, settle } from './pair.test-support.ts'

const WAITING_BYTES = 3 * limit.INITIAL_CREDIT_BYTES
const LINE_BYTES = 100_000

async function writeMuch({ hub }: Scene, bytes = WAITING_BYTES): Promise<void> {
  // Letters at random would not shrink either; what counts here is that frames are not deflated.
  await hub.write(
    ...Array.from({ length: Math.ceil(bytes / LINE_BYTES) }, (_, i) => ({
      record: `r/${i}`,
      channels: ['a'],
      text: `${i}`.padEnd(LINE_BYTES, 'x'),
    })),
  )
}

const open = async () => {
  const s = await scene()
  const met = await accepted(s.hub, s.edge, { compress: 'never' })
  const frames = () => met.hand.names().filter((name) => name === 'frame').length
  const pass = async (ms: number) => {
    s.world.clock.advance(ms)
    await settle(met.link)
  }
  return { s, met, frames, pass }
}

describe('O15: a peer that asks and does not take', () => {
  it('fault N7: is paused, and ended with too-slow after SLOW_READER_MS_MAX, not before', async () => {
    const { s, met, frames, pass } = await open()
    await writeMuch(s)
    await settle(met.link)
    const before = frames()
    await pass(limit.SLOW_READER_MS_MAX - 1)
    expect(met.session.state).toBe('open')
    expect(frames()).toBe(before)
    await pass(1)
    expect(await met.session.closed).toMatchObject({ code: 4429, reason: 'too-slow', retry: true })
    expect(met.hand.last('bye').code).toBe('too-slow')
    expect(s.world.clock.timers).toBe(0)
  })

  it.each(['credit', 'ack'] as const)('%s gives it the whole time again', async (what) => {
    const { s, met, pass } = await open()
    await writeMuch(s)
    await settle(met.link)
    await pass(limit.SLOW_READER_MS_MAX - 1)
    if (what === 'credit') await met.say({ type: 'credit', bytes: 1 })
    else {
      const position = firstPosition(met)
      await met.say({ type: 'ack', position, head: 0, refusals: [] })
    }
    await pass(limit.SLOW_READER_MS_MAX - 1)
    expect(met.session.state).toBe('open')
    await pass(1)
    expect(met.session.state).toBe('closed')
  })

  it('credit of nothing, and the same ACK again, take nothing', async () => {
    const { s, met, pass } = await open()
    await writeMuch(s)
    await settle(met.link)
    await pass(limit.SLOW_READER_MS_MAX - 1)
    await met.say({ type: 'ack', position: 0, head: 0, refusals: [] })
    await pass(1)
    expect(met.session.state).toBe('closed')
  })

  it('a peer for which nothing waits may be silent for ever', async () => {
    const { s, met, pass } = await open()
    await s.hub.write({ record: 'r/1', channels: ['a'], text: 'one' })
    await settle(met.link)
    await pass(100 * limit.SLOW_READER_MS_MAX)
    expect(met.session.state).toBe('open')
    expect(s.world.clock.timers).toBe(1)
  })

  it('fault N2: a line of 8 kB/s is slow and not dead: it takes 3 MiB, frame by frame, and the largest message', async () => {
    const { s, met, frames, pass } = await open()
    await writeMuch(s)
    await s.hub.write({ record: 'r/large', channels: ['a'], text: 'y'.repeat(limit.ENTRY_BYTES_MAX - 1000) })
    await settle(met.link)
    let taken = 0
    for (let arrived = 0; arrived < frames(); arrived++) {
      const bytes = met.hand.received.filter((one) => one[0] === 0x10)[arrived]!
      await pass(Math.ceil(bytes.length / 8))
      expect(met.session.state).toBe('open')
      await met.say({ type: 'credit', bytes: bytes.length + limit.FRAME_COST_BYTES })
      taken += bytes.length
    }
    expect(taken).toBeGreaterThan(WAITING_BYTES + limit.ENTRY_BYTES_MAX - 1000)
    expect(limit.MESSAGE_BYTES_MAX / 8).toBeLessThan(limit.SLOW_READER_MS_MAX)
  })
})

function firstPosition({ hand }: ByHand): number {
  const frames = hand.received.filter((one) => one[0] === 0x10)
  const positions = frames.map((one) => decodeFrame(one, (bytes) => bytes).position?.seq ?? 0)
  return positions.find((position) => position > 0)!
}
