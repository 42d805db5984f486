import { describe, expect, it } from 'vitest'
import { StoreError } from '../store/port.ts'
import { accepted, at, entry, welcomed } from './by-hand.test-support.ts'
import { lineOf } from './fake-replica.test-support.ts'
import { encodeFrame, type Frame } from './frame.ts'
import * as limit from './limits.ts'
import { connect, meet, scene, settle, turn } from './pair.test-support.ts'
import { ProtocolError } from './port.ts'

const line = (i: number, text = `${i}`) => entry(i, lineOf({ record: `r/${i}`, text }))
const frame = (parts: Partial<Frame>) =>
  encodeFrame({ items: [], position: undefined, current: false, ...parts })

describe('I1: checked before anything is kept', () => {
  const offences: [string, string, Uint8Array][] = [
    ['a damaged checksum', 'malformed', damaged(frame({ items: [line(1)], position: at(1) }))],
    ['entries out of order', 'malformed', frame({ items: [line(2), line(1)] })],
    [
      'a mark in a log',
      'malformed',
      frame({ items: [{ kind: 'enter', seq: 1, channel: 'a', record: 'r/1' }] }),
    ],
    ['a position below its entries', 'malformed', frame({ items: [line(2)], position: at(1) })],
    [
      'a message that is too large',
      'frame-too-large',
      new Uint8Array(limit.MESSAGE_BYTES_MAX + 1).fill(0x10),
    ],
  ]
  for (const [what, code, bytes] of offences) {
    it(`${what} ends the session and keeps nothing`, async () => {
      const { hub, edge } = await scene()
      const met = await accepted(hub, edge)
      met.link.acceptor.allowMessageBytes(Number.POSITIVE_INFINITY)
      await met.sayBytes(bytes)
      expect(met.hand.last('bye').code).toBe(code)
      expect(hub.head).toBe(0)
      expect(hub.deliveries).toEqual([])
    })
  }

  it('what came before the offence in the same turn is kept', async () => {
    const { hub, edge } = await scene()
    const met = await accepted(hub, edge)
    met.hand.send(frame({ items: [line(1)], position: at(1) }))
    met.hand.send(frame({ items: [line(2)], position: at(2) }))
    met.hand.send(frame({ items: [line(4), line(3)], position: at(4) }))
    await settle(met.link)
    expect(met.session.state).toBe('closed')
    expect(await hub.texts()).toEqual(['1', '2'])
    expect(hub.cursors.get(`${edge.log}/*`)?.seq).toBe(2)
  })

  it('a channel that was not asked ends the session', async () => {
    const { hub, edge } = await scene()
    const met = await welcomed(hub, edge)
    await met.sayFrame({
      items: [line(1), { kind: 'enter', seq: 2, channel: 'b', record: 'r/1' }],
      position: at(2),
    })
    expect(met.hand.last('bye').code).toBe('malformed')
    expect(edge.head).toBe(0)
  })

  it('a credential that does not hold is left out, and the rest is kept', async () => {
    const { hub, edge, authority } = await scene()
    const met = await accepted(hub, edge)
    const good = authority.issue('author', new Uint8Array(32), { expiresAt: 1 })
    const bad = { kind: 'credential' as const, token: 'forged' }
    await met.sayFrame({ items: [bad, { kind: 'credential', token: good.token }, line(1)], position: at(1) })
    expect(hub.deliveries[0]!.items.map(({ kind }) => kind)).toEqual(['credential', 'entry'])
    expect(met.events).toContainEqual({
      kind: 'credential-left-out',
      error: expect.objectContaining({ code: 'credential-bad-signature' }),
    })
    expect(met.session.state).toBe('open')
  })

  it('a credential that was revoked is kept beside the entries that cite it', async () => {
    const { hub, edge, authority } = await scene()
    const met = await accepted(hub, edge)
    const { token } = authority.issue('author', new Uint8Array(32), { expiresAt: 1 })
    authority.revoked.add('author')
    await met.sayFrame({ items: [{ kind: 'credential', token }, line(1)], position: at(1) })
    expect(hub.deliveries[0]!.items.map(({ kind }) => kind)).toEqual(['credential', 'entry'])
    expect(met.session.state).toBe('open')
  })

  it('what is looked at still when the session ends is not delivered any more', async () => {
    const { hub, edge, authority } = await scene()
    const met = await accepted(hub, edge)
    const { token } = authority.issue('author', new Uint8Array(32), { expiresAt: 1 })
    const verify = authority.verify.bind(authority)
    let answer = () => {}
    const asked = new Promise<void>((resolve) => {
      answer = resolve
    })
    authority.verify = async (...args) => {
      await asked
      return verify(...args)
    }
    await met.sayFrame({ items: [{ kind: 'credential', token }, line(1)], position: at(1) })
    met.link.cut()
    await turn()
    expect(met.session.state).toBe('closed')
    answer()
    await turn()
    expect(hub.deliveries).toEqual([])
  })

  function damaged(bytes: Uint8Array): Uint8Array {
    bytes[4]! ^= 1
    return bytes
  }
})

describe('I2: acknowledged when durable', () => {
  it('not before, and with the newest position of what was made durable together', async () => {
    const { hub, edge } = await scene()
    const met = await accepted(hub, edge)
    const commits: (() => void)[] = []
    hub.beforeDeliver = () => new Promise((resolve) => commits.push(resolve))
    const acks = () => met.hand.names().filter((name) => name === 'ack').length
    for (let i = 1; i <= 3; i++) await met.sayFrame({ items: [line(i)], position: at(i) })
    expect([commits.length, acks()]).toEqual([1, 0])
    commits.shift()!()
    await settle(met.link)
    expect(met.hand.last('ack')).toEqual({ type: 'ack', position: 1, head: 1, refusals: [] })
    commits.shift()!()
    await settle(met.link)
    expect(met.hand.last('ack').position).toBe(3)
    expect([acks(), hub.deliveries.length]).toEqual([2, 2])
  })

  it('fault S7: one delivery at a time, in order, sharing what waits up to DELIVERY_BYTES_MAX', async () => {
    const { hub, edge } = await scene()
    const met = await accepted(hub, edge)
    await met.say({ type: 'credit', bytes: 1 })
    let busy = 0
    let release: () => void = () => undefined
    hub.beforeDeliver = async () => {
      expect(++busy).toBe(1)
      await new Promise<void>((resolve) => (release = resolve))
      busy -= 1
    }
    const size = limit.FRAME_BYTES_MAX - 200
    for (let i = 1; i <= 5; i++) {
      const bytes = new Uint8Array(size)
      bytes.set(lineOf({ record: `r/${i}`, text: '' }))
      await met.sayFrame({ items: [entry(i, bytes)], position: at(i) })
    }
    for (let i = 0; i < 4; i++) {
      release()
      await settle(met.link)
    }
    expect(hub.deliveries.map(({ items }) => items.length)).toEqual([1, 4])
    expect(met.hand.last('ack').position).toBe(5)
  })

  it('what waits beyond DELIVERY_BYTES_MAX comes in the next one', async () => {
    const { hub, edge } = await scene()
    const met = await accepted(hub, edge)
    const size = limit.DELIVERY_BYTES_MAX / 8
    const big = (i: number) => {
      const bytes = new Uint8Array(size)
      bytes.set(lineOf({ record: `r/${i}`, text: '' }))
      return frame({ items: [entry(i, bytes)], position: at(i) })
    }
    let release: () => void = () => undefined
    hub.beforeDeliver = () => new Promise((resolve) => (release = resolve))
    await met.sayFrame({ items: [line(1)], position: at(1) })
    for (let i = 2; i <= 9; i++) await met.sayBytes(big(i))
    for (let i = 0; i < 4; i++) {
      release()
      await settle(met.link)
    }
    expect(hub.deliveries.map(({ items }) => items.length)).toEqual([1, 7, 1])
  })

  it('frames without position are acknowledged by credit alone, empty ones that move nothing not at all', async () => {
    const { hub, edge } = await scene()
    const met = await accepted(hub, edge)
    await met.sayFrame({ items: [line(1)] })
    await met.sayFrame({ current: true })
    expect(met.hand.names()).not.toContain('ack')
    await met.sayFrame({ position: at(1), current: true })
    expect(met.hand.last('ack').position).toBe(1)
    await met.sayFrame({ position: at(1), current: true })
    expect(met.hand.names().filter((name) => name === 'ack')).toHaveLength(1)
  })

  it("O7: a frame that ends inside a record's entries is not delivered with one that came before it and has a position", async () => {
    const { hub, edge } = await scene()
    const met = await accepted(hub, edge)
    let release: () => void = () => undefined
    hub.beforeDeliver = () => new Promise((resolve) => (release = resolve))
    await met.sayFrame({ items: [line(1)], position: at(1) })
    await met.sayFrame({ items: [line(2)], position: at(2) })
    await met.sayFrame({ items: [line(3)] })
    await met.sayFrame({ items: [line(4)], position: at(4) })
    for (let i = 0; i < 3; i++) {
      release()
      await settle(met.link)
    }
    expect(hub.deliveries.map(({ items, position }) => [items.length, position?.seq])).toEqual([
      [1, 1],
      [1, 2],
      [2, 4],
    ])
  })

  it('frames under different wants are not delivered together', async () => {
    const s = await scene()
    const met = await welcomed(s.hub, s.edge)
    let release: () => void = () => undefined
    s.edge.beforeDeliver = () => new Promise((resolve) => (release = resolve))
    await met.sayFrame({ current: true })
    await met.sayFrame({
      items: [line(1), { kind: 'enter', seq: 2, channel: 'a', record: 'r/1' }],
      position: at(2),
    })
    met.session.rewant()
    await settle(met.link)
    await met.say({ type: 'granted', wantNumber: 1, read: ['a'], write: [], refused: [] })
    await met.sayFrame({ items: [line(3)], position: at(3) })
    for (let i = 0; i < 4; i++) {
      release()
      await settle(met.link)
    }
    expect(s.edge.deliveries.map(({ items }) => items.length)).toEqual([0, 2, 1])
  })
})

describe('current', () => {
  it('is not claimed while a frame is being made durable', async () => {
    const s = await scene()
    const { link, acceptor } = await meet(s)
    expect(acceptor.current).toBe(true)
    let release: () => void = () => undefined
    s.hub.beforeDeliver = () => new Promise((resolve) => (release = resolve))
    await s.edge.write({ record: 'r/1', text: 'one' })
    await settle(link)
    expect(acceptor.current).toBe(false)
    release()
    await settle(link)
    expect(acceptor.current).toBe(true)
  })

  it('is not claimed by a frame of an earlier want', async () => {
    const s = await scene()
    const met = await welcomed(s.hub, s.edge)
    let release: () => void = () => undefined
    s.edge.beforeDeliver = () => new Promise((resolve) => (release = resolve))
    await met.sayFrame({ current: true })
    met.session.rewant()
    await settle(met.link)
    await met.say({ type: 'granted', wantNumber: 1, read: ['a'], write: [], refused: [] })
    release()
    await settle(met.link)
    expect(met.session.current).toBe(false)
    s.edge.beforeDeliver = () => undefined
    await met.sayFrame({ current: true })
    expect(met.session.current).toBe(true)
  })
})

describe('I3: credit', () => {
  it('comes back in steps of CREDIT_RETURN_BYTES, when durable', async () => {
    const { hub, edge } = await scene()
    const met = await accepted(hub, edge)
    const cost = (bytes: Uint8Array) => bytes.length + limit.FRAME_COST_BYTES
    const small = frame({ items: [line(1)], position: at(1) })
    const room = limit.CREDIT_RETURN_BYTES - cost(small)
    const padded = (length: number) => {
      const empty = frame({ items: [entry(2, new Uint8Array(100_000))], position: at(2) }).length - 100_000
      const bytes = new Uint8Array(length - limit.FRAME_COST_BYTES - empty)
      bytes.set(lineOf({ record: 'r/2', text: '' }))
      return frame({ items: [entry(2, bytes)], position: at(2) })
    }
    expect(cost(padded(room))).toBe(room)
    await met.sayBytes(padded(room - 1))
    await met.sayBytes(frame({ items: [line(3)], position: at(3) }).slice(0))
    expect(met.hand.names()).not.toContain('credit')
    await met.sayFrame({ items: [line(4)], position: at(4) })
    expect(met.hand.last('credit').bytes).toBeGreaterThanOrEqual(limit.CREDIT_RETURN_BYTES)
  })

  it('a frame is taken while any is left, and cut off when none is', async () => {
    const { hub, edge } = await scene()
    const met = await accepted(hub, edge)
    hub.beforeDeliver = () => new Promise(() => undefined)
    const half = (bytes: number) => {
      const body = frame({ items: [entry(1, new Uint8Array(300_000))] }).length - 300_000
      return frame({ items: [entry(1, new Uint8Array(bytes - limit.FRAME_COST_BYTES - body))] })
    }
    await met.sayBytes(half(limit.INITIAL_CREDIT_BYTES / 2))
    await met.sayBytes(half(limit.INITIAL_CREDIT_BYTES / 2 - 1))
    // One byte is left: a last frame may take credit below zero.
    await met.sayBytes(half(1_000_000))
    expect(met.session.state).toBe('open')
    await met.sayFrame({})
    expect(met.hand.last('bye').code).toBe('credit-exceeded')
    expect(await met.session.closed).toMatchObject({ code: 4400 })
  })

  it('empty frames cost FRAME_COST_BYTES each, so that not many can wait', async () => {
    const { hub, edge } = await scene()
    const met = await accepted(hub, edge)
    hub.beforeDeliver = () => new Promise(() => undefined)
    const empty = frame({})
    const most = Math.ceil(limit.INITIAL_CREDIT_BYTES / (empty.length + limit.FRAME_COST_BYTES))
    for (let i = 0; i < most; i++) met.hand.send(empty)
    await settle(met.link)
    expect(met.session.state).toBe('open')
    await met.sayBytes(empty)
    expect(met.hand.last('bye').code).toBe('credit-exceeded')
  })
})

describe('I4: refusals', () => {
  it('stop nothing else, and reach the author with the next position', async () => {
    const s = await scene({
      hub: { refuse: ({ text }) => (text.startsWith('bad') ? 'not-granted' : undefined) },
    })
    await s.edge.write(
      { record: 'r/1', text: 'good' },
      { record: 'r/2', text: 'bad 1' },
      { record: 'r/3', text: 'also good' },
    )
    const { initiator, acceptor } = await meet(s)
    expect(await s.hub.texts()).toEqual(['good', 'also good'])
    expect(s.edge.acknowledgements).toMatchObject([
      { seq: 3, refusals: [{ seq: 2, code: 'not-granted', reason: 'not-granted: bad 1' }] },
    ])
    expect(s.edge.acknowledgements[0]!.peer.node).toBe(s.hub.node)
    expect([initiator.current, acceptor.current]).toEqual([true, true])
  })

  it('REFUSALS_PER_ACK_MAX go in one ACK, more in several', async () => {
    for (const [count, acks] of [
      [limit.REFUSALS_PER_ACK_MAX, 1],
      [limit.REFUSALS_PER_ACK_MAX + 1, 2],
    ] as const) {
      const s = await scene({ hub: { refuse: () => 'read-only' } })
      await s.edge.write(...Array.from({ length: count }, (_, i) => ({ record: 'r/1', text: `${i}` })))
      const { sent, initiator } = await meet(s)
      expect(sent.filter(({ from, name }) => from === 'acceptor' && name === 'ack')).toHaveLength(acks)
      expect(s.edge.acknowledgements.flatMap(({ refusals }) => refusals)).toHaveLength(count)
      expect(s.edge.acknowledgements.at(-1)!.seq).toBe(count)
      expect(initiator.current).toBe(true)
    }
  })

  it('long reasons are cut to what a message takes', async () => {
    const s = await scene({ hub: { refuse: () => 'read-only' } })
    await s.edge.write({ record: 'r/1', text: 'ß'.repeat(limit.REFUSAL_REASON_BYTES_MAX) })
    await meet(s)
    const { reason } = s.edge.acknowledgements[0]!.refusals[0]!
    expect(reason).toMatch(/^read-only: ß+$/)
    expect(reason.length).toBeLessThan(limit.REFUSAL_REASON_BYTES_MAX)
  })

  it('of frames without position go with the next one that has it', async () => {
    const { hub, edge } = await scene({
      hub: { refuse: ({ text }) => (text === '1' ? 'read-only' : undefined) },
    })
    const met = await accepted(hub, edge)
    await met.sayFrame({ items: [line(1)] })
    expect(met.hand.names()).not.toContain('ack')
    await met.sayFrame({ items: [line(2)], position: at(2) })
    expect(met.hand.last('ack')).toMatchObject({ position: 2, refusals: [{ seq: 1 }] })
  })

  const lies: [string, { position: number; seqs: number[] }, string | undefined][] = [
    ['of what was sent, each entry twice at most', { position: 2, seqs: [1, 1, 2, 2] }, undefined],
    ['of more entries than were sent', { position: 2, seqs: [1, 1, 2, 2, 2] }, 'malformed'],
    ['of an entry beyond the log', { position: 2, seqs: [3] }, 'malformed'],
    ['at a position that was not sent', { position: 1, seqs: [] }, 'malformed'],
  ]
  for (const [what, { position, seqs }, code] of lies) {
    it(`an ACK ${what} is ${code ?? 'taken'}`, async () => {
      const s = await scene()
      await s.edge.write({ record: 'r/1', text: 'one' }, { record: 'r/2', text: 'two' })
      const met = await welcomed(s.hub, s.edge)
      await met.say({
        type: 'ack',
        position,
        head: 1,
        refusals: seqs.map((seq) => ({ seq, code: 'x', reason: 'y' })),
      })
      expect(met.session.state).toBe(code === undefined ? 'open' : 'closed')
      if (code) expect(met.hand.last('bye').code).toBe(code)
    })
  }

  it('are told to the replica at once and in order, those that say something new', async () => {
    const s = await scene()
    const met = await welcomed(s.hub, s.edge)
    const calls: number[] = []
    const done: (() => void)[] = []
    s.edge.acknowledged = (_, seq) => {
      calls.push(seq)
      return new Promise((resolve) => done.push(resolve))
    }
    for (let i = 1; i <= 3; i++) {
      await s.edge.write({ record: `r/${i}`, text: `${i}` })
      await settle(met.link)
      await met.say({ type: 'ack', position: i, head: 1, refusals: [] })
      await met.say({ type: 'ack', position: i, head: 1, refusals: [] })
    }
    expect(calls).toEqual([1, 2, 3])
    await met.sayFrame({ current: true })
    for (const one of done) {
      expect(met.session.current).toBe(false)
      one()
      await turn()
    }
    expect(met.session.current).toBe(true)
  })
})

describe('fault S2, S8: I5: when this side cannot store', () => {
  for (const [storeCode, code] of [
    ['full', 'storage-full'],
    ['io', 'storage-failed'],
  ] as const) {
    it(`${storeCode}: nothing is acknowledged, the session ends with ${code}, and resumes later`, async () => {
      const s = await scene()
      await s.edge.write({ record: 'r/1', text: 'one' })
      s.hub.beforeDeliver = () => {
        throw new StoreError(storeCode, '/data/hub.db: no space left on device')
      }
      const { acceptor, initiator, sent } = await meet(s)
      expect(await acceptor.closed).toMatchObject({ code: 4507, retry: true, error: { code: storeCode } })
      const told = await initiator.closed
      expect(told).toMatchObject({ code: 4507, retry: true, error: { code } })
      expect(told.error!.message).not.toContain('/data')
      expect(sent.map(({ name }) => name)).not.toContain('ack')
      s.hub.beforeDeliver = () => undefined
      await meet(s)
      expect(await s.hub.texts()).toEqual(['one'])
    })
  }

  it('a store that cannot be read ends it the same way', async () => {
    const s = await scene()
    await s.hub.write({ record: 'r/1', channels: ['a'], text: 'one' })
    s.hub.readChannels = () => Promise.reject(new StoreError('corrupt', 'page 7'))
    const { initiator } = await meet(s)
    expect(await initiator.closed).toMatchObject({ code: 4507, error: { code: 'storage-failed' } })
  })

  it('a ProtocolError of the replica ends it with its code', async () => {
    const s = await scene()
    await s.edge.write({ record: 'r/1', text: 'one' })
    s.hub.beforeDeliver = () => {
      throw new ProtocolError('malformed', 'no entry at all')
    }
    const { initiator } = await meet(s)
    expect(await initiator.closed).toMatchObject({ code: 4400, retry: false, error: { code: 'malformed' } })
  })
})

describe('a link that breaks anywhere', () => {
  it('loses nothing that was acknowledged, and goes on from the cursors', async () => {
    const total = (await cutAfter(Number.POSITIVE_INFINITY)).delivered
    expect(total).toBeGreaterThan(10)
    for (let n = 0; n <= total; n++) {
      const { s, acknowledged } = await cutAfter(n)
      expect(s.hub.head).toBeGreaterThanOrEqual(acknowledged)
      const { initiator, acceptor } = await meet(s)
      expect([initiator.current, acceptor.current]).toEqual([true, true])
      expect((await s.hub.texts()).toSorted()).toEqual((await s.edge.texts()).toSorted())
    }
  })

  async function cutAfter(n: number) {
    const s = await scene()
    const lines = (who: string) =>
      Array.from({ length: 8 }, (_, i) => ({
        record: `r/${who}${i}`,
        channels: ['a'],
        text: who.repeat(60_000) + i,
      }))
    await s.hub.write(...lines('h'))
    await s.edge.write(...lines('e'))
    const { link } = connect(s)
    let delivered = 0
    for (let quiet = false; !quiet; ) {
      await turn()
      quiet = delivered >= n || link.flush(1) === 0
      if (!quiet) delivered += 1
    }
    link.cut()
    await turn()
    return { s, delivered, acknowledged: s.edge.acknowledgements.at(-1)?.seq ?? 0 }
  }
})
