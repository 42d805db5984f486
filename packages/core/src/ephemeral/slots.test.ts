import { describe, expect, it } from 'vitest'
import type { Credential } from '../identity/credential.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import * as limit from './limits.ts'
import type { Said } from './said.ts'
import { type Heard, Slots } from './slots.ts'

function table() {
  const clock = new VirtualClock(1_000)
  const forgotten: string[] = []
  const slots = new Slots({
    host: { now: () => clock.nowMs, timer: (delayMs, run) => clock.timer(delayMs, run) },
    changed: () => undefined,
    forgotten: ({ node }) => forgotten.push(node),
  })
  return { clock, slots, forgotten }
}

function heard(node: string, more: Partial<Said> = {}, isOwn = false): Heard {
  const said: Said = {
    kind: 'here',
    channel: 'a',
    credential: '',
    instance: '01',
    counter: 1,
    value: new Uint8Array(),
    signature: new Uint8Array(),
    ...more,
  }
  return { author: { credential: {} as Credential, node }, said, hops: 1, ageMs: 0, value: node, isOwn }
}

const ceilings: [name: string, max: number, nth: (n: number) => Heard][] = [
  ['SLOTS_MAX', limit.SLOTS_MAX, (n) => heard(`${n}`, { channel: `${n % 1_000}` })],
  ['SLOTS_PER_CHANNEL_MAX', limit.SLOTS_PER_CHANNEL_MAX, (n) => heard(`${n}`)],
  ['SLOTS_PER_NODE_MAX', limit.SLOTS_PER_NODE_MAX, (n) => heard('one', { channel: `${n}` })],
]

describe('slots', () => {
  it.each(ceilings)(
    'PR-20: %s: %i are taken, one more is not; who is gone makes room, the oldest first',
    (_, max, nth) => {
      const { slots, forgotten } = table()
      for (let n = 0; n < max; n++) expect(slots.take(nth(n))).not.toBe('full')
      expect(slots.take(nth(max))).toBe('full')
      expect(slots.size).toBe(max)
      for (const n of [7, 3]) slots.take({ ...nth(n), said: { ...nth(n).said, kind: 'left', counter: 2 } })
      expect(slots.take(nth(max))).not.toBe('full')
      expect(forgotten).toEqual([nth(7).author.node])
      expect(slots.get(nth(7).author.node, nth(7).said)).toBeUndefined()
      expect(slots.take(nth(max + 1))).not.toBe('full')
      expect(slots.take(nth(max + 2))).toBe('full')
      expect(slots.size).toBe(max)
    },
  )

  it('PR-20: what is said here always has room', () => {
    const { slots } = table()
    for (let n = 0; n < limit.SLOTS_PER_CHANNEL_MAX; n++) slots.take(heard(`${n}`))
    expect(slots.take(heard('self', {}, true))).not.toBe('full')
  })

  it('PR-5: withdrawn is newer at the same counter, and older than the next', () => {
    const { slots } = table()
    slots.take(heard('a', { counter: 5 }))
    expect(slots.take(heard('a', { counter: 4, kind: 'withdrawn' }))).toBe('duplicate')
    expect(slots.take(heard('a', { counter: 5, kind: 'withdrawn' }))).not.toBe('duplicate')
    expect(slots.take(heard('a', { counter: 5, kind: 'withdrawn' }))).toBe('duplicate')
    expect(slots.take(heard('a', { counter: 5 }))).toBe('duplicate')
    expect(slots.here('a')).toEqual([])
    expect(slots.take(heard('a', { counter: 6 }))).not.toBe('duplicate')
    expect(slots.here('a')).toHaveLength(1)
  })

  it('PR-6: what is said here does not expire', () => {
    const { slots, clock } = table()
    slots.take(heard('self', {}, true))
    clock.advance(10 * limit.EXPIRY_MS)
    expect(slots.here('a')).toHaveLength(1)
    expect(clock.timers).toBe(0)
  })

  it('an age is within what may be told, wherever the clock goes', () => {
    const { slots, clock } = table()
    const slot = slots.take({ ...heard('self', {}, true), ageMs: 10 })
    if (typeof slot === 'string') throw new Error(slot)
    expect(slots.ageMs(slot)).toBe(10)
    clock.advance(limit.EXPIRY_MS)
    expect(slots.ageMs(slot)).toBe(limit.EXPIRY_MS)
    slot.saidAt = clock.nowMs + 1
    expect(slots.ageMs(slot)).toBe(0)
  })
})
