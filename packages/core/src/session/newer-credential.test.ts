import { describe, expect, it } from 'vitest'
import { accepted, at, entry } from './by-hand.test-support.ts'
import { lineOf } from './fake-replica.test-support.ts'
import { decodeMessage, encodeMessage } from './messages.ts'
import { meet, scene, settle } from './pair.test-support.ts'

describe('E3: a newer credential counts between two deliveries', () => {
  const start = 1_767_225_600_000
  const rights = (read: string[], hours: number) => ({ read, expiresAt: start + hours * 3_600_000 })

  it('what is told after it is judged by it, though it comes before the newer one is known to hold', async () => {
    const s = await scene()
    const met = await accepted(s.hub, s.edge)
    const newer = s.authority.issue('edge', s.edge.publicKey, rights(['a', 'b'], 3))
    met.hand.send(encodeMessage({ type: 'credential', token: newer.token }))
    await met.sayFrame({ items: [entry(1, lineOf({ record: 'r/1', text: 'x' }))], position: at(1) })
    const told = s.hub.deliveries.filter(({ items }) => items.length > 0)
    expect(told.map(({ peer }) => peer.credential)).toEqual([newer])
  })

  it('what is being judged by the former one is answered before the newer one counts, and what waited for its position too', async () => {
    const s = await scene({ hub: { refuse: () => 'elsewhere' } })
    const met = await accepted(s.hub, s.edge)
    const line = (id: number) => entry(id, lineOf({ record: `r/${id}`, text: 'x' }))
    await met.sayFrame({ items: [line(1)], position: at(1) })
    await met.sayFrame({ items: [line(2)] })
    let release = () => {}
    s.hub.beforeDeliver = () => new Promise((resolve) => (release = resolve))
    await met.sayFrame({ items: [line(3)] })
    const before = met.hand.names().length
    const newer = s.authority.issue('edge', s.edge.publicKey, rights(['a', 'b'], 3))
    await met.say({ type: 'credential', token: newer.token })
    expect(met.hand.names().slice(before)).toEqual([])
    release()
    await settle(met.link)
    expect(met.hand.names().slice(before, before + 2)).toEqual(['ack', 'granted'])
    expect(met.hand.last('ack')).toMatchObject({ position: 1, refusals: [{ seq: 2 }, { seq: 3 }] })
    expect(s.hub.deliveries.at(-1)!.peer.credential).not.toEqual(newer)
  })

  it('what is asked after it is answered when it counts, each want once, and nobody is in step before', async () => {
    let wants = ['a']
    const s = await scene({ edge: { wants: () => wants } })
    await s.hub.write({ record: 'r/1', channels: ['b'], text: 'one' })
    const { link, acceptor, initiator, sent } = await meet(s)
    const disk = Promise.withResolvers<void>()
    s.hub.remember = () => disk.promise
    wants = ['a', 'b']
    for (const hours of [3, 4, 5]) {
      initiator.renew(s.authority.issue('edge', s.edge.publicKey, rights(['a', 'b'], hours)).token)
      await settle(link)
    }
    expect([initiator.current, acceptor.current]).toEqual([false, false])
    disk.resolve()
    await settle(link)
    expect(await s.edge.texts()).toEqual(['one'])
    expect([initiator.current, acceptor.current]).toEqual([true, true])
    const granted = sent.flatMap(({ name, bytes }) =>
      name === 'granted' ? [decodeMessage(name, bytes, s.edge.log)] : [],
    )
    // For the first credential and for the last one, then for the three wants.
    expect(granted.map(({ wantNumber, read }) => [wantNumber, read.length])).toEqual([
      [0, 1],
      [0, 1],
      [1, 2],
      [2, 2],
      [3, 2],
    ])
  })

  it('the former one may expire while what it sent is still being judged', async () => {
    const s = await scene({ edge: { rights: rights(['a'], 3) } })
    const met = await accepted(s.hub, s.edge)
    let release = () => {}
    s.hub.beforeDeliver = () => new Promise((resolve) => (release = resolve))
    await met.sayFrame({ items: [entry(1, lineOf({ record: 'r/1', text: 'x' }))], position: at(1) })
    const newer = s.authority.issue('edge', s.edge.publicKey, rights(['a'], 9))
    await met.say({ type: 'credential', token: newer.token })
    s.world.clock.advance(4 * 3_600_000)
    release()
    await settle(met.link)
    expect(met.session.peer?.credential).toEqual(newer)
    s.world.clock.advance(5 * 3_600_000)
    expect(met.session.state).toBe('closed')
  })
})
