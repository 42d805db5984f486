import { describe, expect, it } from 'vitest'
import type { Json } from '../records/shape.ts'
import * as limit from './limits.ts'
import { Presence, PresenceRefused } from './presence.ts'
import { Scene, turn } from './presences.test-support.ts'

function codeOf(work: () => void): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof PresenceRefused) return error.code
    throw error
  }
}

describe('saying', () => {
  it('PR-1: what is said takes the place of what was said before, and is told at once', async () => {
    const scene = await Scene.open()
    const link = scene.join(await scene.somebody('ana'))
    scene.presence().say({ at: 1 })
    await turn()
    expect(link.told()).toEqual([{ at: 1 }])
    scene.presence().say({ at: 2 })
    await scene.pass(limit.PACE_MS)
    expect(link.told()).toEqual([{ at: 1 }, { at: 2 }])
  })

  it('PR-1: of what is said while a signature is made only the last is signed', async () => {
    const scene = await Scene.open()
    const link = scene.join(await scene.somebody('ana'))
    for (let n = 1; n <= 100; n++) scene.presence().say(n)
    await scene.pass(limit.PACE_MS)
    expect(scene.signed).toBe(2)
    expect(link.told()).toEqual([1, 100])
  })

  it('PR-1: whenever it is said, the last of it is told', async () => {
    for (let microtasks = 0; microtasks < 30; microtasks++) {
      const scene = await Scene.open()
      const link = scene.join(await scene.somebody('ana'))
      scene.presence().say('first')
      for (let n = 0; n < microtasks; n++) await Promise.resolve()
      scene.presence().say('last')
      await scene.pass(limit.PACE_MS)
      expect([microtasks, link.told().at(-1)]).toEqual([microtasks, 'last'])
    }
  })

  it('what is said here is no news for those who listen here', async () => {
    const scene = await Scene.open()
    let heard = 0
    scene.presence().subscribe(() => {
      heard += 1
    })
    scene.presence().say('x')
    await turn()
    scene.presence().leave()
    await turn()
    expect(heard).toBe(0)
  })

  it('PR-2: it is said again at every beat, until it leaves', async () => {
    const scene = await Scene.open()
    const link = scene.join(await scene.somebody('ana'))
    scene.presence().say('x')
    await scene.pass(3 * limit.BEAT_MS + limit.PACE_MS)
    expect(link.told()).toEqual(['x', 'x', 'x', 'x'])
    scene.presence().leave()
    await scene.pass(3 * limit.BEAT_MS)
    expect(link.told().slice(4)).toEqual(['left'])
  })

  it('PR-2: it is said again at once under another credential, which it then cites', async () => {
    const scene = await Scene.open()
    const link = scene.join(await scene.somebody('ana'))
    scene.presence().say('x')
    await scene.pass(limit.PACE_MS)
    scene.self.credential = scene.authority.issue('self', scene.self.credential.publicKey, {
      read: ['a', 'b'],
    })
    scene.presences.credentialChanged()
    await turn()
    const cited = link.sent.flatMap((one) => (one.type === 'presence' ? [one.credential] : []))
    expect(cited).toHaveLength(2)
    expect(cited[1]).toBe(scene.self.credential.hash)
  })

  it('PR-2: a signature that could not be made is reported, and made at the next beat', async () => {
    const scene = await Scene.open()
    const link = scene.join(await scene.somebody('ana'))
    const { secret } = scene.self
    scene.self.secret = undefined as unknown as Uint8Array
    scene.presence().say('x')
    await turn()
    expect(scene.failures).toHaveLength(1)
    scene.self.secret = secret
    await scene.pass(limit.BEAT_MS)
    expect(link.told()).toEqual(['x'])
  })

  it('PR-3: leaving is told; leaving twice, or where nothing was said, is not', async () => {
    const scene = await Scene.open()
    const link = scene.join(await scene.somebody('ana'))
    scene.presence().leave()
    await scene.pass(limit.PACE_MS)
    expect(link.told()).toEqual([])
    scene.presence().say('x')
    await scene.pass(limit.PACE_MS)
    scene.presence().leave()
    scene.presence().leave()
    await scene.pass(limit.PACE_MS)
    expect(link.told()).toEqual(['x', 'left'])
  })

  it('PR-3: closing leaves every channel, does not wait for the pace, and leaves no timer', async () => {
    const scene = await Scene.open({ read: ['a', 'b'] })
    const ana = await scene.somebody('ana', { read: ['a', 'b'] })
    const link = scene.join(ana, new Set(['a', 'b']))
    await link.hear(await scene.says(ana, 'hers'))
    scene.presence('a').say('x')
    scene.presence('b').say('y')
    await turn()
    await scene.presences.close()
    expect(link.told().slice(-2)).toEqual(['left', 'left'])
    expect(scene.world.clock.timers).toBe(0)
    expect(scene.presences.size).toEqual({ slots: 0, here: 0, links: 0 })
    scene.presence('a').say('too late')
    await link.hear(await scene.says(ana, 'too late'))
    await scene.pass(limit.BEAT_MS)
    expect(link.told().at(-1)).toBe('left')
    expect(scene.world.clock.timers).toBe(0)
  })

  it(`PR-4: VALUE_BYTES_MAX: ${limit.VALUE_BYTES_MAX} bytes of JSON are said, one more is refused`, async () => {
    const scene = await Scene.open()
    const text = (bytes: number) => 'é'.repeat((bytes - 2) / 2)
    scene.presence().say(text(limit.VALUE_BYTES_MAX))
    expect(codeOf(() => scene.presence().say(`${text(limit.VALUE_BYTES_MAX)}x`))).toBe('too-large')
  })

  it(`PR-4: PRESENT_CHANNELS_MAX: present in ${limit.PRESENT_CHANNELS_MAX} channels, in one more it is refused`, async () => {
    const scene = await Scene.open({ read: ['*'] })
    for (let n = 0; n < limit.PRESENT_CHANNELS_MAX; n++) scene.presence(`c${n}`).say(n)
    expect(codeOf(() => scene.presence('more').say(1))).toBe('too-many')
    scene.presence('c0').say('again')
    scene.presence('c0').leave()
    await turn()
    scene.presence('more').say(1)
    await turn()
    expect(scene.presences.size.here).toBe(limit.PRESENT_CHANNELS_MAX)
  })

  it('PR-4: who may not read, is not enrolled, or takes no part is refused; so is what is no JSON', async () => {
    const scene = await Scene.open()
    expect(codeOf(() => scene.presence('b').say(1))).toBe('not-granted')
    expect(codeOf(() => scene.presence().say(undefined as unknown as Json))).toBe('not-json')
    expect(codeOf(() => scene.presence().say(1n as unknown as Json))).toBe('not-json')
    Object.assign(scene.self, { credential: undefined })
    expect(codeOf(() => scene.presence().say(1))).toBe('not-enrolled')
    const off = new Presence('a', undefined)
    expect(codeOf(() => off.say(1))).toBe('off')
    off.leave()
    expect(off.others()).toEqual([])
    off.subscribe(() => undefined)()
  })
})
