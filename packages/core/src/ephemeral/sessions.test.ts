/** Presence beside data in one session: data goes first, and nothing of presence is a reason for data to wait. */
import { describe, expect, it } from 'vitest'
import { INITIAL_CREDIT_BYTES } from '../session/limits.ts'
import { connect, meet, scene, settle } from '../session/pair.test-support.ts'
import * as limit from './limits.ts'
import { Presence } from './presence.ts'
import { present } from './presences.test-support.ts'

const line = (n: number) => ({ record: `r${n}`, channels: ['a'], text: `${n} ${'x'.repeat(60_000)}` })
const beyondCredit = Array.from({ length: Math.ceil(INITIAL_CREDIT_BYTES / 60_000) + 4 }, (_, n) => line(n))

describe('presence beside data', () => {
  it('PR-18: waits while data waits for credit, is then told at its newest, and costs no credit itself', async () => {
    const { world, hub, edge } = await scene()
    const [told, heard] = [present(hub).presences, present(edge).presences]
    let release: () => void = () => undefined
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const met = await meet({ hub, edge }, { hub: { compress: 'never' } })
    edge.beforeDeliver = () => gate
    await hub.write(...beyondCredit)
    await settle(met.link)
    for (const value of [1, 2, 3]) {
      new Presence('a', told).say(value)
      await settle(met.link)
      world.clock.advance(limit.HELD_MS)
      await settle(met.link)
    }
    expect(met.sent.filter(({ name }) => name === 'presence')).toEqual([])
    expect(met.acceptor.current).toBe(false)
    release()
    await settle(met.link)
    expect(met.acceptor.current).toBe(true)
    world.clock.advance(limit.HELD_MS)
    await settle(met.link)
    expect(new Presence('a', heard).others()).toMatchObject([{ subject: 'hub', value: 3 }])
    expect(met.sent.filter(({ name }) => name === 'presence')).toHaveLength(1)
    expect(await edge.texts()).toHaveLength(beyondCredit.length)
  })

  it('PR-17, PR-18: a reader that does not read is told the newest when it reads again', async () => {
    const { world, hub, edge } = await scene()
    const [told, heard] = [present(hub).presences, present(edge).presences]
    const met = await meet({ hub, edge }, { hub: { compress: 'never' } })
    await hub.write(line(1), line(2))
    for (const value of Array.from({ length: 50 }, (_, n) => n)) {
      new Presence('a', told).say(value)
      for (let n = 0; n < 20; n++) await Promise.resolve()
      world.clock.advance(limit.PACE_MS)
    }
    expect(met.link.pending().initiator).toBeLessThan(5)
    await settle(met.link)
    world.clock.advance(limit.HELD_MS)
    await settle(met.link)
    expect(new Presence('a', heard).others()).toMatchObject([{ value: 49 }])
  })

  it('PR-16: what an acceptor tells before WELCOME was judged is heard after it', async () => {
    const { hub, edge } = await scene()
    const [told, heard] = [present(hub).presences, present(edge).presences]
    new Presence('a', told).say('early')
    const met = connect({ hub, edge })
    await settle(met.link)
    expect(new Presence('a', heard).others()).toMatchObject([{ subject: 'hub', value: 'early' }])
  })
})
