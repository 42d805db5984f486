/** Reconciliation as a session does it: what waits, in which order it crosses, and what a peer by hand can and cannot get. */
import { describe, expect, it } from 'vitest'
import { toHex } from '../bytes/hex.ts'
import { emptySum, type Tree } from '../digest/tree.ts'
import { AUDITS_PER_RECOUNT, RECOUNT_MS_MIN } from '../reconcile/limits.ts'
import { StoreError } from '../store/port.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { accepted, type ByHand, challenged, entry, helloOf } from './by-hand.test-support.ts'
import { NO_RUN, toReconcile, withLeaves } from './cursor.ts'
import { lineOf } from './fake-replica.test-support.ts'
import { decodeFrame } from './frame.ts'
import { connect, type Met, meet, type Scene, scene, settle, turn } from './pair.test-support.ts'
import type { SessionEvent } from './session.ts'

const tree = (channel: string): Tree => ({ channel, kind: 'records' })
const opening = (number: number, channels: string[], seed?: Uint8Array) => ({
  type: 'compare' as const,
  number,
  opening: { granted: 0, trees: channels.map(tree), seed },
  nodes: channels.map((_, i) => ({ tree: i, node: '', sum: emptySum })),
})
const line = (record: string, text: string, channels = ['a']) => ({ record, channels, text })

/** Both have one, each has one of its own, and the edge's cursor is of a run that the hub never had. */
async function parted(): Promise<Scene> {
  const s = await scene({ hub: { wants: () => undefined } })
  await s.hub.write(line('r/both', 'one'), line('r/hub', 'two'))
  await s.edge.write(line('r/both', 'one'), line('r/edge', 'three'))
  s.edge.cursors.set(`${s.hub.log}/a`, { log: s.hub.log, run: 'cd'.repeat(16), seq: 4 })
  return s
}

describe('Q1, Q2: a channel whose cursor is refused', () => {
  it('waits, is compared, and goes on from where it was compared', async () => {
    const s = await parted()
    const met = await meet(s)
    const names = met.sent.map(({ name }) => name)
    expect(names.filter((name) => ['compare', 'differences', 'ask', 'answer'].includes(name))).toEqual([
      'compare',
      'differences',
      'ask',
      'answer',
    ])
    expect((await s.edge.texts()).sort()).toEqual(['one', 'three', 'two'])
    expect(s.edge.deliveries.flatMap(({ items }) => items.map(({ kind }) => kind))).toEqual([
      'entry',
      'enter',
    ])
    expect(s.edge.cursors.get(`${s.hub.log}/a`)).toEqual({
      log: s.hub.log,
      run: s.hub.runs[0]!.run,
      seq: s.hub.head,
    })
    expect([met.initiator.current, met.acceptor.current]).toEqual([true, true])
    await s.hub.write(line('r/hub', 'four'))
    await settle(met.link)
    expect(s.edge.deliveries.at(-1)?.items).toHaveLength(1)
  })

  it('Q11: is not current before; what is missing comes before the answer, and moves no cursor', async () => {
    const s = await parted()
    const met = connect(s)
    const states: boolean[] = []
    for (let i = 0; i < 40; i++) {
      await turn()
      met.link.flush(1)
      if (s.edge.cursors.get(`${s.hub.log}/a`)?.run === 'cd'.repeat(16))
        states.push(
          met.initiator.current,
          met.acceptor.current && !met.sent.some(({ name }) => name === 'answer'),
        )
    }
    expect(states.length).toBeGreaterThan(8)
    expect(states).not.toContain(true)
    const ofHub = met.sent.filter(({ from }) => from === 'acceptor')
    const missing = ofHub.findIndex(
      ({ name, bytes }) => name === 'frame' && decodeFrame(bytes, s.hub.host.inflateRaw).beside === 'missing',
    )
    expect(missing).toBeGreaterThan(0)
    expect(missing).toBeLessThan(ofHub.findIndex(({ name }) => name === 'answer'))
    expect(s.edge.deliveries.find(({ items }) => items.length > 0)).toMatchObject({
      position: undefined,
      waiting: ['a'],
    })
  })

  it('Q12, G-6: settles claims before anything that follows is delivered', async () => {
    const s = await parted()
    const order: string[] = []
    const { digests } = s.edge
    const settleClaims = digests.settleClaims.bind(digests)
    let release: () => void = () => undefined
    digests.settleClaims = async (claims) => {
      await new Promise<void>((resolve) => {
        release = resolve
      })
      order.push('claims')
      await settleClaims(claims)
    }
    s.edge.beforeDeliver = () => void order.push('delivery')
    const met = await meet(s)
    await s.hub.write(line('r/hub', 'four'))
    await settle(met.link)
    const before = order.length
    expect(order).not.toContain('claims')
    expect(await s.edge.texts()).not.toContain('four')
    expect(s.edge.cursors.get(`${s.hub.log}/a`)?.run).toBe('cd'.repeat(16))
    release()
    await settle(met.link)
    expect(order.slice(before)[0]).toBe('claims')
    expect(await s.edge.texts()).toContain('four')
    const [claims] = digests.claims
    expect([...claims!.onlyHere]).toEqual(['r/edge'])
    expect(claims).toMatchObject({ channel: 'a', isVoid: false, upTo: 4 })
    expect(claims!.lacked.size).toBe(1)
  })

  it('is told from the beginning where it is not worth comparing', async () => {
    const s = await scene({ hub: { wants: () => undefined } })
    await s.hub.write(line('r/1', 'one'))
    s.edge.cursors.set(`${s.hub.log}/a`, { log: s.hub.log, run: 'cd'.repeat(16), seq: 4 })
    await meet(s)
    expect(await s.edge.texts()).toEqual(['one'])
    expect(s.edge.digests.claims).toMatchObject([{ channel: 'a', isVoid: true }])
    expect(s.edge.deliveries.at(-1)?.want).toEqual({
      kind: 'channels',
      cursors: new Map([['a', withLeaves(s.hub.log)]]),
    })
  })

  it('ends the session like any other when a store fails', async () => {
    const s = await parted()
    s.hub.digests.beforeCatchUp = () => {
      throw new StoreError('io', 'the disk is gone')
    }
    const met = await meet(s)
    expect((await met.acceptor.closed).code).toBe(4507)
  })
})

describe('Q11: neither what is missing nor the stream goes on', () => {
  const dice = new SeededRandom(1)
  const long = (record: string, channels: string[], lines: number) =>
    Array.from({ length: lines }, () => line(record, toHex(dice.bytes(125_000)), channels))

  /** The edge asks `a` from the beginning; `b`, of which both have a record, is compared. */
  async function asking(): Promise<Scene> {
    const s = await scene({
      hub: { wants: () => undefined },
      edge: { wants: () => ['a', 'b'], rights: { read: ['a', 'b'] } },
    })
    for (const one of [s.hub, s.edge]) await one.write(line('r/both', 'here and there', ['b']))
    s.edge.cursors.set(`${s.hub.log}/b`, { log: s.hub.log, run: 'cd'.repeat(16), seq: 4 })
    return s
  }

  /** Of each frame of the hub which it is, `…` where it ends inside a record. */
  const order = ({ sent }: Met, s: Scene) =>
    sent
      .filter(({ from, name }) => from === 'acceptor' && name === 'frame')
      .map(({ bytes }) => decodeFrame(bytes, s.hub.host.inflateRaw))
      .map(({ beside = 'stream', position, items }) => {
        const isCut = beside === 'missing' ? items.at(-1)?.kind === 'entry' : position === undefined
        return isCut ? `${beside}…` : beside
      })

  it('where a frame of the stream ended inside a record', async () => {
    const s = await asking()
    await s.hub.write(...long('r/long', ['c'], 24), line('r/long', 'enters', ['a']), line('r/b', 'b', ['b']))
    const met = await meet(s, { hub: { compress: 'never' } })
    expect(order(met, s).join(' ')).toMatch(/^(stream… ){4,}stream missing /)
    expect(await s.edge.texts()).toHaveLength(27)
  })

  it('where a frame of what is missing did, however long the next record takes to read', async () => {
    const s = await asking()
    await s.hub.write(...long('r/long', ['b'], 3), line('r/last', 'last', ['b']))
    for (const one of long('r/other', ['a'], 24)) await s.hub.write(one)
    const beyond = s.hub.digests.beyond.bind(s.hub.digests)
    let release: () => void = () => undefined
    const read = new Promise<void>((resolve) => {
      release = resolve
    })
    s.hub.digests.beyond = async (...asked) => {
      if (asked[1] === 'r/last') await read
      return beyond(...asked)
    }
    const met = await meet(s, { hub: { compress: 'never' } })
    release()
    await settle(met.link)
    expect(order(met, s).join(' ')).toMatch(/ missing… missing… missing stream .*stream missing /)
    expect(await s.edge.texts()).toHaveLength(29)
  })
})

describe('Q10: asking anew while it is compared', () => {
  it('begins again, and what was said before is passed over', async () => {
    const s = await parted()
    let wait: (() => void) | undefined
    s.hub.digests.beforeCatchUp = () =>
      new Promise((resolve) => {
        wait = resolve
      })
    const met = await meet(s)
    met.initiator.rewant()
    await settle(met.link)
    s.hub.digests.beforeCatchUp = () => undefined
    wait?.()
    await settle(met.link)
    expect([met.initiator.current, met.acceptor.current]).toEqual([true, true])
    expect((await s.edge.texts()).sort()).toEqual(['one', 'three', 'two'])
    expect(met.sent.filter(({ name }) => name === 'compare').length).toBeGreaterThan(1)
  })
})

describe('Q13: a log that is asked from the beginning', () => {
  it('is not told again where it was compared', async () => {
    const s = await scene()
    await s.edge.write(line('r/1', 'one'), line('r/2', 'two'), line('r/2', 'three'))
    await s.hub.write(line('r/1', 'one'), line('r/2', 'two'))
    s.edge.digests.isKnown = true
    s.edge.cursors.set(`${s.hub.log}/a`, { log: s.hub.log, run: s.hub.runs[0]!.run, seq: s.hub.head })
    const met = await meet(s)
    expect(met.initiator.counters.entriesOut).toBe(1)
    expect(await s.hub.texts()).toEqual(['one', 'two', 'three'])
    expect(s.hub.cursors.get(`${s.edge.log}/*`)?.seq).toBe(s.edge.head)
  })

  it('is told at once where nobody can know it', async () => {
    const s = await scene()
    await s.edge.write(line('r/1', 'one'))
    s.edge.cursors.set(`${s.hub.log}/a`, { log: s.hub.log, run: s.hub.runs[0]!.run, seq: s.hub.head })
    const met = await meet(s)
    expect(met.sent.map(({ name }) => name)).not.toContain('compare')
    expect(await s.hub.texts()).toEqual(['one'])
  })
})

describe('Q14: audits', () => {
  it('are not done before the session is current, nor two at once', async () => {
    const s = await scene()
    const met = connect(s)
    expect(await met.initiator.audit()).toBeUndefined()
    await settle(met.link)
    const first = met.initiator.audit()
    expect(await met.initiator.audit()).toBeUndefined()
    await settle(met.link)
    expect(await first).toEqual({ channels: ['a'], diverged: 0 })
    const last = met.initiator.audit()
    met.initiator.close()
    expect(await last).toBeUndefined()
  })

  it('by timer are told as events; every so many is a recount', async () => {
    const s = await scene()
    const events: SessionEvent[] = []
    const met = await meet(s, { edge: { auditMs: RECOUNT_MS_MIN, log: (event) => events.push(event) } })
    for (let i = 0; i < AUDITS_PER_RECOUNT; i++) {
      s.world.clock.advance(RECOUNT_MS_MIN)
      await settle(met.link)
    }
    expect(met.initiator.counters).toMatchObject({ audits: AUDITS_PER_RECOUNT, diverged: 0 })
    expect(events.filter(({ kind }) => kind === 'audited')).toHaveLength(AUDITS_PER_RECOUNT)
    expect([s.edge.digests.recounts, s.hub.digests.recounts]).toEqual([1, 1])
  })

  it('do not count what is under way', async () => {
    const s = await scene()
    await s.hub.write(line('r/1', 'before'))
    const met = await meet(s)
    let release: () => void = () => undefined
    s.edge.beforeDeliver = () =>
      new Promise((resolve) => {
        release = resolve
      })
    const audit = met.initiator.audit()
    await s.hub.write(line('r/1', 'just now'), line('r/2', 'new'))
    await settle(met.link)
    s.edge.beforeDeliver = () => undefined
    release()
    await settle(met.link)
    expect(await audit).toEqual({ channels: ['a'], diverged: 0 })
    expect(met.sent.map(({ name }) => name)).toContain('ask')
    expect((await s.edge.texts()).sort()).toEqual(['before', 'just now', 'new'])
  })
})

describe('what a peer by hand gets', () => {
  async function open(): Promise<{ s: Scene; met: ByHand }> {
    const s = await scene({ hub: { wants: () => undefined }, edge: { wants: () => ['a'] } })
    await s.hub.write(line('r/1', 'one'), line('r/2', 'secret', ['b']))
    return { s, met: await accepted(s.hub, s.edge) }
  }

  it('Q3: nothing of a channel that it is not granted or did not ask', async () => {
    const { met } = await open()
    await met.say(opening(1, ['b', 'a', 'c']))
    expect(met.hand.last('differences').answers.map(({ kind }) => kind)).toEqual([
      'left-out',
      'items',
      'left-out',
    ])
    await met.say({
      type: 'ask',
      number: 1,
      records: [{ tree: 0, key: 'r/2', state: 'large' }],
      end: undefined,
    })
    expect((await met.session.closed).code).toBe(4400)
  })

  it('Q9: nothing of a record that is elsewhere, named by its key or not', async () => {
    const { met, s } = await open()
    await met.say(opening(1, ['a']))
    await met.say({
      type: 'ask',
      number: 1,
      records: [
        { tree: 0, key: 'r/2', state: 'large' },
        { tree: 0, key: 'r/none', state: 'large' },
      ],
      end: { beginning: [] },
    })
    const answer = met.hand.last('answer')
    expect(answer.records).toEqual([
      { state: undefined, underWay: false },
      { state: undefined, underWay: false },
    ])
    const told = met.hand.received
      .filter((bytes) => bytes[0] === 0x10)
      .map((bytes) => decodeFrame(bytes, s.hub.host.inflateRaw))
    expect(told.filter(({ beside }) => beside)).toEqual([])
  })

  it('Q15: a second question before the answer ends the session', async () => {
    const { met, s } = await open()
    s.hub.digests.beforeCatchUp = () => new Promise(() => undefined)
    await met.say(opening(1, ['a']))
    await met.say(opening(2, ['a']))
    expect(met.hand.last('bye').code).toBe('too-many')
  })

  it.each(['differences', 'answer'] as const)(
    '%s of a comparison that was never begun ends the session',
    async (type) => {
      const { met } = await open()
      if (type === 'differences') await met.say({ type, number: 1, answers: [] })
      else await met.say({ type, number: 1, records: [], settled: undefined })
      expect(met.hand.last('bye').code).toBe('malformed')
    },
  )

  it('RECOUNT_MS_MIN: a recount now and then, of one tree', async () => {
    const { met, s } = await open()
    const seed = new Uint8Array(16)
    const kinds = async (number: number, channels: string[]) => {
      await met.say(opening(number, channels, seed))
      return met.hand.last('differences').answers.map(({ kind }) => kind)
    }
    expect(await kinds(1, ['a', 'a'])).toEqual(['left-out', 'left-out'])
    expect(await kinds(2, ['a'])).toEqual(['items'])
    s.world.clock.advance(RECOUNT_MS_MIN - 1)
    expect(await kinds(3, ['a'])).toEqual(['left-out'])
    s.world.clock.advance(1)
    expect(await kinds(4, ['a'])).toEqual(['items'])
    expect(s.hub.digests.recounts).toBe(2)
  })

  it('I1: missing items of channels that are neither told nor reconciled end the session', async () => {
    const { s } = await open()
    const met = await challenged(s.hub)
    const { message } = await helloOf(s.edge, met)
    const cursors = new Map([['a', toReconcile(s.hub.log)]])
    await met.say({ ...message, want: { kind: 'channels', cursors } })
    expect(met.session.state).toBe('open')
    await met.sayFrame({ items: [entry(1, lineOf({ record: 'r/1', text: 'x' }))], beside: 'missing' })
    expect((await met.session.closed).code).toBe(4400)
  })

  it('its cursor "to be reconciled" waits for ever if it never begins, and nothing is told', async () => {
    const { s } = await open()
    const met = await challenged(s.hub)
    const { message } = await helloOf(s.edge, met)
    const cursors = new Map([['a', { log: s.hub.log, run: NO_RUN, seq: 2 }]])
    await met.say({ ...message, want: { kind: 'channels', cursors } })
    const frames = met.hand.received.filter((bytes) => bytes[0] === 0x10)
    expect(frames.flatMap((bytes) => decodeFrame(bytes, s.hub.host.inflateRaw).items)).toEqual([])
    expect(met.session.current).toBe(false)
  })
})
