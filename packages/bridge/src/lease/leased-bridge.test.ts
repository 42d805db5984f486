import { describe, expect, test } from 'vitest'
import type { BridgeEvent } from '../context.ts'
import { LEASE_MARGIN_MS, LEASE_MS, LEASE_RETRY_MS } from '../limits.ts'
import type { LeaseAnswer, LeaseOffice } from './lease-office.ts'
import { LeasedBridge } from './leased-bridge.ts'

/** A clock that the test moves; timers fire in its order. */
class Clock {
  now = 1_000_000
  readonly #timers = new Set<{ at: number; run: () => void }>()

  host() {
    return {
      now: () => this.now,
      random: (bytes: number) => new Uint8Array(bytes),
      sha256: (bytes: Uint8Array) => bytes,
      timer: (delayMs: number, run: () => void) => {
        const timer = { at: this.now + delayMs, run }
        this.#timers.add(timer)
        return () => this.#timers.delete(timer)
      },
    }
  }

  async pass(ms: number): Promise<void> {
    const until = this.now + ms
    for (;;) {
      await settled()
      const [next] = [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
      if (!next) break
      this.#timers.delete(next)
      this.now = Math.max(this.now, next.at)
      next.run()
    }
    this.now = until
    await settled()
  }
}

async function settled(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve()
}

function world(answers: (askedMs: number) => LeaseAnswer | Promise<LeaseAnswer>) {
  const clock = new Clock()
  const began = clock.now
  const told: BridgeEvent[] = []
  const calls: string[] = []
  const state = { starts: 0, open: 0, failStart: false, released: 0 }
  const office: LeaseOffice = {
    acquire: async () => {
      calls.push(`${clock.now - began}`)
      return answers(clock.now - began)
    },
    release: async () => {
      state.released += 1
    },
  }
  const start = async () => {
    if (state.failStart) throw new Error('the store is locked')
    state.starts += 1
    state.open += 1
    return {
      close: async () => {
        state.open -= 1
      },
    }
  }
  const node = new LeasedBridge({
    system: 'crm',
    office,
    host: clock.host(),
    start,
    events: (event) => told.push(event),
  })
  return { clock, node, state, calls, codes: () => told.map(({ code }) => code) }
}

const held = (epoch = 1): LeaseAnswer => ({ kind: 'held', epoch, ms: LEASE_MS })
const other: LeaseAnswer = { kind: 'other', words: 'crm is lent to ann, in epoch 1', retryAfterMs: 60_000 }
const silent: LeaseAnswer = { kind: 'unknown', reason: 'connect ECONNREFUSED' }

describe('B-165: a bridge runs while its system is lent to this node', () => {
  test('not before, and once', async () => {
    const { clock, node, state, calls } = world((ms) => (ms < 2_500 ? other : held()))
    await clock.pass(2_000)
    expect([state.starts, node.epoch, node.bridge]).toEqual([0, undefined, undefined])
    // However long the other one may keep it, it may end earlier.
    expect(calls).toEqual(['0', `${LEASE_RETRY_MS}`, `${2 * LEASE_RETRY_MS}`])
    await clock.pass(60_000)
    expect([state.starts, state.open, node.epoch]).toEqual([1, 1, 1])
    expect(node.bridge).toBeDefined()
    await node.close()
    expect([state.open, state.released]).toEqual([0, 1])
  })

  test('who never had it gives nothing back', async () => {
    const { clock, node, state } = world(() => other)
    await clock.pass(5_000)
    await node.close()
    expect(state.released).toBe(0)
  })

  test('one that does not start is tried again', async () => {
    const { clock, state, codes } = world(() => held())
    state.failStart = true
    await clock.pass(LEASE_MS)
    expect(codes()).toContain('lease-failed')
    state.failStart = false
    await clock.pass(LEASE_MS)
    expect(state.open).toBe(1)
  })
})

describe('B-166, B-167: it is over here before the hub lends it to another one', () => {
  test('a hub that does not answer ends nothing before the time is up', async () => {
    const { clock, state, codes } = world((ms) => (ms === 0 ? held() : silent))
    await clock.pass(LEASE_MS - LEASE_MARGIN_MS - 1)
    expect(state.open).toBe(1)
    await clock.pass(1)
    expect([state.open, codes().at(-1)]).toEqual([0, 'lease-over'])
  })

  test('renewed after a third of its time, it goes on', async () => {
    const { clock, state } = world(() => held())
    await clock.pass(20 * LEASE_MS)
    expect([state.starts, state.open]).toEqual([1, 1])
  })

  test('an answer that was long on its way is worth what is left of it', async () => {
    const slow = world(
      () =>
        new Promise((resolve) => slow.clock.host().timer(LEASE_MS - LEASE_MARGIN_MS, () => resolve(held()))),
    )
    await slow.clock.pass(LEASE_MS)
    expect(slow.state.starts).toBe(0)
  })

  test('lent to another one, it is closed at once', async () => {
    const { clock, state, node } = world((ms) => (ms < 3 * LEASE_MS ? held() : other))
    await clock.pass(3 * LEASE_MS + LEASE_MS / 3)
    expect([state.open, node.epoch]).toEqual([0, undefined])
  })

  test('a clock that is set back ends it at the next look', async () => {
    const { clock, state } = world((ms) => (ms >= 0 ? held() : silent))
    await clock.pass(100)
    expect(state.open).toBe(1)
    clock.now -= 3_600_000
    await clock.pass(3_600_000 + LEASE_MS)
    expect(state.starts).toBeGreaterThanOrEqual(1)
    const back = world((ms) => (ms === 0 ? held() : silent))
    await back.clock.pass(100)
    back.clock.now -= 50
    await back.clock.pass(LEASE_MS)
    expect(back.state.open).toBe(0)
  })
})

test('B-168: in another epoch it is started anew', async () => {
  const { clock, state, node } = world((ms) => held(ms < 3 * LEASE_MS ? 1 : 3))
  await clock.pass(4 * LEASE_MS)
  expect([state.starts, state.open, node.epoch]).toEqual([2, 1, 3])
})

test('RES-7 B-166: when a node dies, the one that waits has the system within ten seconds', async () => {
  // The first one renewed it at this very moment, and died.
  const second = world((ms) => (ms < LEASE_MS ? { ...other, retryAfterMs: LEASE_MS - ms } : held(2)))
  await second.clock.pass(10_000)
  expect(second.state.open).toBe(1)
})
