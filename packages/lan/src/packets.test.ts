import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { SeededRandom } from '@skerry/core/testing'
import { type Answer, decode, encode, type Packet } from 'dns-packet'
import type { ResponsePacket } from 'multicast-dns'
import { describe, expect, it } from 'vitest'
import type { Service } from './discovery.ts'
import { ANNOUNCED_S, BELIEVED_S_MAX, SERVICES_PER_PACKET_MAX, SPACE_BYTES_MAX } from './limits.ts'
import { announcement, isAsked, SERVICE_TYPE, sightings } from './packets.ts'

const node = '0123456789abcdef0123456789abcdef'
const service: Service = { space: 'acme', node, versionMin: 1, versionMax: 2, port: 4711 }
const instance = `${node}.${SERVICE_TYPE}`
const seen = { space: 'acme', node, versionMin: 1, versionMax: 2, url: 'ws://10.0.0.7:4711/sync' }

function bytesOf(packet: Packet): Buffer {
  return encode({ type: 'response', ...packet })
}

/** What another node takes from these bytes. */
function read(bytes: Buffer) {
  return sightings(decode(bytes) as ResponsePacket, '10.0.0.7')
}

const said = (over: Partial<Service> = {}, seconds = ANNOUNCED_S) =>
  announcement({ ...service, ...over }, ['10.0.0.7'], seconds)

/** The announcement with other records in the place of those of the same type. */
function having(...records: Answer[]): Buffer {
  const { answers, additionals = [] } = said()
  const kept = (record: Answer) => !records.some(({ type }) => type === record.type)
  return bytesOf({
    answers: answers.filter(kept),
    additionals: [...additionals.filter(kept), ...records],
  })
}

describe('D1: an announcement', () => {
  it('is read back as it was said', () => {
    expect(read(bytesOf(said()))).toEqual([{ ...seen, forMs: ANNOUNCED_S * 1_000 }])
    expect(read(bytesOf(said({}, 0)))).toEqual([{ ...seen, forMs: 0 }])
  })

  it('crosses a socket', async () => {
    const [from, to] = [createSocket('udp4'), createSocket('udp4')]
    for (const socket of [from, to]) {
      socket.bind(0, '127.0.0.1')
      await once(socket, 'listening')
    }
    const arrived = once(to, 'message')
    from.send(bytesOf(said()), to.address().port, '127.0.0.1')
    const [bytes, { address }] = (await arrived) as [Buffer, { address: string }]
    expect(sightings(decode(bytes) as ResponsePacket, address)).toMatchObject([
      { node, url: 'ws://127.0.0.1:4711/sync' },
    ])
    for (const socket of [from, to]) await new Promise<void>((resolve) => socket.close(resolve))
  })

  it('says nothing but space, node, versions, port and addresses', () => {
    expect(said()).toEqual({
      answers: [{ type: 'PTR', name: SERVICE_TYPE, ttl: ANNOUNCED_S, data: instance }],
      additionals: [
        {
          type: 'SRV',
          name: instance,
          ttl: ANNOUNCED_S,
          data: { priority: 0, weight: 0, port: 4711, target: `${node}.local` },
        },
        {
          type: 'TXT',
          name: instance,
          ttl: ANNOUNCED_S,
          data: ['txtvers=1', 'space=acme', `node=${node}`, 'v=1-2'],
        },
        { type: 'A', name: `${node}.local`, ttl: ANNOUNCED_S, data: '10.0.0.7' },
      ],
    })
  })

  it('SPACE_BYTES_MAX: so long a space is read, a longer one is not', () => {
    const space = 's'.repeat(SPACE_BYTES_MAX)
    expect(read(bytesOf(said({ space })))).toMatchObject([{ space }])
    const txt = { type: 'TXT', name: instance, data: [Buffer.from(`space=${space}s`)] } as const
    const packet = { answers: said().answers, additionals: [txt] } as unknown as ResponsePacket
    expect(sightings(packet, '10.0.0.7')).toEqual([])
  })

  it('BELIEVED_S_MAX: is believed so long at most', () => {
    for (const seconds of [BELIEVED_S_MAX, BELIEVED_S_MAX + 1, 2 ** 31 - 1])
      expect(read(bytesOf(said({}, seconds)))[0]?.forMs).toBe(BELIEVED_S_MAX * 1_000)
  })
})

describe('D2: what does not fit is left out', () => {
  const txt = (...data: string[]): Answer => ({ type: 'TXT', name: instance, ttl: 1, data })
  const srv = (port: number): Answer => ({
    type: 'SRV',
    name: instance,
    ttl: 1,
    data: { port, target: 'x.local' },
  })
  const named = [`space=acme`, `node=${node}`]
  it.each<[string, Buffer]>([
    ['no TXT', having({ type: 'TXT', name: 'other.local', ttl: 1, data: [...named, 'v=1-1'] })],
    ['no SRV', having({ type: 'SRV', name: 'other.local', ttl: 1, data: { port: 1, target: 'x.local' } })],
    ['port 0', having(srv(0))],
    ['no space', having(txt(`node=${node}`, 'v=1-1'))],
    ['an empty space', having(txt('space=', `node=${node}`, 'v=1-1'))],
    ['no versions', having(txt(...named))],
    ['versions that are none', having(txt(...named, 'v=1-x'))],
    ['versions beyond all bounds', having(txt(...named, `v=1-${'9'.repeat(6)}`))],
    ['the name of another node', having(txt('space=acme', `node=${'f'.repeat(32)}`, 'v=1-1'))],
    [
      'another kind of service',
      bytesOf({ answers: [{ type: 'PTR', name: '_http._tcp.local', data: instance }] }),
    ],
    ['nothing at all', bytesOf({})],
  ])('%s', (_, bytes) => {
    expect(read(bytes)).toEqual([])
  })

  it('of a field that comes twice the first counts', () => {
    expect(read(having(txt(...named, 'space=other', 'v=1-1')))).toMatchObject([{ space: 'acme' }])
  })

  it('SERVICES_PER_PACKET_MAX: so many are taken from one packet', () => {
    const many = (count: number) => {
      const all = Array.from({ length: count }, (_, i) => said({ node: i.toString(16).padStart(32, '0') }))
      return read(
        bytesOf({
          answers: all.flatMap(({ answers }) => answers),
          additionals: all.flatMap(({ additionals = [] }) => additionals),
        }),
      ).length
    }
    expect([many(SERVICES_PER_PACKET_MAX), many(SERVICES_PER_PACKET_MAX + 1)]).toEqual([
      SERVICES_PER_PACKET_MAX,
      SERVICES_PER_PACKET_MAX,
    ])
  })

  it('hostile bytes are read, or not decoded; nothing else', () => {
    const random = new SeededRandom(7)
    const honest = bytesOf(said())
    let decoded = 0
    for (let i = 0; i < 3_000; i++) {
      const bytes = Buffer.from(honest)
      for (let n = random.below(6); n >= 0; n--) bytes[random.below(bytes.length)] = random.below(256)
      let packet: ResponsePacket
      try {
        packet = decode(bytes) as ResponsePacket
      } catch {
        continue
      }
      decoded += 1
      for (const { node: found, url } of sightings(packet, '10.0.0.7')) {
        expect(found).toMatch(/^[0-9a-f]{32}$/)
        expect(url).toMatch(/^ws:\/\/10\.0\.0\.7:\d+\/sync$/)
      }
    }
    expect(decoded).toBeGreaterThan(1_000)
  })
})

it('D3: only questions for this service are answered', () => {
  const asked = (name: string, type: string) => isAsked([{ name, type }])
  expect([asked(SERVICE_TYPE, 'PTR'), asked('_Skerry._TCP.local', 'ANY')]).toEqual([true, true])
  expect([asked('_http._tcp.local', 'PTR'), asked(SERVICE_TYPE, 'A'), isAsked([])]).toEqual([
    false,
    false,
    false,
  ])
})
