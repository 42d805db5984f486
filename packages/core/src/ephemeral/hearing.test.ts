import { describe, expect, it } from 'vitest'
import * as limit from './limits.ts'
import { Scene, turn } from './presences.test-support.ts'

describe('hearing', () => {
  it('PR-5: only what is newer counts; anything else goes no further', async () => {
    const scene = await Scene.open()
    const ana = await scene.somebody('ana')
    const link = scene.join(ana)
    const other = scene.join(await scene.somebody('ben'))
    const [first, second] = [await scene.says(ana, 1), await scene.says(ana, 2)]
    await link.hear(second, first, second)
    expect(scene.others()).toEqual([['ana', 2]])
    await scene.pass(limit.PACE_MS)
    expect(other.told()).toEqual([2])
    expect(scene.dropped()).toEqual({ duplicate: 2 })
    expect(link.state.dropped).toBe(2)
  })

  it('PR-5: what was said here comes back and goes no further', async () => {
    const scene = await Scene.open()
    const [one, two] = [scene.join(await scene.somebody('ana')), scene.join(await scene.somebody('ben'))]
    scene.presence().say('mine')
    await turn()
    const [said] = one.sent
    if (said?.type !== 'presence') throw new Error('nothing was said')
    await two.hear(said)
    expect(scene.dropped()).toEqual({ duplicate: 1 })
    expect(scene.others()).toEqual([])
  })

  it('PR-6: who is not heard expires, less the age that the message had', async () => {
    const scene = await Scene.open()
    const [ana, ben] = [await scene.somebody('ana'), await scene.somebody('ben')]
    await scene.join(ana).hear(await scene.says(ana, 'a'))
    await scene.join(ben).hear(await scene.says(ben, 'b', { ageMs: 30_000 }))
    await scene.pass(limit.EXPIRY_MS - 30_000 - 1)
    expect(scene.others()).toHaveLength(2)
    await scene.pass(1)
    expect(scene.others()).toEqual([['ana', 'a']])
    await scene.pass(30_000 - 1)
    expect(scene.others()).toHaveLength(1)
    await scene.pass(1)
    expect(scene.others()).toEqual([])
  })

  it('PR-6: what is as old as an expiry says nothing any more', async () => {
    const scene = await Scene.open()
    const ana = await scene.somebody('ana')
    const link = scene.join(ana)
    await link.hear(await scene.says(ana, 'old', { ageMs: limit.EXPIRY_MS }))
    expect(scene.dropped()).toEqual({ 'too-old': 1 })
    await link.hear(await scene.says(ana, 'younger', { ageMs: limit.EXPIRY_MS - 1 }))
    expect(scene.others()).toEqual([['ana', 'younger']])
  })

  it('PR-6: a late copy of who left or expired is known, until it is forgotten', async () => {
    const scene = await Scene.open()
    const ana = await scene.somebody('ana')
    const link = scene.join(ana)
    const [here, left] = [await scene.says(ana, 'x'), await scene.says(ana, undefined)]
    await link.hear(here, left)
    await scene.pass(limit.GONE_KEPT_MS - 1)
    await link.hear(here)
    expect(scene.others()).toEqual([])
    expect(scene.presences.size).toEqual({ slots: 1, here: 0, links: 1 })
    await scene.pass(1)
    expect(scene.presences.size.slots).toBe(0)
    expect(scene.world.clock.timers).toBe(0)
  })

  it('PR-6: a wall clock that is set changes nothing', async () => {
    const scene = await Scene.open()
    const ana = await scene.somebody('ana')
    const link = scene.join(ana)
    await link.hear(await scene.says(ana, 'x'))
    const { now } = scene.host
    scene.presences.host.now = () => now() - 9 * 365 * 86_400_000
    await link.hear(await scene.says(ana, 'y'))
    scene.presences.host.now = now
    await scene.pass(limit.EXPIRY_MS - 1)
    expect(scene.others()).toEqual([['ana', 'y']])
    await scene.pass(1)
    expect(scene.others()).toEqual([])
  })

  it('PR-7: of a node that was started again only the newer instance is shown, also when that leaves', async () => {
    const scene = await Scene.open()
    const ana = await scene.somebody('ana')
    const link = scene.join(ana)
    const again = { instance: '02'.repeat(16) }
    await link.hear(await scene.says(ana, 'before'), await scene.says(ana, 'after', { ...again, counter: 1 }))
    expect(scene.others()).toEqual([['ana', 'after']])
    await link.hear(await scene.says(ana, undefined, again))
    expect(scene.others()).toEqual([])
  })

  it('PR-8: a session that ends takes nothing along', async () => {
    const scene = await Scene.open()
    const ana = await scene.somebody('ana')
    const { link, hear } = scene.join(ana)
    await hear(await scene.says(ana, 'x'))
    link.end(false)
    expect(scene.others()).toEqual([['ana', 'x']])
    await scene.pass(limit.EXPIRY_MS)
    expect(scene.others()).toEqual([])
  })

  it('a value that is no JSON is dropped', async () => {
    const scene = await Scene.open()
    const ana = await scene.somebody('ana')
    const link = scene.join(ana)
    await link.hear(await scene.says(ana, 'x', { value: Uint8Array.of(0x7b) }))
    await link.hear(await scene.says(ana, 'x', { value: Uint8Array.of(0xff) }))
    expect(scene.dropped()).toEqual({ 'bad-value': 2 })
  })

  it('subscribers hear of changes, not of repetition, once a turn; what they throw harms nobody', async () => {
    const scene = await Scene.open()
    const ana = await scene.somebody('ana')
    const link = scene.join(ana)
    let heard = 0
    scene.presence().subscribe(() => {
      throw new Error('in the app')
    })
    const stop = scene.presence().subscribe(() => {
      heard += 1
    })
    const says = async (value: string | undefined) => link.hear(await scene.says(ana, value))
    await says('x')
    await says('x')
    expect(heard).toBe(1)
    await link.hear(await scene.says(ana, 'y'), await scene.says(ana, 'z'))
    expect(heard).toBe(2)
    await says(undefined)
    expect(heard).toBe(3)
    stop()
    await says('x')
    expect(heard).toBe(3)
    expect(scene.failures).toHaveLength(4)
  })

  it('what is shown is a copy, and says how old it is', async () => {
    const scene = await Scene.open()
    const ana = await scene.somebody('ana')
    await scene.join(ana).hear(await scene.says(ana, { at: [1] }, { ageMs: 500 }))
    await scene.pass(1_000)
    const [other] = scene.presence().others()
    expect(other).toEqual({ node: ana.node, subject: 'ana', value: { at: [1] }, heardMsAgo: 1_500 })
    ;(other!.value as { at: number[] }).at.push(2)
    expect(scene.others()).toEqual([['ana', { at: [1] }]])
  })
})
