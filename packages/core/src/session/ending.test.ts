import { describe, expect, it } from 'vitest'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { accepted, at, challenged, entry, helloOf, welcomed } from './by-hand.test-support.ts'
import * as ending from './ending.ts'
import { FakeReplica, lineOf } from './fake-replica.test-support.ts'
import { encodeFrame } from './frame.ts'
import * as limit from './limits.ts'
import { encodeMessage, messageTypes } from './messages.ts'
import { OpenSessions } from './open-sessions.ts'
import { connect, meet, scene, settle, turn } from './pair.test-support.ts'

describe('E1: the end of a session', () => {
  it('is told with BYE and a close code, whoever ends it', async () => {
    for (const side of ['initiator', 'acceptor'] as const) {
      const met = await meet(await scene())
      met[side].close(ending.closeCodes.draining, 'the hub restarts')
      await settle(met.link)
      for (const session of [met.initiator, met.acceptor]) {
        expect(session.state).toBe('closed')
        expect(await session.closed).toMatchObject({ code: 4503, reason: 'draining', retry: true })
      }
      const other = side === 'initiator' ? met.acceptor : met.initiator
      expect((await other.closed).error).toMatchObject({
        code: 'draining',
        message: expect.stringContaining('the hub restarts'),
      })
    }
  })

  it('is no error when it was simply done, and worth a retry only to the other side', async () => {
    const met = await meet(await scene())
    met.initiator.close()
    await settle(met.link)
    expect(await met.initiator.closed).toEqual({ code: 1000, reason: 'done', retry: false })
    expect(await met.acceptor.closed).toEqual({ code: 1000, reason: 'done', retry: true })
  })

  it('is worth a retry when the link broke', async () => {
    const met = await meet(await scene())
    met.link.cut('no signal')
    await turn()
    expect(await met.initiator.closed).toEqual({ code: 1006, reason: 'no signal', retry: true })
    expect(await met.acceptor.closed).toEqual({ code: 1006, reason: 'no signal', retry: true })
  })

  it('leaves nothing behind: no timer, no listener, nothing sent after BYE', async () => {
    const s = await scene()
    const met = await meet(s)
    met.initiator.close()
    await settle(met.link)
    expect(s.world.clock.timers).toBe(0)
    expect([s.hub.listeners, s.edge.listeners]).toEqual([0, 0])
    const { length } = met.sent
    await s.hub.write({ record: 'r/1', channels: ['a'], text: 'one' })
    met.initiator.rewant()
    met.initiator.renew('late')
    met.initiator.close()
    await settle(met.link)
    expect(met.sent).toHaveLength(length)
  })

  it('leaves work under way without consequence', async () => {
    const s = await scene()
    const met = await meet(s)
    let release: () => void = () => undefined
    const { readChannels } = s.hub
    s.hub.readChannels = async (after, page) => {
      await new Promise<void>((resolve) => (release = resolve))
      return readChannels.call(s.hub, after, page)
    }
    await s.hub.write({ record: 'r/1', channels: ['a'], text: 'one' })
    await turn()
    met.acceptor.close()
    const { length } = met.sent
    release()
    await settle(met.link)
    expect(met.sent).toHaveLength(length)
    expect((await met.acceptor.closed).error).toBeUndefined()
  })

  it('tells what the peer did, and nothing of what is wrong inside', async () => {
    const s = await scene()
    await s.edge.write({ record: 'r/1', text: 'one' })
    s.hub.beforeDeliver = () => {
      throw new TypeError('cannot read properties of undefined')
    }
    const { initiator, acceptor } = await meet(s)
    expect((await acceptor.closed).error).toBeInstanceOf(TypeError)
    const told = await initiator.closed
    expect(told).toMatchObject({ code: 4500, reason: 'internal', retry: true })
    expect(told.error!.message).not.toContain('undefined')
  })

  it('a listener that throws ends its own session only', async () => {
    const s = await scene()
    const { link, acceptor, initiator } = connect(s)
    initiator.onChange(() => {
      throw new Error('a mistake of the app')
    })
    await settle(link)
    expect((await initiator.closed).error?.message).toBe('a mistake of the app')
    expect(await acceptor.closed).toMatchObject({ code: 4500 })
  })

  it('problems are RFC 9457, and cut to PROBLEM_BYTES_MAX', () => {
    const problem = JSON.parse(ending.problemOf(ending.farewell('bad-proof', 'why')))
    expect(problem).toEqual({
      type: 'urn:skerry:problem:bad-proof',
      title: 'bad proof',
      detail: 'why',
      code: 'bad-proof',
      retryable: false,
    })
    for (const character of ['x', 'ß', '€', '\u0000', '"']) {
      const text = ending.problemOf(ending.farewell('internal', character.repeat(limit.PROBLEM_BYTES_MAX)))
      expect(encodeUtf8(text).length).toBeLessThanOrEqual(limit.PROBLEM_BYTES_MAX)
      expect(JSON.parse(text).detail.length).toBeGreaterThan(100)
    }
  })

  it('every close code has a BYE code that means it', () => {
    for (const closeCode of Object.values(ending.closeCodes)) {
      expect(ending.closeCodeOf(ending.farewellByCloseCode(closeCode, '').code)).toBe(closeCode)
    }
    expect(ending.closeCodeOf('constructor')).toBe(4400)
    expect(ending.farewellByCloseCode(4999, '')).toMatchObject({ code: 'protocol-error', closeCode: 4999 })
  })

  it('a BYE whose problem is no JSON still ends the session', async () => {
    const { hub, edge } = await scene()
    const met = await accepted(hub, edge)
    await met.say({ type: 'bye', code: 'whatever', problem: '{' })
    expect(await met.session.closed).toMatchObject({
      code: 4400,
      reason: 'whatever',
      error: { code: 'whatever' },
    })
  })

  it('texts are cut between characters', () => {
    expect(ending.clip('abc', 3)).toBe('abc')
    expect(ending.clip('abcd', 3)).toBe('abc')
    expect(ending.clip('a€', 4)).toBe('a€')
    expect(ending.clip('a€', 3)).toBe('a')
  })
})

describe('E1: hostile peers end their own session at most', () => {
  const types = [...Object.values(messageTypes), 0x24, 0x30, 0x40]

  it('random bytes in every state', async () => {
    const random = new SeededRandom(5)
    const { hub, edge } = await scene()
    for (let i = 0; i < 400; i++) {
      const met = i % 2 === 0 ? await challenged(hub) : await accepted(hub, edge)
      for (let j = 0; j < 4 && met.session.state !== 'closed'; j++) {
        const bytes = random.bytes(random.below(100))
        if (bytes.length > 0) bytes[0] = random.pick(types)
        await met.sayBytes(bytes)
      }
      met.session.close()
      expect(await met.session.closed).toBeDefined()
    }
    expect(hub.head).toBe(0)
    expect((await meet({ hub, edge })).initiator.current).toBe(true)
  })

  it('honest messages damaged in one byte', async () => {
    const random = new SeededRandom(6)
    const { hub, edge } = await scene()
    for (let i = 0; i < 300; i++) {
      const met = await challenged(hub)
      const hello = encodeMessage((await helloOf(edge, met)).message)
      hello[random.below(hello.length)]! ^= 1 + random.below(255)
      await met.sayBytes(hello)
      // A change in `show`, `runs` or `want` is not covered by the proof, and does no harm.
      if (met.session.state === 'open') expect(met.session.peer?.credential.subject).toBe('edge')
      met.session.close()
    }
  })

  it('a peer that asks and never reads is cut off at UNREAD_BYTES_MAX', async () => {
    const names = Array.from({ length: limit.CHANNELS_MAX }, (_, i) =>
      `${i}`.padStart(limit.CHANNEL_BYTES_MAX, '0'),
    )
    const { hub, edge } = await scene({ edge: { rights: { read: ['*'] } } })
    const met = await accepted(hub, edge)
    const want = encodeMessage({
      type: 'want',
      want: { kind: 'channels', cursors: new Map(names.map((name) => [name, undefined])) },
    })
    let asked = 0
    while (met.session.state === 'open' && asked < 100) {
      met.hand.send(want)
      met.link.deliver('acceptor')
      asked += 1
      if (met.session.state === 'open')
        expect(met.link.acceptor.bufferedBytes).toBeLessThan(limit.UNREAD_BYTES_MAX + want.length * 2)
    }
    expect(asked).toBeGreaterThan(limit.UNREAD_BYTES_MAX / want.length - 2)
    await settle(met.link)
    expect(await met.session.closed).toMatchObject({ code: 4429, retry: true, error: { code: 'too-many' } })
  })

  it('a peer that asks anew without end makes one read at a time', async () => {
    const { hub, edge } = await scene()
    await hub.write({ record: 'r/1', channels: ['a'], text: 'one' })
    const met = await accepted(hub, edge)
    let reading = 0
    let most = 0
    const { readChannels } = hub
    hub.readChannels = async (after, page) => {
      most = Math.max(most, ++reading)
      await turn()
      reading -= 1
      return readChannels.call(hub, after, page)
    }
    for (let i = 0; i < 50; i++) {
      met.hand.send(
        encodeMessage({ type: 'want', want: { kind: 'channels', cursors: new Map([['a', undefined]]) } }),
      )
      met.link.flush()
      await Promise.resolve()
    }
    await settle(met.link)
    await turn()
    await settle(met.link)
    expect(most).toBe(1)
    expect(met.hand.names().filter((name) => name === 'granted')).toHaveLength(50)
  })
})

describe('E2: one session per peer log', () => {
  it('a newer one takes the place of the older one', async () => {
    const s = await scene()
    const sessions = new OpenSessions()
    const first = await meet(s, { hub: { sessions } })
    const second = await meet(s, { hub: { sessions } })
    await settle(first.link)
    expect(await first.initiator.closed).toMatchObject({ code: 4409, reason: 'replaced', retry: false })
    expect([second.initiator.state, sessions.size]).toEqual(['open', 1])
    second.initiator.close()
    await settle(second.link)
    expect(sessions.size).toBe(0)
  })

  it('fault A8: who names the log of another device, under a key of its own, ends no session of it', async () => {
    const s = await scene()
    const sessions = new OpenSessions()
    const true1 = await meet(s, { hub: { sessions } })
    const thief = await FakeReplica.open(s.world, s.authority, 'thief', {
      wants: () => ['a'],
      rights: { read: ['a'] },
    })
    Object.assign(thief, { log: s.edge.log })
    const stolen = await meet({ hub: s.hub, edge: thief }, { hub: { sessions } })
    expect([true1.initiator.state, stolen.initiator.state, sessions.size]).toEqual(['open', 'open', 2])
    stolen.initiator.close()
    await settle(stolen.link)
    // Nor does it keep the true one from taking its own place.
    const again = await meet(s, { hub: { sessions } })
    await settle(true1.link)
    expect(await true1.initiator.closed).toMatchObject({ code: 4409 })
    expect([again.initiator.state, sessions.size]).toEqual(['open', 1])
  })

  it('peers that dial each other at once keep both', async () => {
    const s = await scene({ hub: { wants: () => ['a'] } })
    const [hubs, edges] = [new OpenSessions(), new OpenSessions()]
    const one = await meet(s, { hub: { sessions: hubs } })
    const other = await meet({ hub: s.edge, edge: s.hub }, { hub: { sessions: edges } })
    expect([one.initiator.state, other.initiator.state]).toEqual(['open', 'open'])
  })
})

describe('E3: credentials run out', () => {
  const start = 1_767_225_600_000
  const rights = (read: string[], hours: number) => ({ read, expiresAt: start + hours * 3_600_000 })

  it('the acceptor ends the session when it expires, not before', async () => {
    const s = await scene({ edge: { rights: rights(['a'], 3) } })
    const { link, acceptor, initiator } = await meet(s)
    s.world.clock.advance(3 * 3_600_000 - 1)
    await settle(link)
    expect(acceptor.state).toBe('open')
    s.world.clock.advance(1)
    await settle(link)
    expect(await initiator.closed).toMatchObject({ code: 4401, reason: 'credential-expired', retry: false })
  })

  it('the initiator ends it when that of a device expires; that of the authority it does not ask', async () => {
    for (const [role, state] of [
      ['device', 'closed'],
      ['authority', 'open'],
    ] as const) {
      const s = await scene({ hub: { rights: { role, ...rights(['*'], 3) } } })
      const { link, initiator } = await meet(s)
      s.world.clock.advance(3 * 3_600_000 - 1)
      expect(initiator.state).toBe('open')
      s.world.clock.advance(1)
      await settle(link)
      expect(initiator.state).toBe(state)
    }
  })

  it('a newer one keeps it open, and its grant counts at once', async () => {
    const s = await scene({ edge: { wants: () => ['a', 'b'], rights: rights(['a'], 3) } })
    await s.hub.write({ record: 'r/1', channels: ['b'], text: 'in b' })
    const { link, acceptor, initiator } = await meet(s)
    const newer = s.authority.issue('edge', s.edge.publicKey, { ...rights(['a', 'b'], 9), write: ['a'] })
    initiator.renew(newer.token)
    await settle(link)
    expect(initiator.granted).toEqual({ read: ['a', 'b'], write: ['a'] })
    expect(acceptor.peer?.credential).toEqual(newer)
    expect(await s.edge.texts()).toEqual(['in b'])
    expect(await s.hub.credentialByHash(newer.hash)).toEqual(newer)
    s.world.clock.advance(8 * 3_600_000)
    await settle(link)
    expect(acceptor.state).toBe('open')
    expect([initiator.current, acceptor.current]).toEqual([true, true])
    s.world.clock.advance(3_600_000)
    expect(acceptor.state).toBe('closed')
  })

  it('channels that a newer one grants beside are asked for, and told from the beginning', async () => {
    let wants = ['a']
    const s = await scene({ edge: { wants: () => wants, rights: rights(['a'], 3) } })
    await s.hub.write({ record: 'r/1', channels: ['b'], text: 'in b' })
    const { link, initiator } = await meet(s)
    wants = ['a', 'b']
    initiator.renew(s.authority.issue('edge', s.edge.publicKey, rights(['a', 'b'], 3)).token)
    await settle(link)
    expect(initiator.granted.read).toEqual(['a', 'b'])
    expect(await s.edge.texts()).toEqual(['in b'])
    expect(initiator.current).toBe(true)
  })

  it('channels no longer granted are told nothing more, and the others go on where they stood', async () => {
    const s = await scene({ edge: { wants: () => ['a', 'b'], rights: rights(['a', 'b'], 3) } })
    await s.hub.write(
      { record: 'r/1', channels: ['a'], text: 'a1' },
      { record: 'r/2', channels: ['b'], text: 'b1' },
    )
    const { link, initiator } = await meet(s)
    const told = initiator.counters.entriesIn
    initiator.renew(s.authority.issue('edge', s.edge.publicKey, rights(['a'], 3)).token)
    await settle(link)
    await s.hub.write(
      { record: 'r/2', channels: ['b'], text: 'b2' },
      { record: 'r/1', channels: ['a'], text: 'a2' },
    )
    await settle(link)
    expect(await s.edge.texts()).toEqual(['a1', 'b1', 'a2'])
    expect(initiator.counters.entriesIn).toBe(told + 1)
    expect(s.edge.cursors.get(`${s.hub.log}/b`)!.seq).toBeLessThan(s.edge.cursors.get(`${s.hub.log}/a`)!.seq)
  })

  it('what was read and not sent is not told when its channel is lost', async () => {
    const s = await scene({ edge: { rights: rights(['a'], 3) } })
    const met = await accepted(s.hub, s.edge)
    // No credit is given back: what is written then waits in the session.
    const text = (i: number) => `${i}`.padEnd(200_000, 'x')
    await s.hub.write(
      ...Array.from({ length: 12 }, (_, i) => ({ record: `r/${i}`, channels: ['a'], text: text(i) })),
    )
    await settle(met.link)
    const frames = () => met.hand.names().filter((name) => name === 'frame').length
    const before = frames()
    await met.say({
      type: 'credential',
      token: s.authority.issue('edge', s.edge.publicKey, rights([], 3)).token,
    })
    await met.say({ type: 'credit', bytes: 10_000_000 })
    expect(met.hand.last('granted').read).toEqual([])
    expect(frames() - before).toBeLessThanOrEqual(1)
  })

  it('one of another key, or one that does not hold, ends the session', async () => {
    for (const [token, code] of [
      ['other', 'bad-proof'],
      ['forged', 'credential-bad-signature'],
      ['expired', 'credential-expired'],
    ] as const) {
      const s = await scene()
      const met = await accepted(s.hub, s.edge)
      const tokens = {
        other: s.authority.issue('other', new Uint8Array(32)).token,
        forged: 'forged',
        expired: s.authority.issue('edge', s.edge.publicKey, rights(['a'], 0)).token,
      }
      await met.say({ type: 'credential', token: tokens[token] })
      expect(met.hand.last('bye').code).toBe(code)
    }
  })

  it('of several shown at once the last one counts', async () => {
    const s = await scene()
    const met = await accepted(s.hub, s.edge)
    const tokens = [['a'], ['b'], ['c'], ['d']].map((read) =>
      s.authority.issue('edge', s.edge.publicKey, rights(read, 3)),
    )
    for (const { token } of tokens) met.hand.send(encodeMessage({ type: 'credential', token }))
    await settle(met.link)
    expect(met.session.peer?.credential).toEqual(tokens.at(-1))
    expect(met.hand.names().filter((name) => name === 'granted')).toHaveLength(2)
  })

  it('one shown before the session is open waits until it is; an acceptor has none to show', async () => {
    const s = await scene()
    const { link, initiator, acceptor } = connect(s)
    const newer = s.authority.issue('edge', s.edge.publicKey, rights(['a'], 9))
    initiator.renew(newer.token)
    await settle(link)
    expect(acceptor.peer?.credential).toEqual(newer)
    expect(() => acceptor.renew(newer.token)).toThrow(/only an initiator/)
  })

  it('fault T6: the acceptor ends the session of a credential of sixty days when they are over, and no timer of days is asked for', async () => {
    const days = 60
    const s = await scene({ edge: { rights: rights(['a'], 24 * days) } })
    const { acceptor } = await meet(s)
    const hour = 3_600_000
    for (let hours = 1; hours < 24 * days; hours++) s.world.clock.advance(hour)
    expect(acceptor.state).toBe('open')
    s.world.clock.advance(hour)
    expect(acceptor.state).toBe('closed')
    expect(limit.TIMER_MS_MAX).toBeLessThan(2 ** 31)
  })

  it('fault T3: a clock that is set forward is noticed within the hour', async () => {
    const s = await scene({ edge: { rights: rights(['a'], 48) } })
    let skewMs = 0
    const { host } = s.hub
    Object.assign(s.hub, { host: { ...host, now: () => host.now() + skewMs } })
    const { acceptor } = await meet(s)
    skewMs = 72 * 3_600_000
    s.world.clock.advance(limit.TIMER_MS_MAX)
    expect(acceptor.state).toBe('closed')
  })
})

describe('changes', () => {
  it('are told to listeners, until they stop', async () => {
    const s = await scene()
    const { link, initiator } = connect(s)
    const seen: string[] = []
    const stop = initiator.onChange(() => seen.push(`${initiator.state} ${initiator.current}`))
    await settle(link)
    expect(seen[0]).toBe('open false')
    expect(seen.at(-1)).toBe('open true')
    await s.edge.write({ record: 'r/1', text: 'one' })
    await settle(link)
    stop()
    const { length } = seen
    initiator.close()
    await settle(link)
    expect(seen).toHaveLength(length)
  })

  it('counters count', async () => {
    const s = await scene()
    await s.hub.write({ record: 'r/1', channels: ['a'], text: 'one' })
    const met = await welcomed(s.hub, s.edge)
    const { bytesIn, messagesIn } = met.session.counters
    const bytes = encodeFrame({
      items: [entry(1, lineOf({ record: 'r/1', text: 'one' }))],
      position: at(1),
      current: true,
    })
    await met.sayBytes(bytes)
    expect(met.session.counters).toMatchObject({
      bytesIn: bytesIn + bytes.length,
      messagesIn: messagesIn + 1,
      entriesIn: 1,
    })
  })
})
