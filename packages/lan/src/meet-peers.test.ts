/** Real replicas and sockets; the LAN on which they find each other is in memory, and so is time. */
import { createAuthority } from '@skerry/credentials'
import { connect } from '@skerry/ws'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CREDENTIAL_LIFE_MS, Devices, type Met, until, untilNotes } from '../test/devices.ts'
import { ANNOUNCED_MS, FakeLan } from '../test/fake-lan.ts'
import { ADDRESSES_MAX, REFUSED_REDIAL_MS, SPACE_BYTES_MAX } from './limits.ts'
import { meetPeers } from './meet-peers.ts'

let devices: Devices
let lan: FakeLan

beforeEach(async () => {
  devices = await Devices.start()
  lan = new FakeLan()
})

afterEach(() => devices.end())

const nodesMet = ({ meeting }: Met) => meeting.peers.map(({ peer }) => peer.node).sort()
const kinds = ({ events }: Met) => events.map(({ kind }) => kind)
const url = ({ meeting }: Met) => `ws://127.0.0.1:${meeting.port}/sync`

async function together(count: number): Promise<Met[]> {
  const mets: Met[] = []
  for (const device of await devices.inOrder(count)) mets.push(await devices.meet(device, lan))
  await until(() => mets.every(({ meeting }) => meeting.peers.length === count - 1), ...mets)
  return mets
}

describe('meeting', () => {
  it('P1 the lower id dials: one session between two, whoever came first, and edits cross both ways', async () => {
    const [low, high] = await devices.inOrder(2)
    for (const order of [
      [low!, high!],
      [high!, low!],
    ] as const) {
      const mets = [await devices.meet(order[0], lan), await devices.meet(order[1], lan)]
      await until(() => mets.every(({ meeting }) => meeting.peers.length === 1), ...mets)
      for (const { meeting, replica } of mets)
        expect(meeting.peers.map(({ dialled }) => dialled)).toEqual([replica === low])
      await Promise.all(mets.map(({ meeting }) => meeting.close()))
    }
    const mets = [await devices.meet(low!, lan), await devices.meet(high!, lan)]
    await Promise.all([low!.notes.create({ title: 'low' }), high!.notes.create({ title: 'high' })])
    await Promise.all(mets.map(({ replica }) => untilNotes(replica, 2)))
  })

  it('P1 everybody meets everybody, once', async () => {
    const mets = await together(4)
    for (const met of mets)
      expect(nodesMet(met)).toEqual(mets.filter((other) => other !== met).map(({ replica }) => replica.node))
    expect(mets.map(({ meeting }) => meeting.dialling.length)).toEqual([3, 2, 1, 0])
  })

  it('who is here is seen by everybody, also over a peer that stands between', async () => {
    const between = await devices.meet(await devices.enrolled(), lan, { discovery: 'none' })
    const ends = [
      await devices.meet(await devices.enrolled(), lan, { discovery: 'none', addresses: [url(between)] }),
      await devices.meet(await devices.enrolled(), lan, { discovery: 'none', addresses: [url(between)] }),
    ]
    await until(() => between.meeting.peers.length === 2, between)
    const [one, other] = ends.map(({ replica }) => replica.presence('north'))
    const seen = new Promise<void>((resolve) => other!.subscribe(resolve))
    one!.say({ looksAt: 'pump' })
    await seen
    expect(other!.others()).toMatchObject([{ node: ends[0]!.replica.node, value: { looksAt: 'pump' } }])
    await Promise.all([...ends, between].map(({ meeting }) => meeting.close()))
  })

  it('P2 an address given to both sides, beside what they find: one session stays', async () => {
    const [low, high] = await devices.inOrder(2)
    const first = await devices.meet(low!, lan)
    const second = await devices.meet(high!, lan, { addresses: [url(first)] })
    await first.meeting.close()
    const again = await devices.meet(low!, lan, { port: first.meeting.port, addresses: [url(second)] })
    devices.world.clock.advance(60_000)
    await until(() => [again, second].every(({ meeting }) => meeting.peers.length === 1), again, second)
    await low!.notes.create({ title: 'still there' })
    await untilNotes(high!, 1)
    expect([again.meeting.peers.length, second.meeting.peers.length]).toEqual([1, 1])
  })

  it('P2 without any discovery an address is enough', async () => {
    const [low, high] = await devices.inOrder(2)
    const met = await devices.meet(low!, lan, { discovery: 'none' })
    const dialler = await devices.meet(high!, lan, { discovery: 'none', addresses: [url(met)] })
    await until(() => dialler.meeting.peers.length === 1, dialler)
    expect(nodesMet(dialler)).toEqual([low!.node])
    expect(dialler.meeting.peers[0]?.peer.credential.subject).toBe(`device:${low!.node.slice(0, 4)}`)
  })

  it('P3 a node of another space is not dialled', async () => {
    const dialled: string[] = []
    const mets: Met[] = []
    for (const space of ['acme', 'initech', 'acme', 'initech']) {
      const met = await devices.meet(await devices.enrolled({ space }), lan)
      met.meeting.subscribe(() => dialled.push(...met.meeting.dialling))
      mets.push(met)
    }
    await until(() => mets.every(({ meeting }) => meeting.peers.length === 1), ...mets)
    const fellows = mets.map(
      ({ replica }) =>
        mets.find((other) => other.replica !== replica && other.replica.space === replica.space)!,
    )
    expect(mets.map(nodesMet)).toEqual(fellows.map(({ replica }) => [replica.node]))
    expect(new Set(dialled).size).toBe(2)
  })
})

describe('strangers', () => {
  it('P4 whose credential another authority signed is refused by the handshake, whoever dials, and held off', async () => {
    const [own] = await devices.inOrder(1)
    await own!.notes.create({ title: 'ours' })
    const met = await devices.meet(own!, lan)
    const stranger = await devices.meet(await devices.enrolled({ authority: await createAuthority() }), lan)
    const dialler = own!.node < stranger.replica.node ? met : stranger
    await until(() => kinds(dialler).includes('refused'), dialler)
    expect([dialler.meeting.peers, dialler.meeting.dialling]).toEqual([[], []])
    expect(await stranger.replica.notes.all()).toEqual([])
    devices.world.clock.advance(REFUSED_REDIAL_MS / 2 - 1)
    lan.repeat()
    await new Promise((resolve) => setImmediate(resolve))
    expect([kinds(dialler), dialler.meeting.dialling]).toEqual([['refused'], []])
    devices.world.clock.advance(REFUSED_REDIAL_MS / 2 + 1)
    lan.repeat()
    await until(() => kinds(dialler).length === 2, dialler)
    expect(kinds(dialler)).toEqual(['refused', 'refused'])
  })

  it('P4 without a credential is refused by the handshake', async () => {
    const [own] = await devices.inOrder(1)
    const met = await devices.meet(own!, lan)
    const link = connect(await devices.open(), url(met))
    await expect(link.opened()).rejects.toMatchObject({ code: 'credential-refused' })
    await link.close()
    expect(met.meeting.peers).toEqual([])
  })

  it('P5 who answers in the place of another is called by its own name', async () => {
    const [low, middle, high] = await devices.inOrder(3)
    const met = await devices.meet(low!, lan)
    const other = await devices.meet(middle!, lan, { discovery: 'none' })
    const sighting = { space: 'acme', versionMin: 1, versionMax: 1, forMs: ANNOUNCED_MS }
    lan.say({ ...sighting, node: high!.node, url: url(other) })
    await until(() => met.meeting.peers.length === 1, met)
    expect(nodesMet(met)).toEqual([middle!.node])
    const real = await devices.meet(high!, lan)
    await until(() => met.meeting.peers.length === 2, met, real)
    expect(nodesMet(met)).toEqual([middle!.node, high!.node])
  })
})

describe('coming and going', () => {
  it('P6 a peer that went is not dialled any more; one that comes back is', async () => {
    const [low, high] = (await together(2)) as [Met, Met]
    await high.meeting.close()
    await until(() => low.meeting.peers.length === 0 && low.meeting.dialling.length === 0, low)
    const again = await devices.meet(high.replica, lan)
    await until(() => low.meeting.peers.length === 1, low, again)
    expect(low.events.map((event) => event.kind)).toEqual(['met', 'parted', 'met'])
  })

  it('P6 a session outlives its announcement; a link that is not open does not', async () => {
    const [low, high] = (await together(2)) as [Met, Met]
    const gone = { space: 'acme', versionMin: 1, versionMax: 1, forMs: ANNOUNCED_MS, node: 'f'.repeat(32) }
    lan.say({ ...gone, url: 'ws://127.0.0.1:1/sync' })
    await until(() => low.meeting.dialling.length === 2, low)
    const dropped = new Promise<void>((resolve) => {
      low.meeting.subscribe(() => low.meeting.dialling.length === 1 && resolve())
    })
    devices.world.clock.advance(ANNOUNCED_MS)
    await dropped
    expect(nodesMet(low)).toEqual([high.replica.node])
  })

  it('P7 a credential that ran out ends the sessions; who renews it meets its peers again', async () => {
    const mets = (await together(2)) as [Met, Met]
    const [low, high] = mets
    devices.world.clock.advance(CREDENTIAL_LIFE_MS)
    await until(() => mets.every(({ meeting }) => meeting.peers.length === 0), ...mets)
    await low.replica.notes.create({ title: 'meanwhile' })
    for (const { replica } of mets) await devices.enrol(replica)
    lan.repeat()
    high.meeting.renew()
    await until(() => true, low)
    expect(low.meeting.dialling).toEqual([])
    low.meeting.renew()
    await until(() => mets.every(({ meeting }) => meeting.peers.length === 1), ...mets)
    await untilNotes(high.replica, 1)
  })

  it('P8 close leaves no timer and no socket', async () => {
    const mets = await together(3)
    for (const { meeting } of mets) await Promise.all([meeting.close(), meeting.close()])
    expect(devices.world.clock.timers).toBe(0)
    const link = connect(mets[0]!.replica, url(mets[1]!))
    await new Promise<void>((resolve) => link.subscribe(({ phase }) => phase === 'waiting' && resolve()))
    expect(link.state.lastError?.code).toBe('connection-refused')
    await link.close()
  })
})

describe('ceilings', () => {
  it('P9 acceptedMax: one more is told to come back later', async () => {
    const [a, b, c] = await devices.inOrder(3)
    const met = await devices.meet(a!, lan, { discovery: 'none', acceptedMax: 1 })
    const first = await devices.meet(b!, lan, { discovery: 'none', addresses: [url(met)] })
    await until(() => first.meeting.peers.length === 1, first)
    const link = connect(c!, url(met))
    await new Promise<void>((resolve) => link.subscribe(({ phase }) => phase === 'waiting' && resolve()))
    expect(link.state.lastError?.code).toBe('http-unavailable')
    await link.close()
  })

  it('P9 ADDRESSES_MAX', async () => {
    const [own] = await devices.inOrder(1)
    const addresses = (count: number) =>
      Array.from({ length: count }, (_, i) => `ws://127.0.0.1:${i + 1}/sync`)
    const options = { address: '127.0.0.1', discovery: 'none' } as const
    const meeting = await meetPeers(own!, { ...options, addresses: addresses(ADDRESSES_MAX) })
    expect(meeting.dialling).toHaveLength(ADDRESSES_MAX)
    await meeting.close()
    await expect(
      meetPeers(own!, { ...options, addresses: addresses(ADDRESSES_MAX + 1) }),
    ).rejects.toMatchObject({ code: 'too-many-addresses' })
  })

  it('P9 what does not fit is refused before anything is opened', async () => {
    const options = { address: '127.0.0.1', discovery: 'none' } as const
    await expect(meetPeers(await devices.open(), options)).rejects.toMatchObject({ code: 'not-enrolled' })
    // 2 bytes each, and so within what a credential allows.
    const space = `s${'é'.repeat((SPACE_BYTES_MAX - 1) / 2)}`
    await (await meetPeers(await devices.enrolled({ space }), options)).close()
    const tooLong = await devices.enrolled({ space: `${space}s` })
    await expect(meetPeers(tooLong, options)).rejects.toMatchObject({ code: 'space-too-long' })
    await expect(
      meetPeers(await devices.enrolled(), { ...options, addresses: ['http://x'] }),
    ).rejects.toMatchObject({ code: 'url-invalid' })
    expect(devices.world.clock.timers).toBe(0)
  })
})
