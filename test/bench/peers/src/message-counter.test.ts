import { describe, expect, it } from 'vitest'
import { MessageCounter } from './message-counter.ts'

const upgrade = Buffer.from('GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\n\r\n')

/** A frame of a server (not masked) or of a client (masked). */
function frame(payloadBytes: number, { opcode = 2, fin = true, masked = false } = {}): Buffer {
  const mask = masked ? 0x80 : 0
  const first = (fin ? 0x80 : 0) | opcode
  const length =
    payloadBytes < 126
      ? Buffer.from([mask | payloadBytes])
      : payloadBytes < 65_536
        ? Buffer.from([mask | 126, payloadBytes >> 8, payloadBytes & 0xff])
        : Buffer.concat([Buffer.from([mask | 127]), eightBytes(payloadBytes)])
  return Buffer.concat([
    Buffer.from([first]),
    length,
    Buffer.alloc(masked ? 4 : 0),
    Buffer.alloc(payloadBytes, 0x81),
  ])
}

function eightBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

function counted(...pieces: Buffer[]): number {
  const counter = new MessageCounter()
  for (const piece of pieces) counter.push(piece)
  return counter.messages
}

/** The bytes in pieces of this size. */
function cut(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  )
}

describe('messages of a WebSocket', () => {
  it('are frames of every length, masked or not, and not the upgrade', () => {
    const sizes = [0, 1, 125, 126, 65_535, 65_536]
    expect(counted(upgrade)).toBe(0)
    expect(counted(upgrade, ...sizes.map((size) => frame(size)))).toBe(sizes.length)
    expect(counted(upgrade, ...sizes.map((size) => frame(size, { masked: true })))).toBe(sizes.length)
  })

  it('are counted the same however the bytes are cut', () => {
    const bytes = Buffer.concat([upgrade, frame(3, { masked: true }), frame(200), frame(0), frame(70_000)])
    expect([1, 2, 7, 64, 4_096].map((size) => counted(...cut(bytes, size)))).toEqual([4, 4, 4, 4, 4])
  })

  it('are one when they come in fragments; pings, pongs and closes are none', () => {
    const fragments = [frame(9, { fin: false }), frame(9, { opcode: 0, fin: false }), frame(9, { opcode: 0 })]
    const controls = [8, 9, 10].map((opcode) => frame(2, { opcode }))
    expect(counted(upgrade, ...fragments, ...controls)).toBe(1)
  })
})

describe('messages of HTTP', () => {
  const request = Buffer.from('GET /records HTTP/1.1\r\nHost: here\r\n\r\n')
  const answer = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}')

  it('are requests one way and answers the other, many on one connection', () => {
    expect(counted(request, request, request)).toBe(3)
    expect(counted(answer, answer)).toBe(2)
  })

  it('are counted the same however the bytes are cut', () => {
    const bytes = Buffer.concat([answer, answer, answer])
    expect([1, 3, 8, 50].map((size) => counted(...cut(bytes, size)))).toEqual([3, 3, 3, 3])
  })
})
