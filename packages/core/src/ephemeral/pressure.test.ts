import { describe, expect, it } from 'vitest'
import { Allowance } from './allowance.ts'
import * as limit from './limits.ts'
import { Parked } from './parked.ts'
import { Scene, turn } from './presences.test-support.ts'

const many = (count: number) => Array.from({ length: count }, (_, n) => n)

describe('passing on', () => {
  it('PR-15: what is new goes to every other session, with one hop less and its age', async () => {
    const scene = await Scene.open()
    const ana = await scene.somebody('ana')
    const [link, ben, cleo] = [
      scene.join(ana),
      scene.join(await scene.somebody('ben')),
      scene.join(await scene.somebody('cleo')),
    ]
    const said = await scene.says(ana, 'x', { hops: 5, ageMs: 700 })
    await link.hear(said)
    await scene.pass(limit.PACE_MS)
    expect(link.sent).toEqual([])
    for (const other of [ben, cleo]) expect(other.sent).toEqual([{ type: 'presence', ...said, hops: 4 }])
  })

  it('PR-15: at 0 hops it is passed on to nobody', async () => {
    const scene = await Scene.open()
    const ana = await scene.somebody('ana')
    const [link, ben] = [scene.join(ana), scene.join(await scene.somebody('ben'))]
    await link.hear(await scene.says(ana, 'near', { hops: 0 }))
    await scene.pass(limit.PACE_MS)
    expect(scene.others()).toEqual([['ana', 'near']])
    expect(ben.sent).toEqual([])
    await link.hear(await scene.says(ana, 'far', { hops: 1 }))
    await scene.pass(limit.PACE_MS)
    expect(ben.told()).toEqual(['far'])
  })

  it('PR-15: who told it meanwhile is not told it', async () => {
    const scene = await Scene.open()
    const ana = await scene.somebody('ana')
    const [link, ben] = [scene.join(ana), scene.join(await scene.somebody('ben'))]
    await link.hear(await scene.says(ana, 1))
    expect(ben.told()).toEqual([1])
    const said = await scene.says(ana, 2)
    await link.hear(said)
    // Ben is still paced, and hears it another way.
    await ben.hear(said)
    await scene.pass(limit.PACE_MS)
    expect(ben.told()).toEqual([1])
  })

  it('PR-16: a session that opens is told who is here, at its age, and not who is gone', async () => {
    const scene = await Scene.open()
    const [ana, ben] = [await scene.somebody('ana'), await scene.somebody('ben')]
    await scene.join(ana).hear(await scene.says(ana, 'x'))
    await scene.join(ben).hear(await scene.says(ben, 'y'), await scene.says(ben, undefined))
    scene.presence().say('me')
    await scene.pass(2_000)
    const late = scene.join(await scene.somebody('cleo'))
    await scene.pass(limit.PACE_MS)
    expect(late.told()).toEqual(['x', 'me'])
    for (const one of late.sent) expect(one).toMatchObject({ ageMs: 2_000 })
  })

  it('PR-16: a session that is granted more is told who is there, and nothing twice', async () => {
    const scene = await Scene.open({ read: ['a', 'b'] })
    const link = scene.join(await scene.somebody('ana', { read: ['a', 'b'] }))
    for (const channel of ['a', 'b']) scene.presence(channel).say(channel)
    await scene.pass(limit.PACE_MS)
    expect(link.told()).toEqual(['a'])
    link.link.tells(new Set(['a', 'b']))
    await scene.pass(limit.PACE_MS)
    expect(link.told()).toEqual(['a', 'b'])
    link.link.tells(new Set(['b']))
    scene.presence('a').say('secret')
    await scene.pass(limit.PACE_MS)
    expect(link.told()).toEqual(['a', 'b'])
  })
})

describe('pressure', () => {
  it('PR-17: a turn has TURN_MESSAGES_MAX messages, the next comes after PACE_MS', async () => {
    const scene = await Scene.open()
    const { hear } = scene.join(await scene.hub())
    for (const n of many(limit.TURN_MESSAGES_MAX + 1)) {
      const who = await scene.somebody(`${n}`)
      scene.kept.set(who.credential.hash, who.credential)
      await hear(await scene.says(who, n))
    }
    const link = scene.join(await scene.somebody('ana'))
    expect(link.told()).toHaveLength(limit.TURN_MESSAGES_MAX)
    await scene.pass(limit.PACE_MS - 1)
    expect(link.told()).toHaveLength(limit.TURN_MESSAGES_MAX)
    await scene.pass(1)
    expect(link.told()).toHaveLength(limit.TURN_MESSAGES_MAX + 1)
  })

  it('PR-17: a turn ends with the message that reaches TURN_BYTES_MAX', async () => {
    const scene = await Scene.open()
    const { hear } = scene.join(await scene.hub())
    for (const n of many(limit.TURN_MESSAGES_MAX)) {
      const who = await scene.somebody(`${n}`)
      scene.kept.set(who.credential.hash, who.credential)
      await hear(await scene.says(who, 'x'.repeat(1_000)))
    }
    const link = scene.join(await scene.somebody('ana'))
    // 1,000 and two quotes of the value, the channel, and 192 for the rest.
    expect(link.told()).toHaveLength(Math.ceil(limit.TURN_BYTES_MAX / 1_195))
  })

  it('PR-17: a slow reader gets the newest of each, and never a queue', async () => {
    const scene = await Scene.open()
    const [ana, ben] = [await scene.somebody('ana'), await scene.somebody('ben')]
    const [fromAna, fromBen] = [scene.join(ana), scene.join(ben)]
    const slow = scene.join(await scene.somebody('cleo'))
    slow.state.bufferedBytes = limit.BUFFER_LOW_BYTES + 1
    for (const n of many(100)) {
      await fromAna.hear(await scene.says(ana, n))
      await fromBen.hear(await scene.says(ben, -n))
    }
    await scene.pass(5_000)
    expect(slow.sent).toEqual([])
    slow.state.bufferedBytes = limit.BUFFER_LOW_BYTES
    await scene.pass(limit.HELD_MS)
    expect(slow.told()).toEqual([99, -99])
  })

  it('PR-18: nothing is sent while data is held back', async () => {
    const scene = await Scene.open()
    const link = scene.join(await scene.somebody('ana'))
    link.state.isDataHeld = true
    scene.presence().say('x')
    await scene.pass(10 * limit.HELD_MS)
    expect(link.sent).toEqual([])
    link.state.isDataHeld = false
    await scene.pass(limit.HELD_MS - 1)
    expect(link.sent).toEqual([])
    await scene.pass(1)
    expect(link.told()).toEqual(['x'])
  })

  it('PR-17: who came and was forgotten while a link was held is not remembered for it', async () => {
    const scene = await Scene.open()
    const ana = await scene.somebody('ana')
    const [link, held] = [scene.join(ana), scene.join(await scene.somebody('ben'))]
    held.state.isDataHeld = true
    await link.hear(await scene.says(ana, 'x'), await scene.says(ana, undefined))
    await scene.pass(limit.GONE_KEPT_MS + limit.HELD_MS)
    expect(scene.world.clock.timers).toBe(0)
    held.state.isDataHeld = false
    await scene.pass(limit.HELD_MS)
    expect(held.sent).toEqual([])
  })

  it('PR-19: the rest of a window is dropped unread; the next window is read', async () => {
    let now = 5_000
    const messages = new Allowance(() => now)
    for (const _ of many(limit.ARRIVALS_MAX)) expect(messages.admits(1)).toBe(true)
    expect(messages.admits(1)).toBe(false)
    const bytes = new Allowance(() => now)
    expect(bytes.admits(limit.ARRIVAL_BYTES_MAX)).toBe(true)
    expect(bytes.admits(1)).toBe(false)
    now += limit.ARRIVAL_WINDOW_MS - 1
    expect([messages.admits(1), bytes.admits(1)]).toEqual([false, false])
    now += 1
    expect([messages.admits(1), bytes.admits(1)]).toEqual([true, true])
    for (const _ of many(limit.ARRIVALS_MAX)) messages.admits(1)
    expect(messages.admits(1)).toBe(false)
    now = 0
    expect(messages.admits(1)).toBe(true)
  })

  it('PR-19: a link counts what it does not admit, and admits nothing when it ended', async () => {
    const scene = await Scene.open()
    const { link, state } = scene.join(await scene.somebody('ana'))
    expect(link.admits(limit.ARRIVAL_BYTES_MAX)).toBe(true)
    expect(link.admits(1)).toBe(false)
    expect(state.dropped).toBe(1)
    link.end(false)
    await scene.pass(limit.ARRIVAL_WINDOW_MS)
    expect(link.admits(1)).toBe(false)
  })

  it(`PR-19: CHECKS_MAX: ${limit.CHECKS_MAX} checks at once, one more is dropped`, async () => {
    const scene = await Scene.open()
    const ben = await scene.somebody('ben')
    scene.kept.set(ben.credential.hash, ben.credential)
    const relay = scene.join(await scene.somebody('relay'))
    await relay.hear(await scene.says(ben, 'known'))
    const said = await Promise.all(many(limit.CHECKS_MAX + 1).map((n) => scene.says(ben, n)))
    await relay.hear(...said.slice(0, -1))
    expect(scene.dropped()).toEqual({})
    expect(scene.presences.checks).toBe(0)
    const newer = await Promise.all(many(limit.CHECKS_MAX + 1).map((n) => scene.says(ben, n)))
    await relay.hear(...newer)
    expect(scene.dropped()).toEqual({ busy: 1 })
    expect(scene.others()).toEqual([['ben', limit.CHECKS_MAX - 1]])
  })

  it('PR-12: who waits for an answer is asked for again after a beat, and makes room after an expiry', async () => {
    const scene = await Scene.open()
    const said = await Promise.all(
      many(limit.PARKED_MAX + 1).map(async (n) => scene.says(await scene.somebody(`${n}`), n)),
    )
    let now = 0
    const parked = new Parked(() => now)
    for (const one of said.slice(0, -1)) expect(parked.park(one)).toBe('ask')
    expect(parked.park(said[0]!)).toBe('wait')
    now = limit.BEAT_MS
    expect(parked.park(said[0]!)).toBe('ask')
    expect(parked.park(said[0]!)).toBe('wait')
    now = limit.EXPIRY_MS - 1
    expect(parked.park(said.at(-1)!)).toBe('full')
    now = limit.EXPIRY_MS
    expect(parked.park(said.at(-1)!)).toBe('ask')
    expect(parked.take(said[1]!.credential)).toEqual([])
    expect(parked.take(said[0]!.credential)).toEqual([said[0]])
    parked.clear()
    expect(parked.isEmpty).toBe(true)
  })

  it('PR-22: a peer that hushes is told nothing more, and is still heard', async () => {
    const scene = await Scene.open()
    const ana = await scene.somebody('ana')
    const { link, sent, hear } = scene.join(ana)
    link.take({ type: 'hush' })
    scene.presence().say('x')
    await scene.pass(limit.BEAT_MS)
    expect(sent).toEqual([])
    await hear(await scene.says(ana, 'y'))
    expect(scene.others()).toEqual([['ana', 'y']])
  })

  it('a session that ends leaves no timer', async () => {
    const scene = await Scene.open()
    const { link } = scene.join(await scene.somebody('ana'))
    scene.presence().say('x')
    await turn()
    scene.presence().leave()
    await turn()
    link.end(false)
    link.end(false)
    await scene.pass(limit.GONE_KEPT_MS)
    expect(scene.world.clock.timers).toBe(0)
    expect(scene.presences.size).toEqual({ slots: 0, here: 0, links: 0 })
  })
})
