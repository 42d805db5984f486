import { describe, expect, it } from 'vitest'
import { VirtualWorld } from '../testing/virtual-host.ts'
import { type BudgetRates, PeerBudgets } from './budget.ts'
import { accepted } from './by-hand.test-support.ts'
import { FakeReplica } from './fake-replica.test-support.ts'
import * as limit from './limits.ts'
import { encodeMessage } from './messages.ts'
import { type Met, meet, type Scene, scene, settle, turn } from './pair.test-support.ts'
import { Throttle } from './throttle.ts'

const budgetsOf = (rates: Partial<BudgetRates>) => new PeerBudgets(rates)
const noise = 'x'.repeat(100_000)

/** Lets time pass second by second, with all that follows from each. */
async function pass(s: Scene, met: Met, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    s.world.clock.advance(1000)
    await settle(met.link)
  }
}

describe('B1, B2: over its budget a peer is slowed', () => {
  it('of messages: what is beyond waits, and nothing is lost', async () => {
    const s = await scene()
    const budgets = budgetsOf({ messages: { perSecond: 1, burst: 5 } })
    const met = await meet(s, { hub: { budgets } })
    for (let i = 0; i < 20; i++) {
      await s.edge.write({ record: 'r/1', text: `${i}` })
      await settle(met.link)
    }
    const soon = await s.hub.texts()
    expect(soon.length).toBeGreaterThan(1)
    expect(soon.length).toBeLessThan(7)
    expect([met.initiator.current, met.acceptor.state]).toEqual([false, 'open'])
    await pass(s, met, 40)
    expect(await s.hub.texts()).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`))
    expect(met.initiator.current).toBe(true)
    expect(met.acceptor.counters.slowedMs).toBeGreaterThan(1000)
    met.initiator.close()
    await settle(met.link)
    expect(s.world.clock.timers).toBe(0)
  })

  it('of bytes: no credit comes back, so that the peer stops by itself', async () => {
    const s = await scene()
    const budgets = budgetsOf({ bytes: { perSecond: 100_000, burst: 100_000 } })
    const lines = Array.from({ length: 40 }, (_, i) => ({ record: `r/${i}`, text: `${i} ${noise}` }))
    await s.edge.write(...lines)
    const met = await meet(s, { hub: { budgets }, edge: { compress: 'never' } })
    const sent = () => met.initiator.counters.bytesOut
    expect(sent()).toBeLessThan(limit.INITIAL_CREDIT_BYTES + 2 * limit.FRAME_BYTES_MAX)
    await pass(s, met, 10)
    expect(sent()).toBeLessThan(limit.INITIAL_CREDIT_BYTES + 2 * limit.FRAME_BYTES_MAX + 1_100_000)
    await pass(s, met, 40)
    expect(await s.hub.texts()).toHaveLength(40)
    expect(met.initiator.current).toBe(true)
  })

  it('of bytes as they are when inflated', async () => {
    const s = await scene()
    const budgets = budgetsOf({ bytes: { perSecond: 1000, burst: 20_000 } })
    const met = await meet(s, { hub: { budgets } })
    const text = 'x'.repeat(limit.DEFLATE_ALWAYS_BYTES_MAX - 1000)
    await s.edge.write({ record: 'r/1', text })
    await settle(met.link)
    expect(met.initiator.counters.bytesOut).toBeLessThan(10_000)
    await s.edge.write({ record: 'r/1', text: 'after' })
    await settle(met.link)
    expect(await s.hub.texts()).toEqual([text])
    await pass(s, met, 30)
    expect(await s.hub.texts()).toEqual([text, 'after'])
  })

  it('of operations: those that were judged wait before they are let in', async () => {
    const s = await scene()
    const budgets = budgetsOf({ operations: { perSecond: 10, burst: 100 } })
    s.hub.operations = ({ items }) => 101 * items.length
    const met = await meet(s, { hub: { budgets } })
    await s.edge.write({ record: 'r/1', text: 'one' })
    await settle(met.link)
    await s.edge.write({ record: 'r/1', text: 'two' })
    await settle(met.link)
    expect(await s.hub.texts()).toEqual(['one'])
    s.world.clock.advance(99)
    await settle(met.link)
    expect(await s.hub.texts()).toEqual(['one'])
    s.world.clock.advance(1)
    await settle(met.link)
    expect(await s.hub.texts()).toEqual(['one', 'two'])
  })

  it('of what it compares: the answer comes later', async () => {
    const s = await scene()
    const budgets = budgetsOf({ messages: { perSecond: 1, burst: 10 } })
    const met = await meet(s, { hub: { budgets } })
    expect(met.initiator.current).toBe(true)
    budgets.of(s.edge.node, s.world.clock.nowMs).spend('messages', 15, s.world.clock.nowMs)
    let audited = false
    void met.initiator.audit().then((audit) => {
      audited = audit !== undefined
    })
    await settle(met.link)
    expect(audited).toBe(false)
    await pass(s, met, 10)
    expect(audited).toBe(true)
  })

  it('what the authority tells is not counted', async () => {
    const s = await scene()
    const budgets = budgetsOf({ messages: { perSecond: 0.001, burst: 1 } })
    const met = await meet(s, { edge: { budgets } })
    for (let i = 0; i < 10; i++) {
      await s.hub.write({ record: 'r/1', channels: ['a'], text: `${i}` })
      await settle(met.link)
    }
    expect(await s.edge.texts()).toHaveLength(10)
    expect(budgets.size).toBe(0)
  })

  it('while one peer waits, others do not', async () => {
    const s = await scene()
    const budgets = budgetsOf({ messages: { perSecond: 0.001, burst: 3 } })
    const slow = await meet(s, { hub: { budgets } })
    for (let i = 0; i < 10; i++) {
      await s.edge.write({ record: 'r/1', text: `slow ${i}` })
      await settle(slow.link)
    }
    const wants = () => ['a']
    const edge = await FakeReplica.open(s.world, s.authority, 'other', { wants, rights: { read: ['a'] } })
    const second = await meet({ hub: s.hub, edge }, { hub: { budgets } })
    await edge.write({ record: 'r/2', text: 'of the other' })
    await settle(second.link)
    expect(await s.hub.texts()).toContain('of the other')
    expect(await s.hub.texts()).not.toContain('slow 9')
  })
})

describe('B2: a session that ends while its peer is slowed', () => {
  it('lets in nothing more, and leaves no timer', async () => {
    const s = await scene()
    const met = await meet(s, { hub: { budgets: budgetsOf({ messages: { perSecond: 0.001, burst: 2 } }) } })
    for (let i = 0; i < 5; i++) {
      await s.edge.write({ record: 'r/1', text: `${i}` })
      await settle(met.link)
    }
    const before = await s.hub.texts()
    met.acceptor.close()
    await settle(met.link)
    await turn()
    expect(s.world.clock.timers).toBe(0)
    expect(await s.hub.texts()).toEqual(before)
    expect((await met.acceptor.closed).error).toBeUndefined()
  })

  it('also when what was judged waits', async () => {
    const s = await scene()
    s.hub.operations = ({ items }) => 5 * items.length
    const budgets = budgetsOf({ operations: { perSecond: 0.001, burst: 5 } })
    const met = await meet(s, { hub: { budgets } })
    await s.edge.write({ record: 'r/1', text: 'one' })
    await settle(met.link)
    s.hub.beforeDeliver = () => {
      budgets.of(s.edge.node, s.world.clock.nowMs).spend('operations', 1, s.world.clock.nowMs)
    }
    await s.edge.write({ record: 'r/1', text: 'two' })
    await settle(met.link)
    met.acceptor.close()
    await settle(met.link)
    expect(await s.hub.texts()).toEqual(['one'])
    expect(s.world.clock.timers).toBe(0)
  })
})

describe('B4: control messages that nothing accounts for', () => {
  const ack = encodeMessage({ type: 'ack', position: 0, head: 0, refusals: [] })
  const want = encodeMessage({ type: 'want', want: { kind: 'nothing' } })

  it.each([
    ['replies', ack, limit.REPLIES.burst],
    ['requests', want, limit.REQUESTS.burst],
  ] as const)(
    '%s: as many as the limit are heard, with one more the session ends',
    async (_, bytes, most) => {
      const { hub, edge } = await scene({ hub: { wants: () => undefined } })
      const met = await accepted(hub, edge)
      // What the session has said so far accounts for a few.
      const besides = bytes === ack ? repliesTo(met.hand.names()) : 0
      for (let i = 0; i < most; i++) met.hand.send(bytes)
      await settle(met.link)
      expect(met.session.state).toBe('open')
      for (let i = 0; i <= besides; i++) met.hand.send(bytes)
      await settle(met.link)
      expect(await met.session.closed).toMatchObject({ code: 4429, reason: 'too-many', retry: true })
    },
  )

  it('each frame accounts for two: whoever only answers is never cut off', () => {
    const { throttle } = throttled({})
    for (let i = 0; i < 2 * limit.REPLIES.burst; i++) {
      throttle.said('frame')
      throttle.heard('ack', 10)
      throttle.heard('credit', 10)
    }
    // What a frame accounts for is not saved up when nothing was spent: the first two came from the burst.
    for (let i = 2; i < limit.REPLIES.burst; i++) throttle.heard('ack', 10)
    expect(() => throttle.heard('ack', 10)).toThrow(/more ack messages/)
  })

  const repliesTo = (names: readonly string[]) =>
    names.reduce((sum, name) => sum + (name === 'frame' ? 2 : name === 'want' ? 1 : 0), 0)
})

describe('B5: a budget is the peer’s', () => {
  it('whoever comes back finds it as it was', async () => {
    const s = await scene()
    const budgets = budgetsOf({ messages: { perSecond: 1, burst: 10 } })
    const first = await meet(s, { hub: { budgets } })
    for (let i = 0; i < 30; i++) {
      await s.edge.write({ record: 'r/1', text: `${i}` })
      await settle(first.link)
    }
    const { length } = await s.hub.texts()
    first.initiator.close()
    await settle(first.link)
    const second = await meet(s, { hub: { budgets } })
    expect(await s.hub.texts()).toHaveLength(length)
    await pass(s, second, 60)
    expect(await s.hub.texts()).toHaveLength(30)
  })

  it('budgets that are full again are dropped when there are many', () => {
    const budgets = budgetsOf({ messages: { perSecond: 1, burst: 10 } })
    for (let i = 0; i < limit.BUDGETS_KEPT_MIN; i++) {
      const budget = budgets.of(`peer ${i}`, 0)
      if (i < 3) budget.spend('messages', 10, 0)
    }
    expect(budgets.size).toBe(limit.BUDGETS_KEPT_MIN)
    const owing = budgets.of('peer 0', 1)
    budgets.of('one more', 1)
    expect(budgets.size).toBe(4)
    expect(budgets.of('peer 0', 1)).toBe(owing)
  })
})

describe('B6: being slowed is told', () => {
  it('with what for and how long, and again after a minute at the earliest', async () => {
    const { throttle, world, told } = throttled({ messages: { perSecond: 1, burst: 5 } })
    const wait = async (messages: number) => {
      for (let i = 0; i < messages; i++) throttle.heard('frame', 10)
      const allowed = throttle.allowed()
      world.clock.advance(messages * 1000)
      expect(await allowed).toBe(true)
    }
    await wait(6)
    expect(told).toEqual([{ by: 'messages', waitMs: 1000 }])
    await wait(53)
    await wait(2)
    expect(told).toHaveLength(1)
    await wait(8)
    expect(told).toHaveLength(2)
  })
})

function throttled(rates: Partial<BudgetRates>) {
  const world = new VirtualWorld(1)
  const told: { by: string; waitMs: number }[] = []
  const throttle = new Throttle({
    host: world.host(),
    budget: new PeerBudgets(rates).of('peer', world.clock.nowMs),
    slowed: (by, waitMs) => told.push({ by, waitMs }),
    waited: () => undefined,
  })
  return { throttle, world, told }
}
