import { describe, expect, it } from 'vitest'
import { equalBytes } from '../bytes/compare.ts'
import * as limit from './limits.ts'
import type { PresenceMessage } from './port.ts'
import { type Played, Scene, type Somebody, turn } from './presences.test-support.ts'

const asked = ({ sent }: Played) => sent.filter(({ type }) => type === 'who')
const author = ({ credential }: Somebody): PresenceMessage => ({ type: 'author', token: credential.token })

describe('rights', () => {
  it('PR-9: a right to read is needed to be present, and enough', async () => {
    const scene = await Scene.open()
    const [reader, writer] = [
      await scene.somebody('reader', { read: ['a'], write: [] }),
      await scene.somebody('writer', { read: [], write: ['a'] }),
    ]
    const hub = scene.join(await scene.hub())
    for (const who of [reader, writer]) scene.kept.set(who.credential.hash, who.credential)
    await hub.hear(await scene.says(reader, 'looks on'), await scene.says(writer, 'blind'))
    expect(scene.others()).toEqual([['reader', 'looks on']])
    expect(scene.dropped()).toEqual({ 'not-granted': 1 })
  })

  it('PR-10: told are only channels that the peer was granted', async () => {
    const scene = await Scene.open({ read: ['a', 'b'] })
    const onA = scene.join(await scene.somebody('onA'))
    const onBoth = scene.join(await scene.somebody('onBoth', { read: ['a', 'b'] }), 'all')
    scene.presence('a').say('in a')
    scene.presence('b').say('in b')
    await scene.pass(limit.PACE_MS)
    expect(onA.told()).toEqual(['in a'])
    expect(onBoth.told()).toEqual(['in a', 'in b'])
  })

  it('PR-10: heard are only channels that both may read', async () => {
    const scene = await Scene.open({ read: ['a', 'c'] })
    const ana = await scene.somebody('ana', { read: ['a', 'b'] })
    const link = scene.join(ana)
    for (const channel of ['b', 'c']) await link.hear(await scene.says(ana, 'x', { channel }))
    const ben = await scene.somebody('ben', { read: ['c'] })
    scene.kept.set(ben.credential.hash, ben.credential)
    await link.hear(await scene.says(ben, 'carried', { channel: 'c' }))
    expect(scene.dropped()).toEqual({ 'not-granted': 3 })
    expect(scene.others('c')).toEqual([])
    await link.hear(await scene.says(ana, 'x'))
    expect(scene.presences.size.slots).toBe(1)
  })

  it('PR-11: what the author tells, and what the authority tells, costs no signature', async () => {
    const scene = await Scene.open()
    const [ana, ben] = [await scene.somebody('ana'), await scene.somebody('ben')]
    scene.kept.set(ben.credential.hash, ben.credential)
    await scene.join(ana).hear(await scene.says(ana, 'a'))
    await scene.join(await scene.hub()).hear(await scene.says(ben, 'b'))
    expect(scene.others()).toEqual([
      ['ana', 'a'],
      ['ben', 'b'],
    ])
    expect(scene.verified).toBe(0)
  })

  it('PR-11: what another tells is checked by its signature, once', async () => {
    const scene = await Scene.open()
    const ben = await scene.somebody('ben')
    scene.kept.set(ben.credential.hash, ben.credential)
    const [one, two] = [scene.join(await scene.somebody('one')), scene.join(await scene.somebody('two'))]
    const said = await scene.says(ben, 'b')
    await one.hear(said)
    await two.hear(said)
    expect(scene.others()).toEqual([['ben', 'b']])
    expect(scene.verified).toBe(1)
  })

  it('PR-11: nobody can say something in the name of another, nor move its counter', async () => {
    const scene = await Scene.open()
    const [ben, mallory] = [await scene.somebody('ben'), await scene.somebody('mallory')]
    scene.kept.set(ben.credential.hash, ben.credential)
    const link = scene.join(mallory)
    const said = await scene.says(ben, 'true')
    const forged = [
      { ...said, value: new TextEncoder().encode('"false"') },
      { ...said, counter: 2 ** 40 },
      { ...said, channel: 'b' },
      { ...said, kind: 'left' as const },
      { ...said, instance: '0a'.repeat(16) },
      { ...(await scene.says(ben, 'x')), signature: said.signature },
      await scene.says(ben, 'said elsewhere', {}, 'south'),
    ]
    await link.hear(...forged)
    expect(scene.dropped()).toEqual({ 'bad-signature': 6, 'not-granted': 1 })
    await link.hear(said)
    expect(scene.others()).toEqual([['ben', 'true']])
  })

  it('PR-11: what was said under one credential is not taken as said under another of the same key', async () => {
    const scene = await Scene.open()
    const ben = await scene.somebody('ben')
    const newer = scene.authority.issue('ben', ben.credential.publicKey, { read: ['a'], systems: ['x'] })
    for (const one of [ben.credential, newer]) scene.kept.set(one.hash, one)
    const link = scene.join(await scene.somebody('relay'))
    await link.hear({ ...(await scene.says(ben, 'x')), credential: newer.hash })
    expect(scene.dropped()).toEqual({ 'bad-signature': 1 })
  })

  it('PR-12: an author that is not known is asked for once, and heard after the answer', async () => {
    const scene = await Scene.open()
    const ben = await scene.somebody('ben')
    const link = scene.join(await scene.somebody('relay'))
    await link.hear(await scene.says(ben, 1), await scene.says(ben, 2))
    await scene.pass(limit.PACE_MS)
    expect(asked(link)).toEqual([{ type: 'who', credential: ben.credential.hash }])
    expect(scene.others()).toEqual([])
    link.link.take(author(ben))
    await turn()
    expect(scene.others()).toEqual([['ben', 2]])
    await link.hear(await scene.says(ben, 3))
    expect(asked(link)).toHaveLength(1)
    expect(scene.others()).toEqual([['ben', 3]])
  })

  it('PR-12: who is asked answers, if it knows the author', async () => {
    const scene = await Scene.open()
    const ana = await scene.somebody('ana')
    await scene.join(ana).hear(await scene.says(ana, 'x'))
    const link = scene.join(await scene.somebody('ben'))
    link.link.take({ type: 'who', credential: ana.credential.hash })
    link.link.take({ type: 'who', credential: '0'.repeat(64) })
    await scene.pass(limit.PACE_MS)
    expect(link.sent.filter(({ type }) => type === 'author')).toEqual([author(ana)])
  })

  it('PR-12: an answer that nobody asked for, or that does not hold, is worth nothing', async () => {
    const scene = await Scene.open()
    const [ben, cleo] = [await scene.somebody('ben'), await scene.somebody('cleo')]
    const link = scene.join(await scene.somebody('relay'))
    link.link.take(author(ben))
    await turn()
    await link.hear(await scene.says(ben, 'x'))
    link.link.take(author(cleo))
    link.link.take({ type: 'author', token: 'forged' })
    await turn()
    expect(scene.others()).toEqual([])
    expect(scene.dropped()).toEqual({ 'bad-credential': 1 })
  })

  it(`PR-12: PARKED_MAX: ${limit.PARKED_MAX} messages wait for their authors, no more`, async () => {
    const scene = await Scene.open()
    const link = scene.join(await scene.somebody('relay'))
    for (let n = 0; n < limit.PARKED_MAX; n++)
      await link.hear(await scene.says(await scene.somebody(`${n}`), n))
    expect(scene.dropped()).toEqual({})
    const last = await scene.somebody('last')
    await link.hear(await scene.says(last, 'x'))
    expect(scene.dropped()).toEqual({ 'unknown-author': 1 })
    link.link.take(author(last))
    await turn()
    expect(scene.others()).toEqual([])
  })

  it('PR-13: the authority withdraws who is revoked, and all are told', async () => {
    const scene = await Scene.open({ role: 'authority', read: ['*'] })
    const ana = await scene.somebody('ana')
    const [link, other] = [scene.join(ana), scene.join(await scene.somebody('ben'))]
    await link.hear(await scene.says(ana, 'x'))
    await scene.pass(limit.PACE_MS)
    link.link.end(true)
    expect(scene.others()).toEqual([])
    await scene.pass(limit.PACE_MS)
    expect(other.told()).toEqual(['x', 'withdrawn'])
    const [, withdrawn] = other.sent
    if (withdrawn?.type !== 'presence') throw new Error('nothing was withdrawn')
    expect(equalBytes(withdrawn.signature, new Uint8Array())).toBe(true)
  })

  it('PR-13: withdrawn is believed from the authority only, passed on by authorities, and undone by what is newer', async () => {
    const scene = await Scene.open()
    const ana = await scene.somebody('ana')
    const [link, hub] = [scene.join(ana), scene.join(await scene.hub())]
    const said = await scene.says(ana, 'x')
    await link.hear(said)
    const none = new Uint8Array()
    const withdrawn = { ...said, kind: 'withdrawn' as const, value: none, signature: none }
    await scene.join(await scene.somebody('mallory')).hear(withdrawn)
    expect(scene.others()).toEqual([['ana', 'x']])
    expect(scene.dropped()).toEqual({ 'not-authority': 1 })
    const relayed = scene.join(await scene.somebody('ben'))
    await hub.hear(withdrawn)
    expect(scene.others()).toEqual([])
    await scene.pass(limit.PACE_MS)
    expect(relayed.told()).toEqual(['x'])
    await link.hear(await scene.says(ana, 'back'))
    expect(scene.others()).toEqual([['ana', 'back']])
  })

  it('PR-13: who is no authority lets go for itself and tells nobody', async () => {
    const scene = await Scene.open()
    const ana = await scene.somebody('ana')
    const [link, other] = [scene.join(ana), scene.join(await scene.somebody('ben'))]
    await link.hear(await scene.says(ana, 'x'))
    await scene.pass(limit.PACE_MS)
    link.link.end(true)
    await scene.pass(limit.PACE_MS)
    expect(scene.others()).toEqual([])
    expect(other.told()).toEqual(['x'])
  })

  it('PR-13: a newer credential that grants less withdraws what it does not grant', async () => {
    const scene = await Scene.open({ role: 'authority', read: ['*'] })
    const ana = await scene.somebody('ana', { read: ['a', 'b'] })
    const link = scene.join(ana, 'all')
    const other = scene.join(await scene.somebody('ben', { read: ['a', 'b'] }), new Set(['a', 'b']))
    for (const channel of ['a', 'b']) await link.hear(await scene.says(ana, channel, { channel }))
    await scene.pass(limit.PACE_MS)
    link.state.peer = {
      node: ana.node,
      credential: scene.authority.issue('ana', ana.credential.publicKey, { read: ['a'] }),
    }
    link.link.tells(new Set(['a']))
    await scene.pass(limit.PACE_MS)
    expect(scene.others('a')).toEqual([['ana', 'a']])
    expect(scene.others('b')).toEqual([])
    expect(other.told()).toEqual(['a', 'b', 'withdrawn'])
  })

  it.each([
    ['revoked', (scene: Scene) => void scene.authority.revoked.add('ben')],
    ['expired', (scene: Scene) => void scene.world.clock.advance(86_400_000)],
  ])('PR-13: who is found %s on the way goes at once', async (_, strike) => {
    const scene = await Scene.open()
    const ben = await scene.somebody('ben')
    scene.kept.set(ben.credential.hash, ben.credential)
    const link = scene.join(await scene.somebody('relay'))
    strike(scene)
    await link.hear(await scene.says(ben, 1))
    expect(scene.others()).toEqual([])
    expect(scene.dropped()).toEqual({ 'bad-credential': 1 })
  })

  it('PR-13: and takes what was heard before along', async () => {
    const scene = await Scene.open()
    const ben = await scene.somebody('ben')
    scene.kept.set(ben.credential.hash, ben.credential)
    const link = scene.join(await scene.somebody('relay'))
    await link.hear(await scene.says(ben, 1))
    expect(scene.others()).toEqual([['ben', 1]])
    scene.authority.revoked.add('ben')
    await link.hear(await scene.says(ben, 2))
    expect(scene.others()).toEqual([])
  })

  it('PR-14: a channel that is no longer granted is forgotten, and given up', async () => {
    const scene = await Scene.open({ read: ['a', 'b'] })
    const ana = await scene.somebody('ana', { read: ['a', 'b'] })
    const link = scene.join(ana, new Set(['a', 'b']))
    for (const channel of ['a', 'b']) {
      await link.hear(await scene.says(ana, channel, { channel }))
      scene.presence(channel).say('me')
    }
    await scene.pass(limit.PACE_MS)
    scene.self.credential = scene.authority.issue('self', scene.self.credential.publicKey, { read: ['a'] })
    scene.presences.credentialChanged()
    await turn()
    expect([scene.others('a'), scene.others('b')]).toEqual([[['ana', 'a']], []])
    link.sent.length = 0
    await scene.pass(limit.BEAT_MS + limit.PACE_MS)
    const channels = link.sent.flatMap((one) => (one.type === 'presence' ? [one.channel] : []))
    expect([...new Set(channels)]).toEqual(['a'])
    expect(() => scene.presence('b').say('x')).toThrow(/does not grant/)
  })
})
