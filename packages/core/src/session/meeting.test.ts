import { describe, expect, it } from 'vitest'
import { accepted, at, challenged, entry, greeted, helloOf } from './by-hand.test-support.ts'
import { withLeaves } from './cursor.ts'
import { FakeReplica, lineOf } from './fake-replica.test-support.ts'
import * as limit from './limits.ts'
import { decodeMessage, encodeMessage } from './messages.ts'
import { connect, meet, scene, settle, turn } from './pair.test-support.ts'

describe('H1: order of the handshake', () => {
  it('the acceptor speaks first, and neither side more than its turn', async () => {
    const { sent } = await meet(await scene())
    expect(sent.slice(0, 3).map(({ from, name }) => `${from} ${name}`)).toEqual([
      'acceptor challenge',
      'initiator hello',
      'acceptor welcome',
    ])
  })

  it('the initiator says nothing before CHALLENGE', async () => {
    const { link, sent } = connect(await scene())
    await turn()
    expect(sent.map(({ name }) => name)).toEqual(['challenge'])
    expect(link.pending()).toEqual({ initiator: 1, acceptor: 0 })
  })

  it('a frame before HELLO ends the session', async () => {
    const { hub } = await scene()
    const met = await challenged(hub)
    await met.sayFrame({ current: true })
    expect(met.hand.last('bye').code).toBe('unexpected-message')
    expect(await met.session.closed).toMatchObject({ code: 4400, retry: false })
  })

  it('a second HELLO while the first is judged ends the session', async () => {
    const { hub, edge } = await scene()
    const met = await challenged(hub)
    const hello = encodeMessage((await helloOf(edge, met)).message)
    met.hand.send(hello)
    met.hand.send(hello)
    await settle(met.link)
    expect(met.hand.last('bye').code).toBe('unexpected-message')
    expect(hub.deliveries).toHaveLength(0)
  })

  it('frames that follow WELCOME at once wait until it was judged', async () => {
    const { hub, edge } = await scene()
    await hub.write({ record: 'r/1', channels: ['a'], text: 'one' })
    const { link, initiator } = connect({ hub, edge })
    link.flush()
    await turn()
    link.flush()
    await turn()
    // WELCOME and the first frame arrive in one turn.
    expect(link.pending().initiator).toBe(2)
    link.flush()
    await settle(link)
    expect(initiator.state).toBe('open')
    expect(await edge.texts()).toEqual(['one'])
  })

  it('what comes before WELCOME was judged is bounded', async () => {
    const { hub, edge } = await scene()
    const bounded = limit.INITIAL_CREDIT_BYTES + limit.MESSAGE_BYTES_MAX
    for (const [count, code] of [
      [bounded / limit.MESSAGE_BYTES_MAX, undefined],
      [bounded / limit.MESSAGE_BYTES_MAX + 2, 'credit-exceeded'],
    ] as const) {
      const met = await greeted(hub, edge)
      met.hand.send(encodeMessage(met.welcome))
      for (let i = 1; i < count; i++)
        met.hand.send(frameOfBytes(limit.MESSAGE_BYTES_MAX - limit.FRAME_COST_BYTES))
      met.link.flush()
      expect(met.session.state).toBe(code === undefined ? 'handshake' : 'closed')
      await settle(met.link)
      if (code) expect(met.hand.last('bye').code).toBe(code)
    }
  })
})

function frameOfBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  bytes[0] = 0x10
  return bytes
}

describe('H2: versions', () => {
  it('the highest version both know is chosen', async () => {
    const { hub, edge } = await scene()
    const { hello } = await greeted(hub, edge, { change: { versionMin: 1, versionMax: 9 } })
    expect(hello.version).toBe(limit.VERSION_MAX)
  })

  it('none in common is refused by both sides', async () => {
    const { hub, edge } = await scene()
    const newer = { versionMin: limit.VERSION_MAX + 1, versionMax: limit.VERSION_MAX + 2 }
    await expect(greeted(hub, edge, { change: newer })).rejects.toThrow(/no hello/)
    const met = await challenged(hub)
    await met.say({ ...(await helloOf(edge, met)).message, version: 2 })
    expect(met.hand.last('bye').code).toBe('version-unsupported')
  })

  it.each([
    ['equal', { min: 1, max: 2 }, { min: 1, max: 2 }, 2],
    ['one release apart', { min: 1, max: 2 }, { min: 2, max: 3 }, 2],
    ['an older initiator', { min: 1, max: 2 }, { min: 1, max: 1 }, 1],
    ['an older acceptor', { min: 1, max: 1 }, { min: 1, max: 2 }, 1],
    ['one inside the other', { min: 1, max: 9 }, { min: 4, max: 5 }, 5],
  ])('O1: of ranges that overlap the highest common one is spoken: %s', async (_, hub, edge, version) => {
    const s = await scene()
    const met = await meet(s, { hub: { versions: hub }, edge: { versions: edge } })
    expect([met.acceptor.state, met.initiator.state]).toEqual(['open', 'open'])
    const hello = met.sent.find(({ name }) => name === 'hello')!
    expect(decodeMessage('hello', hello.bytes, s.hub.log).version).toBe(version)
  })

  it.each([
    ['the initiator is two releases behind', { min: 2, max: 3 }, { min: 1, max: 1 }],
    ['the acceptor is two releases behind', { min: 1, max: 1 }, { min: 2, max: 3 }],
  ])(
    'O1: of ranges that do not, both sides end for good, and say who is to be upgraded: %s',
    async (_, hub, edge) => {
      const s = await scene()
      const met = await meet(s, { hub: { versions: hub }, edge: { versions: edge } })
      const [here, there] = await Promise.all([met.initiator.closed, met.acceptor.closed])
      expect(here).toMatchObject({ code: 4400, reason: 'version-unsupported', retry: false })
      expect(here.error?.message).toContain(
        `${hub.min} to ${hub.max}, this side ${edge.min} to ${edge.max}; upgrade`,
      )
      expect(there).toMatchObject({ retry: false, error: { code: 'version-unsupported' } })
    },
  )
})

describe('H3, H4: proofs and credentials', () => {
  it('both sides know the other afterwards', async () => {
    const s = await scene()
    const { acceptor, initiator } = await meet(s)
    expect(acceptor.peer).toMatchObject({
      node: s.edge.node,
      log: s.edge.log,
      credential: { subject: 'edge' },
    })
    expect(initiator.peer).toMatchObject({ node: s.hub.node, log: s.hub.log, credential: { subject: 'hub' } })
    expect(acceptor.peer?.runs).toEqual(s.edge.runs)
    expect(initiator.granted).toEqual({ read: ['a'], write: ['*'] })
    expect(acceptor.granted).toEqual({ read: ['*'], write: ['*'] })
  })

  const forged: [
    string,
    string,
    (hello: Awaited<ReturnType<typeof helloOf>>['message'], other: FakeReplica) => object,
  ][] = [
    ['with another proof', 'bad-proof', () => ({ proof: new Uint8Array(64) })],
    ['with another nonce than was signed', 'bad-proof', () => ({ nonce: new Uint8Array(32) })],
    ['with another key than the credential names', 'bad-proof', (_, other) => ({ key: other.publicKey })],
    [
      'with the credential of another',
      'bad-proof',
      (_, { credential }) => ({ credential: { hash: credential!.hash, token: credential!.token } }),
    ],
    [
      'with another token than it names',
      'malformed',
      (hello) => ({ credential: { ...hello.credential, hash: '1'.repeat(64) } }),
    ],
    [
      'with a token of no authority',
      'credential-bad-signature',
      (hello) => ({ credential: { ...hello.credential, token: 'forged' } }),
    ],
    [
      'without a credential',
      'credential-missing',
      () => ({ credential: { hash: '0'.repeat(64), token: '' } }),
    ],
  ]
  for (const [what, code, change] of forged) {
    it(`fault A8: a HELLO ${what} is refused: ${code}`, async () => {
      const { hub, edge, world, authority } = await scene()
      const other = await FakeReplica.open(world, authority, 'other', { wants: () => undefined })
      const met = await challenged(hub)
      const { message } = await helloOf(edge, met)
      await met.say({ ...message, ...change(message, other) })
      expect(met.hand.last('bye').code).toBe(code)
      expect(met.session.peer).toBeUndefined()
      expect(hub.remembered).toEqual([])
    })
  }

  it('fault N8: a HELLO replayed on another connection is refused', async () => {
    const { hub, edge } = await scene()
    const first = await challenged(hub)
    const { message } = await helloOf(edge, first)
    const second = await challenged(hub)
    await second.say(message)
    expect(second.hand.last('bye').code).toBe('bad-proof')
  })

  it('an expired or revoked credential is refused', async () => {
    const s = await scene({ edge: { rights: { read: ['a'], expiresAt: 1_767_225_600_000 + 1000 } } })
    s.world.clock.advance(1000)
    const { initiator, acceptor } = await meet(s)
    expect(await acceptor.closed).toMatchObject({ code: 4401, reason: 'credential-expired', retry: false })
    expect(await initiator.closed).toMatchObject({
      code: 4401,
      error: { code: 'credential-expired' },
      retry: false,
    })
    s.authority.revoked.add('edge')
    expect(await (await meet(s)).initiator.closed).toMatchObject({ code: 4403, retry: false })
  })

  it('a WELCOME that does not prove the challenge’s key is refused', async () => {
    const { hub, edge } = await scene()
    const met = await greeted(hub, edge)
    await met.say({ ...met.welcome, proof: new Uint8Array(64) })
    expect(met.hand.last('bye').code).toBe('bad-proof')
    expect(met.session.state).toBe('closed')
  })

  it('a WELCOME of a device that expired is refused, of the authority it is not', async () => {
    for (const [role, state] of [
      ['device', 'closed'],
      ['authority', 'open'],
    ] as const) {
      const expiresAt = 1_767_225_600_000 - 1
      const s = await scene({ hub: { rights: { role, read: ['*'], expiresAt } } })
      expect((await meet(s)).initiator.state).toBe(state)
    }
  })

  it('an initiator without a credential is told so', async () => {
    const s = await scene()
    s.edge.credential = undefined
    const { initiator } = await meet(s)
    expect(await initiator.closed).toMatchObject({ code: 4401, error: { code: 'credential-missing' } })
  })

  it('an acceptor without a credential does not begin', async () => {
    const s = await scene()
    s.hub.credential = undefined
    const { acceptor, initiator } = await meet(s)
    expect((await acceptor.closed).error?.message).toMatch(/no credential to show/)
    expect(await initiator.closed).toMatchObject({ code: 4500, retry: true })
  })
})

describe('H5: credentials by name', () => {
  it('those who have not met show their credentials; those who have do not', async () => {
    const s = await scene()
    const first = await meet(s)
    expect(hellosOf(first)).toEqual([expect.stringMatching(/^sealed/)])
    const second = await meet(s)
    expect(hellosOf(second)).toEqual([''])
    expect(second.initiator.state).toBe('open')
    expect(s.hub.remembered).toHaveLength(1)
    expect(s.edge.remembered).toHaveLength(1)
  })

  it('an acceptor that has forgotten asks once with SHOW', async () => {
    const s = await scene()
    await meet(s)
    s.hub.forget()
    const met = await meet(s)
    expect(met.sent.map(({ name }) => name).slice(0, 5)).toEqual([
      'challenge',
      'hello',
      'show',
      'hello',
      'welcome',
    ])
    expect(met.initiator.state).toBe('open')
  })

  it('a HELLO without the token after SHOW is refused', async () => {
    const { hub, edge } = await scene()
    const met = await challenged(hub)
    const { hello } = await helloOf(edge, met)
    await met.say(hello)
    expect(met.hand.names()).toEqual(['challenge', 'show'])
    await met.say(hello)
    expect(met.hand.last('bye').code).toBe('credential-missing')
  })

  it('a WELCOME without the token that HELLO asked for is refused', async () => {
    const { hub, edge } = await scene()
    const met = await greeted(hub, edge)
    expect(met.hello.show).toBe(true)
    await met.say({ ...met.welcome, token: '' })
    expect(met.hand.last('bye').code).toBe('credential-missing')
  })

  function hellosOf({ sent }: Awaited<ReturnType<typeof meet>>): string[] {
    return sent
      .filter(({ name }) => name === 'hello')
      .map(({ bytes }) => /sealed.*\}/.exec(String.fromCharCode(...bytes))?.[0] ?? '')
  }
})

describe('H6: limits of the handshake', () => {
  it('takes HANDSHAKE_MS_MAX at most', async () => {
    const { hub, world } = await scene()
    const met = await challenged(hub)
    world.clock.advance(limit.HANDSHAKE_MS_MAX - 1)
    expect(met.session.state).toBe('handshake')
    world.clock.advance(1)
    await settle(met.link)
    expect(await met.session.closed).toMatchObject({ code: 4408, retry: true })
    expect(met.hand.last('bye').code).toBe('handshake-timeout')
  })

  it('has no timer left once the session is open', async () => {
    const s = await scene()
    const { initiator } = await meet(s)
    s.world.clock.advance(limit.HANDSHAKE_MS_MAX)
    expect(initiator.state).toBe('open')
  })

  it('has messages of HANDSHAKE_MESSAGE_BYTES_MAX at most', async () => {
    const { hub } = await scene()
    for (const [more, code] of [
      [0, 'malformed'],
      [1, 'frame-too-large'],
    ] as const) {
      const met = await challenged(hub)
      met.link.acceptor.allowMessageBytes(Number.POSITIVE_INFINITY)
      const bytes = new Uint8Array(limit.HANDSHAKE_MESSAGE_BYTES_MAX + more)
      bytes[0] = 0x02
      await met.sayBytes(bytes)
      expect(met.hand.last('bye').code).toBe(code)
    }
  })

  it('the transport is told the same limits', async () => {
    const { hub, edge } = await scene()
    const early = await challenged(hub)
    await early.sayBytes(new Uint8Array(limit.HANDSHAKE_MESSAGE_BYTES_MAX + 1))
    expect(await early.session.closed).toMatchObject({ code: 1009 })
    const open = await accepted(hub, edge)
    await open.sayFrame({
      items: [entry(1, lineOf({ record: 'r/1', text: 'x'.repeat(limit.HANDSHAKE_MESSAGE_BYTES_MAX) }))],
      position: at(1),
    })
    expect(open.session.state).toBe('open')
    expect(hub.head).toBe(1)
  })
})

describe('H7: cursors that are not valid', () => {
  it('are refused by name, and a channel of which nothing is here is told from the beginning', async () => {
    const s = await scene()
    await s.hub.write({ record: 'r/1', channels: ['a'], text: 'one' })
    s.edge.cursors.set(`${s.hub.log}/a`, { log: s.hub.log, run: 'cd'.repeat(16), seq: 2 })
    await meet(s)
    expect(await s.edge.texts()).toEqual(['one'])
    expect(s.edge.deliveries.at(-1)?.want).toEqual({
      kind: 'channels',
      cursors: new Map([['a', withLeaves(s.hub.log)]]),
    })
    expect(s.edge.cursors.get(`${s.hub.log}/a`)).toEqual({ log: s.hub.log, run: s.hub.runs[0]!.run, seq: 2 })
  })

  it('H12: with the records that left it, which a side that asks from the beginning is not told', async () => {
    const kindsTold = async (change: (s: Awaited<ReturnType<typeof scene>>) => void) => {
      const s = await scene()
      await s.hub.write({ record: 'r/1', channels: ['a'], text: 'came' })
      await s.hub.write({ record: 'r/1', channels: ['b'], text: 'left' })
      await s.hub.write({ record: 'r/2', channels: ['a'], text: 'stays' })
      change(s)
      await meet(s)
      return s.edge.deliveries.flatMap(({ items }) => items.map(({ kind }) => kind))
    }
    const restored = { run: 'cd'.repeat(16), seq: 99 }
    expect(await kindsTold(() => undefined)).toEqual(['entry', 'enter'])
    expect(
      await kindsTold((s) => s.edge.cursors.set(`${s.hub.log}/a`, { log: s.hub.log, ...restored })),
    ).toEqual(['leave', 'entry', 'enter'])
  })

  it('the log cursor of an acceptor is refused by GRANTED 0', async () => {
    const s = await scene()
    await s.edge.write({ record: 'r/1', text: 'one' })
    s.hub.cursors.set(`${s.edge.log}/*`, { log: s.edge.log, run: s.edge.runs[0]!.run, seq: 99 })
    const { sent } = await meet(s)
    expect(sent.filter(({ from }) => from === 'initiator').map(({ name }) => name)).toEqual([
      'hello',
      'granted',
      'frame',
    ])
    expect(await s.hub.texts()).toEqual(['one'])
  })
})

describe('H8: grants', () => {
  it('what is not granted is left out, and its cursor stays where it was', async () => {
    const s = await scene({ edge: { wants: () => ['a', 'b'], rights: { read: ['a'] } } })
    await s.hub.write(
      { record: 'r/1', channels: ['a'], text: 'one' },
      { record: 'r/2', channels: ['b'], text: 'two' },
    )
    const { initiator } = await meet(s)
    expect(initiator.granted.read).toEqual(['a'])
    expect(await s.edge.texts()).toEqual(['one'])
    expect([...s.edge.cursors.keys()]).toEqual([`${s.hub.log}/a`])
  })

  it('a device asked for its log by another device tells it nothing', async () => {
    const s = await scene({ hub: { rights: { role: 'device', read: ['a'] } } })
    await s.edge.write({ record: 'r/1', channels: ['a'], text: 'one' })
    const { acceptor, initiator } = await meet(s)
    expect(await s.hub.texts()).toEqual([])
    expect(acceptor.granted.read).toEqual([])
    expect([acceptor.current, initiator.current]).toEqual([true, true])
  })

  it('two devices tell each other the channels both may see', async () => {
    const s = await scene({
      hub: { wants: () => ['a', 'b'], rights: { role: 'device', read: ['a', 'b'] } },
      edge: { wants: () => ['a', 'c'], rights: { read: ['a', 'c'] } },
    })
    await s.hub.write(
      { record: 'r/1', channels: ['a'], text: 'one' },
      { record: 'r/2', channels: ['b'], text: 'two' },
    )
    await s.edge.write(
      { record: 'r/3', channels: ['a'], text: 'three' },
      { record: 'r/4', channels: ['c'], text: 'four' },
    )
    await meet(s)
    expect(await s.edge.texts()).toEqual(['three', 'four', 'one'])
    expect(await s.hub.texts()).toEqual(['one', 'two', 'three'])
  })

  it('who may read every channel may ask for the log', async () => {
    const s = await scene({ edge: { wants: () => 'log', rights: { read: ['*'] } } })
    await s.hub.write({ record: 'r/1', channels: ['b'], text: 'one' })
    const { initiator } = await meet(s)
    expect(initiator.granted.read).toEqual(['*'])
    expect(await s.edge.texts()).toEqual(['one'])
  })
})

describe('H9: nothing changed', () => {
  it('takes one round trip after the CHALLENGE, and less than 1 KB', async () => {
    const s = await scene()
    await s.hub.write({ record: 'r/1', channels: ['a'], text: 'one' })
    await s.edge.write({ record: 'r/2', channels: ['b'], text: 'two' })
    // Twice: what the edge sent the first time moved the hub's head.
    await meet(s)
    await meet(s)
    const { sent, initiator, acceptor } = await meet(s)
    expect(sent.map(({ from, name }) => `${from} ${name}`)).toEqual([
      'acceptor challenge',
      'initiator hello',
      'acceptor welcome',
      'acceptor frame',
      'initiator frame',
    ])
    expect([initiator.current, acceptor.current]).toEqual([true, true])
    const bytes = sent.reduce((sum, message) => sum + message.bytes.length, 0)
    expect(bytes).toBeLessThan(600)
    expect(initiator.counters).toMatchObject({ messagesIn: 3, messagesOut: 2, entriesIn: 0, entriesOut: 0 })
  })
})

describe('H10: spaces and logs', () => {
  it('another space is refused', async () => {
    const { hub, edge } = await scene()
    await expect(greeted(hub, edge, { change: { space: 'south' } })).rejects.toThrow(/no hello.*bye/)
  })

  it('a log does not sync with itself, on either side', async () => {
    const { hub, edge } = await scene()
    const { initiator } = await meet({ hub, edge: hub })
    expect(await initiator.closed).toMatchObject({ code: 4400, error: { code: 'same-log' } })
    const met = await challenged(hub)
    await met.say({ ...(await helloOf(edge, met)).message, log: hub.log })
    expect(met.hand.last('bye').code).toBe('same-log')
  })
})
