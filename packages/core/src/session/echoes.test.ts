import { describe, expect, it } from 'vitest'
import { toHex } from '../bytes/hex.ts'
import { heardRun } from '../log/heard-run.ts'
import { memoryStore } from '../store/memory.ts'
import { VirtualWorld } from '../testing/virtual-host.ts'
import * as limit from './limits.ts'
import { connect, type Met, meet, type Scene, scene, settle, turn } from './pair.test-support.ts'
import { PeerHolds } from './peer-holds.ts'
import type { Peer } from './port.ts'

describe('O3: echoes', () => {
  it('an entry is not told to where it came from', async () => {
    const s = await scene()
    await s.edge.write({ record: 'r/1', channels: ['a'], text: 'one' })
    const { link, acceptor } = await meet(s)
    const before = acceptor.counters.entriesOut
    await s.edge.write({ record: 'r/1', channels: ['a'], text: 'two' })
    await settle(link)
    expect(await s.hub.texts()).toEqual(['one', 'two'])
    expect(acceptor.counters.entriesOut).toBe(before)
    expect(acceptor.current).toBe(true)
  })

  it('nor after the peer restarted, while it still lists the run', async () => {
    for (const [restarts, sentBack] of [
      [limit.RUNS_LISTED_MAX - 1, 0],
      [limit.RUNS_LISTED_MAX, 1],
    ] as const) {
      const store = memoryStore()
      const s = await scene({ edge: { store, wants: () => 'log', rights: { read: ['*'] } } })
      await s.edge.write({ record: 'r/1', channels: ['a'], text: 'one' })
      const first = await meet(s)
      first.initiator.close()
      await settle(first.link)
      for (let i = 0; i < restarts; i++) {
        await store.close()
        await s.edge.restart(toHex(s.edge.host.random(16)))
      }
      s.edge.cursors.clear()
      const { acceptor } = await meet(s)
      expect(acceptor.counters.entriesOut).toBe(sentBack)
      expect(await s.edge.texts()).toEqual(['one'])
    }
  })

  it('a record that enters is told whole, also to where it came from', async () => {
    const s = await scene()
    await s.edge.write(
      { record: 'r/1', channels: ['a'], text: 'mine' },
      { record: 'r/1', channels: ['z'], text: 'moved' },
    )
    const { link } = await meet(s)
    expect(s.edge.deliveries.flatMap(({ items }) => items.map(({ kind }) => kind))).toEqual([])
    await s.hub.write({ record: 'r/1', channels: ['a'], text: 'brought back' })
    await settle(link)
    expect(s.edge.deliveries.at(-1)!.items.map(({ kind }) => kind)).toEqual([
      'entry',
      'entry',
      'entry',
      'enter',
    ])
  })

  it('a device leaves out what the peer told in this session, and tells it in a later one', async () => {
    const s = await scene({ hub: { rights: { role: 'device', read: ['*'] } } })
    await s.edge.write({ record: 'r/1', channels: ['a'], text: 'one' })
    const first = await meet(s)
    expect([first.acceptor.counters.entriesOut, first.acceptor.counters.entriesIn]).toEqual([0, 1])
    first.initiator.close()
    await settle(first.link)
    s.edge.cursors.clear()
    const second = await meet(s)
    expect(second.acceptor.counters.entriesOut).toBe(1)
  })
})

describe('O12: what a peer no longer holds', () => {
  /** Entries that the hub tells after the edge wrote one more of its own into the record. */
  async function echoes(s: Scene, met: Met): Promise<number> {
    const before = met.acceptor.counters.entriesOut
    await s.edge.write({ record: 'r/1', channels: ['a', 'c'], text: 'own' })
    await settle(met.link)
    return met.acceptor.counters.entriesOut - before
  }
  const both = { edge: { wants: () => ['a', 'c'], rights: { read: ['a', 'c'] } } }

  it('is every entry below what it gave up, before the session', async () => {
    for (const [forgotten, echoed] of [
      [0, 0],
      [1, 1],
    ] as const) {
      const s = await scene({ edge: { wants: () => 'log', rights: { read: ['*'] } } })
      await s.edge.write({ record: 'r/1', text: 'one' }, { record: 'r/1', text: 'two' })
      const first = await meet(s)
      first.initiator.close()
      await settle(first.link)
      s.edge.forgotten = forgotten
      s.edge.cursors.clear()
      expect((await meet(s)).acceptor.counters.entriesOut).toBe(echoed)
    }
  })

  it('is a record that was told LEAVE', async () => {
    const s = await scene(both)
    await s.hub.write({ record: 'r/1', channels: ['a', 'c'], text: 'one' })
    const met = await meet(s)
    expect(await echoes(s, met)).toBe(0)
    await s.hub.write({ record: 'r/1', channels: ['c'], text: 'leaves a' })
    await s.hub.write({ record: 'r/1', channels: ['c'], text: 'more' })
    await settle(met.link)
    const before = met.acceptor.counters.entriesOut
    await s.edge.write({ record: 'r/1', channels: ['c'], text: 'own 2' })
    await settle(met.link)
    expect(met.acceptor.counters.entriesOut - before).toBe(1)
  })

  it('is a record that was answered elsewhere', async () => {
    const s = await scene({
      ...both,
      hub: { refuse: ({ text }) => (text === 'lost' ? 'elsewhere' : undefined) },
    })
    await s.hub.write({ record: 'r/1', channels: ['a', 'c'], text: 'one' })
    const met = await meet(s)
    await s.edge.write({ record: 'r/1', channels: ['a', 'c'], text: 'lost' })
    await settle(met.link)
    expect(s.edge.acknowledgements.at(-1)!.refusals).toEqual([
      { seq: s.edge.head, code: 'elsewhere', reason: 'elsewhere: lost' },
    ])
    expect(await echoes(s, met)).toBe(1)
  })

  it('may be anything once its credential changed', async () => {
    const s = await scene(both)
    await s.hub.write({ record: 'r/1', channels: ['a', 'c'], text: 'one' })
    const met = await meet(s)
    met.initiator.renew(s.authority.issue('edge', s.edge.publicKey, { read: ['a', 'c'] }).token)
    await settle(met.link)
    expect(await echoes(s, met)).toBe(1)
  })

  it('may be anything as soon as it showed another credential, however long that is judged', async () => {
    const s = await scene(both)
    await s.hub.write({ record: 'r/1', channels: ['a', 'c'], text: 'one' })
    const met = await meet(s)
    expect(await echoes(s, met)).toBe(0)
    const before = met.acceptor.counters.entriesOut
    const disk = Promise.withResolvers<void>()
    s.hub.remember = () => disk.promise
    // It lost its channels and has them again: it asks from the beginning.
    s.edge.cursors.clear()
    met.initiator.renew(s.authority.issue('edge', s.edge.publicKey, { read: ['a', 'c'] }).token)
    await settle(met.link)
    expect(met.acceptor.counters.entriesOut - before).toBe(0)
    disk.resolve()
    await settle(met.link)
    expect(met.acceptor.counters.entriesOut - before).toBe(2)
  })

  it('GIVEN_UP_MAX: beyond it nothing is believed to be held', () => {
    const host = new VirtualWorld(1).host()
    const held = new PeerHolds(host, 0)
    const runs = [{ run: 'r1', first: 1 }]
    const peer = { node: 'n1', runs } as unknown as Peer
    const heard = (record: string) =>
      held.has(peer, {
        seq: 9,
        kind: 'changes',
        record,
        bytes: new Uint8Array(),
        origin: { run: heardRun(host, 'n1', 'r1'), seq: 1 },
      })
    for (let i = 0; i < limit.GIVEN_UP_MAX; i++) held.doubt(`r/${i}`)
    expect([heard('r/0'), heard('r/other')]).toEqual([false, true])
    held.doubt('r/one more')
    expect(heard('r/other')).toBe(false)
  })
})

describe('O10: answers that were lost', () => {
  it('are asked for again by telling the entries again', async () => {
    const s = await scene({ hub: { refuse: ({ text }) => (text === 'two' ? 'read-only' : undefined) } })
    s.edge.answeredUpTo = 0
    await s.edge.write({ record: 'r/1', text: 'one' }, { record: 'r/2', text: 'two' })
    const { link, sent } = connect(s)
    while (!sent.some(({ from, name }) => from === 'acceptor' && name === 'ack')) {
      link.flush()
      await turn()
    }
    link.cut()
    expect(s.hub.cursors.get(`${s.edge.log}/*`)?.seq).toBe(2)
    expect(s.edge.acknowledgements).toEqual([])
    await meet(s)
    expect(s.edge.acknowledgements.map(({ seq, refusals }) => [seq, refusals.map((one) => one.seq)])).toEqual(
      [[2, [2]]],
    )
    expect(await s.hub.texts()).toEqual(['one'])
  })

  it('O13: name the head of the log that gave them', async () => {
    const s = await scene()
    await s.hub.write({ record: 'r/9', channels: ['b'], text: 'there before' })
    await s.edge.write({ record: 'r/1', text: 'one' })
    await meet(s)
    expect(s.edge.acknowledgements.map(({ seq, at }) => [seq, at])).toEqual([[1, s.hub.head]])
  })

  it('of entries that were all left out are taken as given', async () => {
    const s = await scene()
    await s.hub.write({ record: 'r/1', channels: ['a'], text: 'one' })
    const first = await meet(s)
    first.initiator.close()
    await settle(first.link)
    s.hub.cursors.set(`${s.edge.log}/*`, { log: s.edge.log, run: s.edge.runs[0]!.run, seq: s.edge.head })
    s.edge.answeredUpTo = 0
    s.edge.acknowledgements.length = 0
    const { sent } = await meet(s)
    expect(s.edge.acknowledgements.map(({ seq }) => seq)).toEqual([s.edge.head])
    expect(sent.filter(({ from, name }) => from === 'acceptor' && name === 'ack')).toEqual([])
  })
})
