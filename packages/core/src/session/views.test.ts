import { describe, expect, it } from 'vitest'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { accepted, welcomed } from './by-hand.test-support.ts'
import type { FakeReplica } from './fake-replica.test-support.ts'
import { decodeFrame, encodeFrame, type Frame, type FrameItem } from './frame.ts'
import * as limit from './limits.ts'
import { connect, type Met, meet, type Scene, scene, settle, turn } from './pair.test-support.ts'
import type { ToldView, Want } from './port.ts'
import { ViewReader } from './view-reader.ts'
import { decodeViews, encodeViews } from './view-text.ts'
import { grantWant, narrow, settledWant, viewsWelcome, withoutWaiting } from './want.ts'

const view = (record: string, length = 10): ToldView => ({
  record,
  version: 1,
  heads: '0123456789abcdef',
  view: 'x'.repeat(length),
})
const asItem = (...views: ToldView[]): FrameItem => ({ kind: 'views', bytes: encodeViews(views) })
const viewsIn = ({ items }: Frame) =>
  items.flatMap((item) => (item.kind === 'views' ? decodeViews(item.bytes) : []))
/** One of them fills a frame. */
const large = limit.VIEW_LENGTH_MAX - 1_000

function framesOf({ sent }: Met, replica: FakeReplica): Frame[] {
  return sent
    .filter(({ from, name }) => from === 'acceptor' && name === 'frame')
    .map(({ bytes }) => decodeFrame(bytes, replica.host.inflateRaw))
}

const recordsOf = (frames: readonly Frame[]) =>
  frames.filter(({ beside }) => beside === 'views').map((frame) => viewsIn(frame).map(({ record }) => record))

/** An edge of channels a and b that welcomes views; a hub with an entry in a, and these views. */
async function ready(
  views: Record<string, ToldView[]>,
  edge: { views?: boolean } = { views: true },
): Promise<Scene> {
  const s = await scene({ edge: { wants: () => ['a', 'b'], rights: { read: ['a', 'b'] }, ...edge } })
  s.hub.viewsIn = (channel) => views[channel] ?? []
  await s.hub.write({ record: 'r/1', channels: ['a'], text: 'one' })
  return s
}

describe('telling views', () => {
  it('U1: views of all channels go before anything of the stream, each channel after those before it', async () => {
    const s = await ready({ a: ['r/1', 'r/2', 'r/3'].map((key) => view(key)), b: [view('r/4')] })
    const met = await meet(s)
    const frames = framesOf(met, s.hub)
    expect(frames.map(({ beside, current }) => [beside, current])).toEqual([
      ['views', true],
      [undefined, true],
    ])
    expect(recordsOf(frames)).toEqual([['r/1', 'r/2', 'r/3', 'r/4']])
    expect(s.hub.viewReads).toEqual([
      { channel: 'a', told: [] },
      { channel: 'a', told: [] },
      { channel: 'b', told: ['a'] },
    ])
    expect(s.edge.viewsTaken.map(({ channels }) => channels)).toEqual([['a', 'b']])
    expect(s.edge.viewsTaken.flatMap(({ pages }) => pages.map((page) => decodeViews(page).length))).toEqual([
      4,
    ])
    expect(await s.edge.texts()).toEqual(['one'])
    expect(met.initiator.current).toBe(true)
  })

  it('U1: only of channels that begin at the beginning, and only when they are welcome', async () => {
    const s = await ready({ a: [view('r/1')], b: [view('r/2')] })
    const first = await meet(s)
    expect(recordsOf(framesOf(first, s.hub))).toEqual([['r/1', 'r/2']])
    first.link.cut()
    s.edge.cursors.delete(`${s.hub.log}/b`)
    expect(recordsOf(framesOf(await meet(s), s.hub))).toEqual([['r/2']])
    const unwelcome = await ready({ a: [view('r/1')] }, {})
    expect(recordsOf(framesOf(await meet(unwelcome), unwelcome.hub))).toEqual([])
    expect(unwelcome.hub.viewReads).toEqual([])
  })

  it('U2: fewer than viewsMin are not told, as many are', async () => {
    const three = ['r/1', 'r/2', 'r/3'].map((key) => view(key))
    const s = await ready({ a: three })
    s.hub.viewsMin = 4
    const met = await meet(s)
    expect(recordsOf(framesOf(met, s.hub))).toEqual([])
    expect([met.initiator.current, await s.edge.texts()]).toEqual([true, ['one']])
    const enough = await ready({ a: three })
    enough.hub.viewsMin = 3
    expect(recordsOf(framesOf(await meet(enough), enough.hub))).toEqual([['r/1', 'r/2', 'r/3']])
    const none = await ready({ a: three })
    none.hub.viewsMin = Number.POSITIVE_INFINITY
    await meet(none)
    expect(none.hub.viewReads).toEqual([])
  })

  it('U3: frames are filled, and the last says that all were told; not so when one was left out', async () => {
    const many = Array.from({ length: 9 }, (_, at) => view(`r/${at}`, limit.VIEWS_FRAME_LENGTH_MAX / 3 - 30))
    const s = await ready({ a: many })
    const frames = framesOf(await meet(s), s.hub).filter(({ beside }) => beside === 'views')
    expect(recordsOf(frames).map(({ length }) => length)).toEqual([3, 3, 3])
    expect(frames.map(({ current }) => current)).toEqual([false, false, true])
    const short = await ready({ a: [view('r/1'), view('r/large')] })
    expect(framesOf(await meet(short), short.hub).map(({ current }) => current)).toEqual([false, true])
  })

  it('U3: VIEWS_TOLD_LENGTH_MAX: nothing is read beyond it', async () => {
    let reads = 0
    const views = [view('r/1', limit.VIEWS_TOLD_LENGTH_MAX / 4)]
    const reader = new ViewReader(
      { viewsMin: 1, readViews: async () => ({ views, leftOut: false, next: ++reads }) },
      ['a'],
    )
    while (reader.isBehind) await reader.read()
    expect(reads).toBe(4)
    const wholes: boolean[] = []
    while (!reader.isOver) wholes.push(reader.take().whole)
    expect(wholes).toEqual([false, false, false, false])
  })

  it('U4: they wait for credit, and take none of the stream along', async () => {
    const s = await ready({ a: Array.from({ length: 40 }, (_, at) => view(`r/${at}`, large)) })
    const met = await accepted(s.hub, s.edge)
    await settle(met.link)
    const bytes = met.hand.received.reduce((sum, one) => sum + one.length, 0)
    expect(bytes).toBeGreaterThan(limit.INITIAL_CREDIT_BYTES)
    expect(bytes).toBeLessThan(limit.INITIAL_CREDIT_BYTES + 2 * limit.FRAME_BYTES_MAX)
    await met.say({ type: 'credit', bytes: limit.CREDIT_BYTES_MAX })
    const frames = met.hand.received
      .filter((one) => one[0] === 0x10)
      .map((one) => decodeFrame(one, s.hub.host.inflateRaw))
    expect(recordsOf(frames).flat()).toHaveLength(40)
    expect(frames.at(-1)?.beside).toBeUndefined()
  })

  it('U4: credit that comes back says that the line is slow, and the next are deflated', async () => {
    const s = await ready({ a: Array.from({ length: 40 }, (_, at) => view(`r/${at}`, large)) })
    const met = await accepted(s.hub, s.edge)
    const before = met.hand.received.length
    s.world.clock.advance(60_000)
    await met.say({ type: 'credit', bytes: limit.INITIAL_CREDIT_BYTES })
    const flags = met.hand.received.slice(before).map((one) => one[1]!)
    const ofViews = flags.filter((one) => one & 32)
    expect(ofViews.length).toBeGreaterThan(0)
    expect(ofViews.every((one) => one & 1)).toBe(true)
  })

  it('U5: a new want ends the telling, and a credential that grants less does', async () => {
    const s = await ready({ a: Array.from({ length: 40 }, (_, at) => view(`r/${at}`, large)) })
    const met = await accepted(s.hub, s.edge)
    const told = () =>
      recordsOf(
        met.hand.received
          .filter((one) => one[0] === 0x10)
          .map((one) => decodeFrame(one, s.hub.host.inflateRaw)),
      ).flat().length
    const before = told()
    expect(before).toBeLessThan(40)
    await met.say({ type: 'want', want: { kind: 'channels', cursors: new Map([['b', undefined]]) } })
    await met.say({ type: 'credit', bytes: limit.CREDIT_BYTES_MAX })
    expect(told()).toBe(before)
  })
})

describe('hearing views', () => {
  it('U6: from who is no authority they end the session, and nothing is kept', async () => {
    const s = await ready({})
    s.hub.credential = s.authority.issue('peer', s.hub.publicKey, { read: ['a', 'b'], write: ['a', 'b'] })
    const met = await welcomed(s.hub, s.edge)
    await met.sayFrame({ items: [asItem(view('r/1'))], beside: 'views' })
    expect([met.session.state, s.edge.viewsTaken]).toEqual(['closed', []])
    expect(met.hand.last('bye').code).toBe('unexpected-message')
  })

  it('U6: so do those that were not welcome', async () => {
    const s = await ready({}, {})
    const met = await welcomed(s.hub, s.edge)
    await met.sayFrame({ items: [asItem(view('r/1'))], beside: 'views' })
    expect([met.session.state, s.edge.viewsTaken]).toEqual(['closed', []])
    expect(met.hand.last('bye').code).toBe('unexpected-message')
  })

  it('U6: a peer that is no authority tells none', async () => {
    const s = await ready({ a: [view('r/1')] })
    s.hub.credential = s.authority.issue('peer', s.hub.publicKey, { read: ['a', 'b'], write: ['a', 'b'] })
    const met = await meet(s)
    expect([recordsOf(framesOf(met, s.hub)), met.initiator.current]).toEqual([[], true])
  })

  it('U7: a session is queryable when the last views are durable, and current when the entries are', async () => {
    const s = await ready({})
    const met = await welcomed(s.hub, s.edge)
    const seen: boolean[] = []
    met.session.onChange(() => seen.push(met.session.queryable))
    let release: () => void = () => undefined
    s.edge.beforeDeliver = () => new Promise((resolve) => (release = resolve))
    await met.sayFrame({ items: [asItem(view('r/1'))], beside: 'views' })
    release()
    await turn()
    expect(met.session.queryable).toBe(false)
    await met.sayFrame({ items: [asItem(view('r/2'))], beside: 'views', current: true })
    expect(met.session.queryable).toBe(false)
    release()
    await turn()
    expect([met.session.queryable, met.session.current, seen]).toEqual([true, false, [true]])
  })

  it('I2, U4: frames of views share a delivery with each other and not with the stream; their credit comes back', async () => {
    const s = await ready({})
    const met = await welcomed(s.hub, s.edge)
    let release: () => void = () => undefined
    s.edge.beforeDeliver = () => new Promise((resolve) => (release = resolve))
    const views = (first: number) => ({
      items: [first, first + 1, first + 2].map((at) => asItem(view(`r/${at}`, large))),
      position: undefined,
      current: false,
      beside: 'views' as const,
    })
    for (const first of [0, 3, 6]) met.hand.send(encodeFrame(views(first)))
    met.hand.send(encodeFrame({ items: [], position: undefined, current: true }))
    for (let at = 0; at < 4; at++) {
      await settle(met.link)
      release()
    }
    await settle(met.link)
    expect(s.edge.viewsTaken.map(({ pages }) => pages.length)).toEqual([3, 6])
    expect(s.edge.deliveries).toHaveLength(1)
    expect(met.hand.names().filter((name) => name === 'credit').length).toBeGreaterThan(0)
    expect(met.hand.names().filter((name) => name === 'ack')).toEqual([])
  })
})

describe('U1: wants', () => {
  const log = '0'.repeat(32)
  const cursors = new Map([
    ['a', undefined],
    ['b', { log, run: '1'.repeat(32), seq: 5 }],
    ['c', { log, run: '0'.repeat(32), seq: 1 }],
    ['d', { log, run: '0'.repeat(32), seq: 2 }],
  ])
  const want: Want = { kind: 'channels', cursors, views: true }

  it('welcome views of channels from the beginning, with LEAVE marks or without', () => {
    expect(viewsWelcome(want)).toEqual(['a', 'c'])
    expect(viewsWelcome({ kind: 'channels', cursors })).toEqual([])
    expect(viewsWelcome({ kind: 'log', cursor: undefined })).toEqual([])
  })

  it('stay so when they are narrowed, when something waits, and when it is settled', () => {
    expect(viewsWelcome(narrow(want, ['a', 'd'], []))).toEqual(['a'])
    expect(viewsWelcome(withoutWaiting(want))).toEqual(['a', 'c'])
    expect(viewsWelcome(settledWant(want, () => 'leave-out'))).toEqual(['a', 'c'])
  })

  it('are granted by the credential', async () => {
    const { hub, edge } = await scene()
    const granted = grantWant(
      {
        kind: 'channels',
        cursors: new Map([
          ['a', undefined],
          ['z', undefined],
        ]),
        views: true,
      },
      edge.credential!,
      hub,
    )
    expect(viewsWelcome(granted.want)).toEqual(['a'])
  })
})

describe('views as text', () => {
  const told = [view('r/1'), { ...view('r/2'), view: '{"a":"\\"\u0000ü😀"}' }]

  it('come back as they were', () => {
    expect(decodeViews(encodeViews(told))).toEqual(told)
    expect(decodeViews(encodeViews([]))).toEqual([])
  })

  it.each<[string, string | Uint8Array]>([
    ['no JSON', '["r/1",1,"",'],
    ['no UTF-8', Uint8Array.of(0x5b, 0x22, 0xff, 0x22, 0x5d)],
    ['no list', '{"length":4}'],
    ['a part of a view', '["r/1",1,""]'],
    ['a record that is no text', '[1,1,"","{}"]'],
    ['a version that is no number', '["r/1","1","","{}"]'],
    ['a version that is no whole number', '["r/1",1.5,"","{}"]'],
    ['heads that are no text', '["r/1",1,[],"{}"]'],
    ['a view that is no text', '["r/1",1,"",{"a":1}]'],
    ['a list that is deep', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['a key that is too long', JSON.stringify(['r'.repeat(limit.RECORD_BYTES_MAX + 1), 1, '', '{}'])],
    ['a view that is too long', JSON.stringify(['r/1', 1, '', 'x'.repeat(limit.VIEW_LENGTH_MAX + 1)])],
    [
      'heads that are too many',
      JSON.stringify(['r/1', 1, '0'.repeat(limit.VIEW_HEADS_LENGTH_MAX + 1), '{}']),
    ],
  ])('U6: %s is malformed', (_what, text) => {
    const bytes = typeof text === 'string' ? encodeUtf8(text) : text
    expect(() => decodeViews(bytes)).toThrow(expect.objectContaining({ code: 'malformed' }))
  })

  it('of the longest fields pass', () => {
    const longest = {
      record: 'r'.repeat(limit.RECORD_BYTES_MAX),
      version: 1,
      heads: '0'.repeat(limit.VIEW_HEADS_LENGTH_MAX),
      view: '\u0001'.repeat(limit.VIEW_LENGTH_MAX),
    }
    const bytes = encodeViews([longest])
    expect(bytes.length).toBeLessThanOrEqual(limit.VIEWS_BYTES_MAX)
    expect(decodeViews(bytes)).toEqual([longest])
  })
})

describe('a line that breaks while views are told', () => {
  it('U5: the stream goes on from its own beginning', async () => {
    const s = await ready({ a: Array.from({ length: 9 }, (_, at) => view(`r/${at}`, large)) })
    const met = connect(s)
    while (s.edge.viewsTaken.length === 0) {
      await turn()
      met.link.flush(1)
    }
    met.link.cut()
    await turn()
    expect(await s.edge.texts()).toEqual([])
    await meet(s)
    expect(await s.edge.texts()).toEqual(['one'])
  })
})
