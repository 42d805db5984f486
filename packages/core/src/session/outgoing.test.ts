import { describe, expect, it } from 'vitest'
import { toHex } from '../bytes/hex.ts'
import { memoryStore } from '../store/memory.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { accepted, at } from './by-hand.test-support.ts'
import { type FakeReplica, lineOf } from './fake-replica.test-support.ts'
import { decodeFrame, type Frame } from './frame.ts'
import * as limit from './limits.ts'
import { connect, type Met, meet, scene, settle, turn } from './pair.test-support.ts'

function framesOf(
  { sent }: Met,
  s: { hub: FakeReplica },
  from: 'initiator' | 'acceptor' = 'acceptor',
): Frame[] {
  return sent
    .filter((one) => one.from === from && one.name === 'frame')
    .map(({ bytes }) => decodeFrame(bytes, s.hub.host.inflateRaw))
}

const kindsOf = (frames: Frame[]) => frames.map(({ items }) => items.map(({ kind }) => kind))
const noise = (bytes: number, seed = 1) => toHex(new SeededRandom(seed).bytes(bytes / 2))

describe('O1: the want is followed', () => {
  it('entries and marks of the asked channels above their cursors', async () => {
    const s = await scene()
    await s.hub.write(
      { record: 'r/1', channels: ['a'], text: 'one' },
      { record: 'r/2', channels: ['b'], text: 'two' },
    )
    const first = await meet(s)
    expect(kindsOf(framesOf(first, s))).toEqual([['entry', 'enter']])
    first.initiator.close()
    await s.hub.write(
      { record: 'r/1', channels: ['a'], text: 'three' },
      { record: 'r/1', channels: ['b'], text: 'four' },
    )
    expect(kindsOf(framesOf(await meet(s), s))).toEqual([['leave']])
    expect(await s.edge.texts()).toEqual(['one'])
  })

  it('the whole log above its cursor', async () => {
    const s = await scene()
    await s.edge.write({ record: 'r/1', text: 'one' }, { record: 'r/2', channels: ['z'], text: 'two' })
    const met = await meet(s)
    expect(kindsOf(framesOf(met, s, 'initiator'))).toEqual([['entry', 'entry']])
    expect(s.hub.cursors.get(`${s.edge.log}/*`)?.seq).toBe(s.edge.head)
  })
})

describe('O2, O7: records that enter a channel', () => {
  it('come whole before their mark, and positions wait for the mark', async () => {
    const s = await scene()
    const parts = Array.from({ length: 5 }, (_, i) => ({
      record: 'r/1',
      channels: ['b'],
      text: noise(100_000, i),
    }))
    await s.hub.write({ record: 'r/0', channels: ['a'], text: 'before' }, ...parts)
    await s.hub.write({ record: 'r/1', channels: ['a', 'b'], text: 'enters' })
    const met = await meet(s, { hub: { compress: 'never' } })
    const frames = framesOf(met, s)
    expect(frames.map(({ items, position }) => [items.length, position?.seq])).toEqual([
      [4, undefined],
      [2, undefined],
      [3, s.hub.head],
    ])
    expect(frames.at(-1)!.items.at(-1)).toMatchObject({ kind: 'enter', record: 'r/1', channel: 'a' })
    expect(await s.edge.texts()).toHaveLength(7)
  })

  it('cut off inside a record, the cursor stands before it, and the record comes again whole', async () => {
    const s = await scene()
    await s.hub.write({ record: 'r/0', channels: ['a'], text: 'before' })
    const parts = Array.from({ length: 5 }, (_, i) => ({
      record: 'r/1',
      channels: ['b'],
      text: noise(100_000, i),
    }))
    await s.hub.write(...parts, { record: 'r/1', channels: ['a', 'b'], text: 'enters' })
    const { link, sent } = connect(s, { hub: { compress: 'never' } })
    while (sent.filter(({ from, name }) => from === 'acceptor' && name === 'frame').length < 1) {
      link.flush()
      await turn()
    }
    link.deliver('initiator')
    link.deliver('initiator')
    await turn()
    link.cut()
    expect(s.edge.deliveries).toHaveLength(1)
    expect(s.edge.cursors.get(`${s.hub.log}/a`)).toBeUndefined()
    await meet(s)
    expect(await s.edge.texts()).toHaveLength(7)
  })
})

describe('O4: credentials of authors', () => {
  it('go before the first entry that cites them, once', async () => {
    const s = await scene()
    const author = s.authority.issue('author', new Uint8Array(32).fill(7))
    s.hub.know(author)
    const line = (text: string) => ({ record: 'r/1', channels: ['a'], cited: author.hash, text })
    await s.hub.write({ record: 'r/0', channels: ['a'], text: 'none cited' }, line('one'), line('two'))
    const { link } = await meet(s)
    const kinds = () => s.edge.deliveries.flatMap(({ items }) => items.map(({ kind }) => kind))
    expect(kinds()).toEqual(['entry', 'enter', 'credential', 'entry', 'enter', 'entry'])
    await s.hub.write(line('three'))
    await settle(link)
    expect(kinds().slice(-1)).toEqual(['entry'])
    expect(await s.edge.credentialByHash(author.hash)).toEqual(author)
  })

  it('those that the handshake showed, and those not known, are not sent', async () => {
    const s = await scene()
    const cited = [s.hub.credential!.hash, s.edge.credential!.hash, 'f'.repeat(64)]
    await s.hub.write(
      ...cited.map((hash, i) => ({ record: `r/${i}`, channels: ['a'], cited: hash, text: `${i}` })),
    )
    await meet(s)
    expect(
      s.edge.deliveries.flatMap(({ items }) => items).filter(({ kind }) => kind === 'credential'),
    ).toEqual([])
    expect(await s.edge.texts()).toHaveLength(3)
  })

  it('one that this side got while the handshake was under way is sent, though it is its own', async () => {
    const s = await scene()
    const met = connect(s)
    await turn()
    while (!met.sent.some(({ name }) => name === 'hello')) {
      met.link.flush()
      await turn()
    }
    const newer = s.authority.issue('edge', s.edge.publicKey, { read: ['a'], write: ['a'] })
    s.edge.credential = newer
    s.edge.know(newer)
    await s.edge.write({ record: 'r/1', channels: ['a'], cited: newer.hash, text: 'under the newer' })
    await settle(met.link)
    const kinds = s.hub.deliveries.flatMap(({ items }) => items.map(({ kind }) => kind))
    expect(kinds).toEqual(['credential', 'entry'])
  })
})

describe('O5: frames', () => {
  it('hold up to FRAME_BYTES_MAX of items', async () => {
    const s = await scene()
    const lines = Array.from({ length: 3000 }, (_, i) => ({
      record: `r/${i}`,
      channels: ['a'],
      text: noise(200, i),
    }))
    await s.hub.write(...lines)
    const met = await meet(s, { hub: { compress: 'never' } })
    const sizes = met.sent
      .filter(({ from, name }) => from === 'acceptor' && name === 'frame')
      .map(({ bytes }) => bytes.length)
    expect(sizes.length).toBeGreaterThan(2)
    for (const size of sizes) expect(size).toBeLessThanOrEqual(limit.FRAME_BYTES_MAX + 32)
    for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThan(limit.FRAME_BYTES_MAX * 0.7)
    expect(await s.edge.texts()).toHaveLength(3000)
  })

  it('fault N13: a larger entry goes alone, one beyond ENTRY_BYTES_MAX is left out and reported', async () => {
    const s = await scene({ edge: { wants: () => 'log', rights: { read: ['*'] } } })
    const empty = lineOf({ record: 'r/2', text: '' }).length
    await s.hub.write(
      { record: 'r/1', text: 'one' },
      { record: 'r/2', text: 'x'.repeat(limit.ENTRY_BYTES_MAX - empty) },
      { record: 'r/3', text: 'x'.repeat(limit.ENTRY_BYTES_MAX - empty + 1) },
      { record: 'r/4', text: 'four' },
    )
    const events: unknown[] = []
    const met = await meet(s, { hub: { log: (event) => events.push(event) } })
    expect(kindsOf(framesOf(met, s))).toEqual([['entry'], ['entry'], ['entry']])
    expect((await s.edge.lines()).map(({ record }) => record)).toEqual(['r/1', 'r/2', 'r/4'])
    expect(events).toContainEqual({ kind: 'entry-left-out', seq: 3, bytes: limit.ENTRY_BYTES_MAX + 1 })
    expect(met.initiator.current).toBe(true)
  })
})

describe('O6: waiting', () => {
  const megabytes = (count: number) =>
    Array.from({ length: count * 10 }, (_, i) => ({
      record: `r/${i}`,
      channels: ['a'],
      text: noise(100_000, i),
    }))

  it('fault S7: for credit: no more than INITIAL_CREDIT_BYTES and a frame go out before any was durable', async () => {
    const s = await scene()
    await s.hub.write(...megabytes(3))
    let let1go: () => void = () => undefined
    s.edge.beforeDeliver = () => new Promise((resolve) => (let1go = resolve))
    const met = await meet(s, { hub: { compress: 'never' } })
    const out = () => met.acceptor.counters.bytesOut
    expect(out()).toBeGreaterThan(limit.INITIAL_CREDIT_BYTES)
    expect(out()).toBeLessThan(limit.INITIAL_CREDIT_BYTES + limit.FRAME_BYTES_MAX + 2000)
    s.edge.beforeDeliver = () => undefined
    let1go()
    await settle(met.link)
    expect(out()).toBeGreaterThan(3_000_000)
    expect(await s.edge.texts()).toHaveLength(30)
    expect(met.initiator.current).toBe(true)
  })

  it('for credit: a frame costs FRAME_COST_BYTES besides its bytes', async () => {
    const { hub, edge } = await scene({ edge: { wants: () => 'log', rights: { read: ['*'] } } })
    const met = await accepted(hub, edge)
    const frames = () => met.hand.received.filter((bytes) => bytes[0] === 0x10)
    let spent = frames()[0]!.length + limit.FRAME_COST_BYTES
    for (let i = 0; spent < limit.INITIAL_CREDIT_BYTES; i++) {
      await hub.write({ record: `r/${i}`, text: 'x'.repeat(900) })
      await settle(met.link)
      await met.say({ type: 'ack', position: i + 1, head: 1, refusals: [] })
      spent += frames().at(-1)!.length + limit.FRAME_COST_BYTES
    }
    const { length } = frames()
    await hub.write({ record: 'r/last', text: 'waits' })
    await settle(met.link)
    expect(frames()).toHaveLength(length)
    await met.say({ type: 'credit', bytes: limit.FRAME_BYTES_MAX })
    expect(frames()).toHaveLength(length + 1)
  })

  it('for room in the transport', async () => {
    const s = await scene()
    await s.hub.write(...megabytes(3))
    const { link, acceptor } = connect(s, { hub: { compress: 'never' } })
    for (let i = 0; i < 6; i++) {
      link.deliver('initiator')
      link.deliver('acceptor')
      await turn()
    }
    const { bufferedBytes } = link.acceptor
    expect(bufferedBytes).toBeLessThan(limit.SEND_BUFFER_BYTES_MAX + limit.FRAME_BYTES_MAX + 2000)
    await settle(link)
    expect(acceptor.current).toBe(true)
  })

  it('for acknowledgements: UNACKNOWLEDGED_FRAMES_MAX positions, not one more', async () => {
    const { hub, edge } = await scene({ edge: { wants: () => 'log', rights: { read: ['*'] } } })
    const met = await accepted(hub, edge)
    await met.say({ type: 'credit', bytes: limit.CREDIT_BYTES_MAX })
    for (let i = 0; i < limit.UNACKNOWLEDGED_FRAMES_MAX + 5; i++) {
      await hub.write({ record: `r/${i}`, text: `${i}` })
      await turn()
    }
    await settle(met.link)
    const frames = () => met.hand.names().filter((name) => name === 'frame').length
    // The first frame was empty and moved nothing.
    expect(frames()).toBe(1 + limit.UNACKNOWLEDGED_FRAMES_MAX)
    await met.say({ type: 'ack', position: 1, head: 1, refusals: [] })
    expect(frames()).toBe(2 + limit.UNACKNOWLEDGED_FRAMES_MAX)
  })

  it('credit beyond CREDIT_BYTES_MAX is not used', async () => {
    const { hub, edge } = await scene({ edge: { wants: () => 'log', rights: { read: ['*'] } } })
    const met = await accepted(hub, edge, { compress: 'never' })
    for (let i = 0; i < 3; i++) await met.say({ type: 'credit', bytes: Number.MAX_SAFE_INTEGER })
    const count = limit.CREDIT_BYTES_MAX / (2 * 1024 * 1024) + 4
    for (let i = 0; i < count; i++)
      await hub.write({ record: `r/${i}`, text: `${i}`.padEnd(2 * 1024 * 1024, 'x') })
    await settle(met.link)
    const bytes = met.hand.received.reduce((sum, message) => sum + message.length, 0)
    expect(bytes).toBeGreaterThan(limit.CREDIT_BYTES_MAX)
    expect(bytes).toBeLessThan(limit.CREDIT_BYTES_MAX + 3 * 1024 * 1024)
  })
})

describe('O8: current', () => {
  it('is said on the frame that reached the head, or by an empty one', async () => {
    const s = await scene()
    const empty = await meet(s)
    expect(framesOf(empty, s)).toEqual([{ items: [], position: undefined, current: true }])
    empty.initiator.close()
    await s.hub.write({ record: 'r/1', channels: ['a'], text: 'one' })
    expect(framesOf(await meet(s), s).map(({ current }) => current)).toEqual([true])
  })

  it('is not said while more is to come', async () => {
    const s = await scene()
    await s.hub.write(
      ...Array.from({ length: 5 }, (_, i) => ({
        record: `r/${i}`,
        channels: ['a'],
        text: noise(200_000, i),
      })),
    )
    const frames = framesOf(await meet(s), s)
    expect(frames.map(({ current }) => current)).toEqual([false, false, false, false, true])
  })

  it('what is not for the peer moves its position every POSITION_LAG_MAX sequences only', async () => {
    const s = await scene()
    const met = await meet(s)
    const before = framesOf(met, s).length
    const others = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ record: 'r/9', text: `${s.hub.head} ${i}` }))
    await s.hub.write(...others(limit.POSITION_LAG_MAX - 1))
    await settle(met.link)
    expect(framesOf(met, s)).toHaveLength(before)
    await s.hub.write({ record: 'r/9', channels: ['q'], text: 'other' })
    await s.hub.write({ record: 'r/1', channels: ['a'], text: 'for you' })
    await settle(met.link)
    expect(framesOf(met, s)).toHaveLength(before + 1)
    await s.edge.write(...others(1))
    // Told of the channel, but the entry is the peer's own: only the position lags.
    const own = (i: number) => ({ record: 'r/1', channels: ['a'], text: `own ${i}` })
    await s.edge.write(...Array.from({ length: limit.POSITION_LAG_MAX }, (_, i) => own(i)))
    await settle(met.link)
    expect(framesOf(met, s).at(-1)).toMatchObject({ items: [], position: { seq: s.hub.head }, current: true })
  })
})

describe('O9: commits', () => {
  it('of one turn share a frame', async () => {
    const s = await scene()
    const met = await meet(s)
    const before = met.sent.length
    await Promise.all([1, 2, 3].map((i) => s.edge.write({ record: `r/${i}`, channels: ['a'], text: `${i}` })))
    await turn()
    expect(met.sent.length - before).toBe(1)
    await settle(met.link)
    expect(await s.hub.texts()).toEqual(['1', '2', '3'])
  })

  it('of other channels do not touch the store', async () => {
    const s = await scene()
    const { link } = await meet(s)
    let reads = 0
    const { readChannels } = s.hub
    s.hub.readChannels = (after, page) => {
      reads += 1
      return readChannels.call(s.hub, after, page)
    }
    await s.hub.write({ record: 'r/1', channels: ['b'], text: 'one' })
    await settle(link)
    expect(reads).toBe(0)
    await s.hub.write({ record: 'r/2', channels: ['a'], text: 'two' })
    await settle(link)
    expect(reads).toBe(1)
  })

  it('go on reaching a peer while others never stop', async () => {
    const s = await scene({ edge: { wants: () => 'log', rights: { read: ['*'] } } })
    const { link } = await meet(s)
    const { readLog } = s.hub
    let written = 0
    // A commit after every read: the log always goes on beyond what was read.
    s.hub.readLog = async (after, page) => {
      const entries = await readLog.call(s.hub, after, page)
      if (++written < 200) await s.hub.write({ record: 'r/1', text: `${written}` })
      return entries
    }
    await s.hub.write({ record: 'r/1', text: 'first' })
    await turn()
    expect(link.pending().initiator).toBeGreaterThan(50)
    await settle(link)
    expect(await s.edge.texts()).toEqual(await s.hub.texts())
    const said = s.edge.deliveries.slice(1).map(({ current }) => current)
    expect(said.indexOf(true)).toBe(said.length - 1)
  })

  it('of entries and marks are one frame, also later', async () => {
    const s = await scene()
    const met = await meet(s)
    for (let i = 0; i < 3; i++) {
      const before = framesOf(met, s, 'initiator').length
      await s.edge.write({ record: `r/${i}`, channels: ['x', 'y'], text: 'entry and two marks' })
      await settle(met.link)
      expect(framesOf(met, s, 'initiator').slice(before)).toMatchObject([
        { position: { seq: s.edge.head }, current: true },
      ])
    }
  })
})

describe('DIF-3: O11: deflating', () => {
  const compressible = (count: number, bytes: number) =>
    Array.from({ length: count }, (_, i) => ({
      record: `r/${i}`,
      channels: ['a'],
      text: `${i}`.padEnd(bytes, '.'),
    }))

  it('is for bodies from 1 KiB to 32 KiB, unless it is switched off', async () => {
    for (const [compress, deflated] of [
      ['auto', 1],
      ['never', 0],
    ] as const) {
      const s = await scene()
      await s.hub.write(...compressible(1, 20_000))
      const met = await meet(s, { hub: { compress } })
      expect(met.sent.filter(({ name, bytes }) => name === 'frame' && (bytes[1]! & 1) === 1)).toHaveLength(
        deflated,
      )
      expect(await s.edge.texts()).toHaveLength(1)
    }
  })

  it('is for larger ones once the line was found slow', async () => {
    const s = await scene()
    await s.hub.write(...compressible(60, 50_000))
    const { link, sent } = connect(s)
    while (link.flush() > 0) {
      s.world.clock.advance(1000)
      await turn()
    }
    const flags = sent
      .filter(({ from, name }) => from === 'acceptor' && name === 'frame')
      .map(({ bytes }) => bytes[1]! & 1)
    expect(flags[0]).toBe(0)
    expect(flags.at(-2)).toBe(1)
    expect(await s.edge.texts()).toHaveLength(60)
  })
})

describe('positions', () => {
  it('in runs older than those listed name their run', async () => {
    const store = memoryStore()
    const s = await scene({ hub: { store } })
    await s.hub.write({ record: 'r/1', channels: ['a'], text: 'one' })
    for (let i = 0; i < limit.RUNS_LISTED_MAX + 1; i++) {
      await store.close()
      await s.hub.restart(toHex(s.hub.host.random(16)))
    }
    const met = await meet(s)
    expect(framesOf(met, s)[0]!.position).toEqual({ seq: s.hub.head, run: s.hub.runs[0]!.run })
    expect(s.edge.cursors.get(`${s.hub.log}/a`)).toMatchObject({ run: s.hub.runs[0]!.run })
    met.initiator.close()
    await settle(met.link)
    const again = await meet(s)
    expect(again.initiator.counters.entriesIn).toBe(0)
  })

  it('in such runs that name none are malformed', async () => {
    const { hub, edge } = await scene()
    const met = await accepted(hub, edge)
    await met.sayFrame({ position: at(1) })
    expect(met.session.state).toBe('open')
    const later = await scene()
    await later.edge.write({ record: 'r/1', text: 'one' })
    const runs = [{ run: later.edge.runs[0]!.run, first: 100 }]
    Object.assign(later.edge, { runs })
    const other = await accepted(later.hub, later.edge)
    await other.sayFrame({ position: at(99) })
    expect(other.hand.last('bye').code).toBe('malformed')
  })
})
