/** Real mDNS on the loopback interface, on a port of its own. Where a machine carries no multicast this says so, and packets.test.ts stands for the bytes. */
import { VirtualWorld } from '@skerry/core/testing'
import { nodeHost } from '@skerry/node'
import { beforeAll, describe, expect, it } from 'vitest'
import { ToldSocket } from '../test/told-socket.ts'
import { freeUdpPort, LOOPBACK, whyNoMulticast } from '../test/udp-port.ts'
import type { Discovery, Service, Sighting } from './discovery.ts'
import { ANNOUNCE_GAP_MS, ANNOUNCED_S, ANSWER_MS_MAX, ANSWER_MS_MIN, QUESTION_MS_MAX } from './limits.ts'
import { MdnsDiscovery, mdnsDiscovery } from './mdns.ts'
import { SERVICE_TYPE } from './packets.ts'

const service = (digit: string): Service => ({
  space: 'acme',
  node: digit.repeat(32),
  versionMin: 1,
  versionMax: 1,
  port: 4711,
})

let whyNot: string | undefined

beforeAll(async () => {
  whyNot = await whyNoMulticast()
  if (whyNot !== undefined)
    console.log(`no multicast on ${LOOPBACK}, so discovery is not tried here: ${whyNot}`)
})

function alone() {
  const world = new VirtualWorld(1)
  const socket = new ToldSocket()
  const problems: Error[] = []
  const host = world.host()
  const discovery = new MdnsDiscovery(socket, { host, problem: (error) => problems.push(error) })
  return { world, socket, problems, discovery }
}

/** Sightings of one discovery, and the next that fits. */
function watching(discovery: Discovery) {
  const seen: Sighting[] = []
  const waiting: { fits: (sighting: Sighting) => boolean; resolve: (sighting: Sighting) => void }[] = []
  discovery.discover((sighting) => {
    seen.push(sighting)
    for (const wait of waiting) if (wait.fits(sighting)) wait.resolve(sighting)
  })
  return (fits: (sighting: Sighting) => boolean) =>
    new Promise<Sighting>((resolve) => {
      const there = seen.find(fits)
      if (there) resolve(there)
      else waiting.push({ fits, resolve })
    })
}

describe('D4: nodes of one LAN', () => {
  it('find each other, whoever came first, and hear when one goes', async () => {
    if (whyNot !== undefined) return
    const options = { interface: LOOPBACK, port: await freeUdpPort(), host: nodeHost() }
    const first = await mdnsDiscovery(options)
    const firstSees = watching(first)
    first.announce(service('a'))
    await firstSees(({ node }) => node === 'a'.repeat(32))
    const late = await mdnsDiscovery(options)
    const lateSees = watching(late)
    const forMs = ANNOUNCED_S * 1_000
    expect(await lateSees(({ node }) => node === 'a'.repeat(32))).toEqual({
      space: 'acme',
      node: 'a'.repeat(32),
      versionMin: 1,
      versionMax: 1,
      url: `ws://${LOOPBACK}:4711/sync`,
      forMs,
    })
    late.announce(service('b'))
    expect(await firstSees(({ node }) => node === 'b'.repeat(32))).toMatchObject({ forMs })
    const goodbye = firstSees(({ node, forMs: left }) => node === 'b'.repeat(32) && left === 0)
    await late.close()
    await goodbye
    await first.close()
  })
})

describe('with a socket that tells what it is given', () => {
  const asked = { questions: [{ name: SERVICE_TYPE, type: 'PTR' }] }

  it('D5 announces twice, a second apart, and says goodbye', async () => {
    const { socket, world, discovery } = alone()
    discovery.announce(service('a'))
    expect(socket.ttls).toEqual([ANNOUNCED_S])
    world.clock.advance(ANNOUNCE_GAP_MS - 1)
    expect(socket.ttls).toHaveLength(1)
    world.clock.advance(1)
    expect(socket.ttls).toEqual([ANNOUNCED_S, ANNOUNCED_S])
    await discovery.close()
    expect([socket.ttls.at(-1), socket.isDestroyed, world.clock.timers]).toEqual([0, true, 0])
  })

  it('D6 asks at once, then after 1 s, 2 s, 4 s and so on, at last every minute', () => {
    const { socket, world, discovery } = alone()
    discovery.discover(() => undefined)
    const at: number[] = []
    const start = world.clock.nowMs
    for (let second = 0; second < 300; second++) {
      for (let known = at.length; known < socket.questions; known++) at.push(world.clock.nowMs - start)
      world.clock.advance(1_000)
    }
    const gaps = at.slice(1).map((ms, i) => ms - at[i]!)
    expect(gaps.slice(0, 7)).toEqual([1, 2, 4, 8, 16, 32, 60].map((seconds) => seconds * 1_000))
    expect(gaps.at(-1)).toBe(QUESTION_MS_MAX)
  })

  it('D3 D7 answers once for all who ask, after a moment, and not within a second of the last time', () => {
    const { socket, world, discovery } = alone()
    socket.emit('query', asked)
    discovery.announce(service('a'))
    world.clock.advance(10_000)
    socket.ttls.length = 0
    socket.emit('query', asked)
    socket.emit('query', asked)
    socket.emit('query', { questions: [{ name: '_http._tcp.local', type: 'PTR' }] })
    world.clock.advance(ANSWER_MS_MIN - 1)
    expect(socket.ttls).toEqual([])
    world.clock.advance(ANSWER_MS_MAX - ANSWER_MS_MIN + 1)
    expect(socket.ttls).toEqual([ANNOUNCED_S])
    socket.emit('query', asked)
    world.clock.advance(ANNOUNCE_GAP_MS - ANSWER_MS_MAX - 1)
    expect(socket.ttls).toHaveLength(1)
    world.clock.advance(ANSWER_MS_MAX + 1)
    expect(socket.ttls).toHaveLength(2)
  })

  it('D8 tells the same trouble once, until it is over', () => {
    const { socket, problems, discovery } = alone()
    socket.emit('warning', new Error('no such device'))
    socket.emit('warning', new Error('no such device'))
    socket.failing = new Error('network is down')
    discovery.announce(service('a'))
    socket.failing = undefined
    discovery.discover(() => undefined)
    socket.emit('error', new Error('network is down'))
    expect(problems.map(({ message }) => message)).toEqual([
      'no such device',
      'network is down',
      'network is down',
    ])
  })
})
