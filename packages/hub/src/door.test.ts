import { describe, expect, it } from 'vitest'
import { Door } from './door.ts'
import { HANDSHAKES_MAX, HANDSHAKES_PER_ADDRESS_MAX, RETRY_AFTER_S_MAX } from './limits.ts'

const none = { all: 0, fromAddress: 0 }

function door(rate = { perSecond: 100, burst: 50 }) {
  const clock = { now: 1_000_000 }
  let draws = 0
  const opened = new Door({ now: () => clock.now, fraction: () => (draws++ % 10) / 10, rate })
  return { clock, turnAway: (beginning = none) => opened.turnAway(beginning) }
}

describe('the door', () => {
  it('D1: lets in as many as the rate allows, at once and over time', () => {
    const { clock, turnAway } = door()
    const letIn = (count: number) =>
      Array.from({ length: count }, () => turnAway()).filter((seconds) => seconds === undefined).length
    expect(letIn(60)).toBe(50)
    clock.now += 1000
    expect(letIn(200)).toBe(50)
    clock.now += 100
    expect(letIn(200)).toBe(10)
    clock.now += 60_000
    expect(letIn(200)).toBe(50)
  })

  it('D1: on both sides of HANDSHAKES_MAX and HANDSHAKES_PER_ADDRESS_MAX', () => {
    const { turnAway } = door()
    expect(turnAway({ all: HANDSHAKES_MAX - 1, fromAddress: 0 })).toBeUndefined()
    expect(turnAway({ all: HANDSHAKES_MAX, fromAddress: 0 })).toBe(1)
    expect(turnAway({ all: 0, fromAddress: HANDSHAKES_PER_ADDRESS_MAX - 1 })).toBeUndefined()
    expect(turnAway({ all: 0, fromAddress: HANDSHAKES_PER_ADDRESS_MAX })).toBe(1)
  })

  it('D2: gives each that it turns away a turn of its own, as fast as the rate', () => {
    const { turnAway } = door()
    const seconds = Array.from({ length: 5_050 }, () => turnAway()).filter((one) => one !== undefined)
    expect(seconds).toHaveLength(5_000)
    const byS = new Map<number, number>()
    for (const second of seconds) byS.set(second, (byS.get(second) ?? 0) + 1)
    expect([...byS.keys()]).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
    expect(Math.max(...byS.values())).toBeLessThanOrEqual(101)
  })

  it('D2: turns that are over are given again to nobody, and later ones begin from now', () => {
    const { clock, turnAway } = door({ perSecond: 1, burst: 1 })
    turnAway()
    expect([turnAway(), turnAway(), turnAway()]).toEqual([1, 2, 3])
    clock.now += 100_000
    expect([turnAway(), turnAway(), turnAway()]).toEqual([undefined, 1, 2])
  })

  it('D2: beyond RETRY_AFTER_S_MAX they are spread over its second half', () => {
    const { turnAway } = door({ perSecond: 1, burst: 1 })
    const seconds = Array.from({ length: 2 * RETRY_AFTER_S_MAX }, () => turnAway() ?? 0)
    expect(Math.max(...seconds)).toBe(RETRY_AFTER_S_MAX)
    const late = seconds.slice(RETRY_AFTER_S_MAX + 2)
    expect(Math.min(...late)).toBe(RETRY_AFTER_S_MAX / 2)
    expect(new Set(late).size).toBe(10)
  })

  it('T3: a clock that was set back an hour shuts nobody out for an hour', () => {
    const { clock, turnAway } = door()
    for (let i = 0; i < 200; i++) turnAway()
    clock.now -= 3_600_000
    expect(turnAway()).toBeLessThanOrEqual(RETRY_AFTER_S_MAX)
    clock.now += 1000
    expect(turnAway()).toBeUndefined()
  })
})
