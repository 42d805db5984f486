import { once } from 'node:events'
import { IncomingMessage } from 'node:http'
import { createConnection, Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { ManualHost } from '../test/hosts.ts'
import { type Pair, pair } from '../test/pair.ts'
import { Recorder } from '../test/recorder.ts'
import {
  FRAGMENTS_MAX,
  FRAMING_BYTES_MAX,
  HANDSHAKE_MESSAGE_BYTES_MAX,
  HEARTBEAT_JITTER,
  HEARTBEAT_MS,
  MESSAGE_BYTES_MAX,
  PROBE_MS_MAX,
  SEND_BUFFER_HARD_BYTES_MAX,
} from './limits.ts'
import { NodeTransport, WS_OPTIONS } from './node-transport.ts'

let joined: Pair | undefined

async function join(...args: Parameters<typeof pair>): Promise<Pair> {
  joined = await pair(...args)
  return joined
}

afterEach(async () => {
  await joined?.end()
  joined = undefined
})

const BEAT_MS_MAX = HEARTBEAT_MS * (1 + HEARTBEAT_JITTER)

/** The raw socket under a ws client: what a hostile peer writes to. */
async function rawUpgrade(port: number): Promise<Socket> {
  const socket = createConnection(port, '127.0.0.1')
  socket.on('error', () => socket.destroy())
  await once(socket, 'connect')
  socket.write(
    'GET /sync HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: skerry.v1\r\n\r\n',
  )
  await once(socket, 'data')
  return socket
}

/** Header of a masked binary frame (mask zero) of 64-bit length. */
function frameHeader(length: number, opcode: number, final: boolean): Buffer {
  const header = Buffer.alloc(14)
  header[0] = (final ? 0x80 : 0) | opcode
  header[1] = 0x80 | 127
  header.writeBigUInt64BE(BigInt(length), 2)
  return header
}

describe('T1 binary only', () => {
  it('ends with 4400 at a text message', async () => {
    const { transport, client, clientClosed } = await join()
    const recorder = new Recorder(transport)
    client.send('hello')
    expect(await recorder.closed).toMatchObject({ code: 4400, reason: expect.stringContaining('text') })
    expect((await clientClosed).code).toBe(4400)
    expect(recorder.messages).toEqual([])
  })
})

describe('T2 bind', () => {
  it('delivers in order what came before, then what comes after, then closed', async () => {
    const { transport, client } = await join()
    client.send(Uint8Array.of(1))
    client.send(Uint8Array.of(2))
    client.ping()
    await once(client, 'pong')
    const recorder = new Recorder(transport)
    client.send(Uint8Array.of(3))
    client.close(4503, 'done')
    expect(await recorder.closed).toEqual({ code: 4503, reason: 'done' })
    expect(recorder.messages.map((bytes) => [...bytes])).toEqual([[1], [2], [3]])
  })

  it('keeps no more than a handshake message before', async () => {
    const { transport, client, clientClosed } = await join()
    client.send(new Uint8Array(HANDSHAKE_MESSAGE_BYTES_MAX))
    client.send(Uint8Array.of(1))
    expect((await clientClosed).code).toBe(4413)
    expect((await new Recorder(transport).closed).code).toBe(4413)
  })

  it('refuses a second session', async () => {
    const { transport } = await join()
    new Recorder(transport)
    expect(() => new Recorder(transport)).toThrow('one session')
  })
})

describe('T3 message size', () => {
  it.each([
    ['before', HANDSHAKE_MESSAGE_BYTES_MAX],
    ['after', MESSAGE_BYTES_MAX],
  ])('%s authentication takes the limit and not one byte more', async (when, bytesMax) => {
    const { transport, client, clientClosed } = await join()
    const recorder = new Recorder(transport)
    if (when === 'after') transport.allowMessageBytes(MESSAGE_BYTES_MAX)
    client.send(new Uint8Array(bytesMax).fill(1))
    await recorder.until(() => recorder.messages.length === 1)
    expect(recorder.messages[0]?.length).toBe(bytesMax)
    client.send(new Uint8Array(bytesMax + 1))
    expect((await recorder.closed).code).toBe(4413)
    expect(recorder.messages).toHaveLength(1)
    // Above MESSAGE_BYTES_MAX ws itself speaks first, with the code of RFC 6455.
    expect((await clientClosed).code).toBe(when === 'after' ? 1009 : 4413)
  })

  it('never allows more than MESSAGE_BYTES_MAX', async () => {
    const { transport, client } = await join()
    const recorder = new Recorder(transport)
    transport.allowMessageBytes(2 * MESSAGE_BYTES_MAX)
    client.send(new Uint8Array(MESSAGE_BYTES_MAX + 1))
    expect((await recorder.closed).code).toBe(4413)
  })
})

describe('T4 an unfinished message', () => {
  it('is refused while it arrives, long before the length it announces', async () => {
    const { listener, transport } = await join()
    const before = listener.connections
    const socket = await rawUpgrade(listener.port)
    expect(listener.connections).toBe(before + 1)
    let answered = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      answered = Buffer.concat([answered, chunk])
    })
    socket.write(frameHeader(MESSAGE_BYTES_MAX, 2, true))
    socket.write(Buffer.alloc(HANDSHAKE_MESSAGE_BYTES_MAX + FRAMING_BYTES_MAX + 65_536))
    await once(socket, 'close')
    expect(answered[0]).toBe(0x88)
    expect(answered.readUInt16BE(2)).toBe(4413)
    new Recorder(transport)
  })

  it('T9 in FRAGMENTS_MAX frames is taken, in one more it is refused', async () => {
    const { listener, transport, client } = await join()
    const recorder = new Recorder(transport)
    for (let frame = 1; frame <= FRAGMENTS_MAX; frame++)
      client.send(Uint8Array.of(1), { fin: frame === FRAGMENTS_MAX })
    await recorder.until(() => recorder.messages.length === 1)
    expect(recorder.messages[0]?.length).toBe(FRAGMENTS_MAX)
    const socket = await rawUpgrade(listener.port)
    const frames = [Buffer.concat([frameHeader(1, 2, false), Buffer.alloc(1)])]
    for (let frame = 0; frame < FRAGMENTS_MAX; frame++)
      frames.push(Buffer.concat([frameHeader(1, 0, false), Buffer.alloc(1)]))
    socket.write(Buffer.concat(frames))
    const [answer] = await once(socket, 'data')
    expect(answer[0]).toBe(0x88)
    await once(socket, 'close')
  })

  it('T9 of MESSAGE_BYTES_MAX is taken in segments of 536 bytes, and not in twice as many', async () => {
    expect(await overSegments(536)).toBe('message of 4259840 bytes')
    expect(await overSegments(268)).toBe('closed 4400')
  })
})

/** One message of MESSAGE_BYTES_MAX to a transport whose socket delivers it in segments of that size, each alone. */
function overSegments(segmentBytes: number): Promise<string> {
  const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() })
  const headers = {
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  }
  const request = Object.assign(new IncomingMessage(new Socket()), { method: 'GET', url: '/sync', headers })
  const outcome = Promise.withResolvers<string>()
  new WebSocketServer({ ...WS_OPTIONS, noServer: true }).handleUpgrade(
    request,
    socket,
    Buffer.alloc(0),
    (ws) => {
      const transport = new NodeTransport(ws, socket, { host: new ManualHost(), role: 'acceptor' })
      transport.allowMessageBytes(MESSAGE_BYTES_MAX)
      transport.bind({
        message: (bytes) => outcome.resolve(`message of ${bytes.length} bytes`),
        drained: () => undefined,
        closed: (code) => outcome.resolve(`closed ${code}`),
      })
    },
  )
  const stream = Buffer.concat([frameHeader(MESSAGE_BYTES_MAX, 2, true), Buffer.alloc(MESSAGE_BYTES_MAX)])
  for (let at = 0; at < stream.length; at += segmentBytes) socket.push(stream.subarray(at, at + segmentBytes))
  return outcome.promise.finally(() => socket.destroy())
}

describe('T5 a slow reader', () => {
  it('is cut off with 4429 at SEND_BUFFER_HARD_BYTES_MAX, and the memory is given back', async () => {
    const { transport, client, listener } = await join()
    const recorder = new Recorder(transport)
    client.pause()
    const frame = new Uint8Array(256 * 1024)
    let most = 0
    let ended = false
    void recorder.closed.then(() => {
      ended = true
    })
    for (let sent = 0; !ended && sent < 4096; sent++) {
      transport.send(frame)
      most = Math.max(most, transport.bufferedBytes)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await recorder.closed).code).toBe(4429)
    expect(most).toBeGreaterThan(SEND_BUFFER_HARD_BYTES_MAX - 2 * frame.length)
    // 4 KiB for the framing of the frames and the close frame.
    expect(most).toBeLessThanOrEqual(SEND_BUFFER_HARD_BYTES_MAX + 4096)
    transport.send(frame)
    const gone = listener.close(10_000)
    await gone
    expect(listener.connections).toBe(0)
  })
})

describe('T6 drained', () => {
  it('is told when bufferedBytes fell', async () => {
    const { transport, client } = await join()
    const recorder = new Recorder(transport)
    client.pause()
    while (transport.bufferedBytes < 1024 * 1024) transport.send(new Uint8Array(256 * 1024))
    const { drains } = recorder
    client.resume()
    await recorder.until(() => transport.bufferedBytes === 0)
    expect(recorder.drains).toBeGreaterThan(drains)
  })
})

describe('T7 closed', () => {
  it('is told once after our own close, at once and with our code', async () => {
    const { transport, clientClosed } = await join()
    const recorder = new Recorder(transport)
    transport.close(4503, 'draining')
    transport.close(4500, 'again')
    expect(await recorder.closed).toEqual({ code: 4503, reason: 'draining' })
    expect(await clientClosed).toEqual({ code: 4503, reason: 'draining' })
    transport.send(Uint8Array.of(1))
    expect(recorder.closedCount).toBe(1)
  })

  it('cuts a reason that is too long', async () => {
    const { transport, clientClosed } = await join()
    transport.close(4500, 'ä'.repeat(200))
    expect((await clientClosed).reason).toBe('ä'.repeat(61))
  })

  it('is 1006 with what the system said when the line broke', async () => {
    const { transport, proxy } = await join()
    const recorder = new Recorder(transport)
    proxy.resetAll()
    expect(await recorder.closed).toEqual({ code: 1006, reason: 'ECONNRESET' })
  })

  it('is 1006 when the process at the other end died', async () => {
    const { transport, client } = await join()
    const recorder = new Recorder(transport)
    client.terminate()
    expect((await recorder.closed).code).toBe(1006)
  })
})

describe('T8 closing', () => {
  it('does not wait for a peer that never answers', async () => {
    const { transport, client, listener } = await join()
    client.pause()
    transport.close(4500, 'bye')
    await listener.close(60_000)
    expect(listener.connections).toBe(0)
  })
})

describe('heartbeat', () => {
  it('H1 the acceptor beats with a ping and an empty message, and does not deliver empty ones', async () => {
    const host = new ManualHost()
    const { transport, client } = await join(host)
    const recorder = new Recorder(transport)
    const beat = once(client, 'message')
    const pinged = once(client, 'ping')
    host.advance(BEAT_MS_MAX)
    await pinged
    expect((await beat)[0].length).toBe(0)
    client.send(new Uint8Array(0))
    client.send(Uint8Array.of(9))
    await recorder.until(() => recorder.messages.length > 0)
    expect(recorder.messages.map((bytes) => [...bytes])).toEqual([[9]])
  })

  it('H2 stays alive through 20 beats that are answered', async () => {
    const host = new ManualHost()
    const { transport, client } = await join(host)
    const recorder = new Recorder(transport)
    for (let beat = 0; beat < 20; beat++) {
      const answered = once(client, 'message')
      host.advance(BEAT_MS_MAX)
      await answered
      client.send(Uint8Array.of(beat))
      await recorder.until(() => recorder.messages.length === beat + 1)
    }
    expect(recorder.closedCount).toBe(0)
  })

  it('H2 notices a peer that vanished without FIN in at most three beats', async () => {
    const host = new ManualHost()
    const { transport, proxy, listener } = await join(host)
    const recorder = new Recorder(transport)
    proxy.swallow('up')
    proxy.swallow('down')
    host.advance(3 * BEAT_MS_MAX)
    expect(await recorder.closed).toMatchObject({ code: 1006, reason: expect.stringContaining('heartbeats') })
    await listener.close(1000)
    expect(host.pending).toBe(0)
  })

  it('H2 takes a message that is only arriving as contact', async () => {
    const host = new ManualHost()
    const { transport, listener } = await join(host)
    const socket = await rawUpgrade(listener.port)
    socket.write(frameHeader(60_000, 2, true))
    for (let beat = 0; beat < 10; beat++) {
      // Each beat of the acceptor (ping and empty message) is waited for, and answered with some bytes of the message alone.
      const beaten = once(socket, 'data')
      host.advance(HEARTBEAT_MS * (1 - HEARTBEAT_JITTER))
      socket.write(Buffer.alloc(100))
      host.advance(HEARTBEAT_MS * 2 * HEARTBEAT_JITTER)
      await beaten
      await arrivedAll(listener.port)
    }
    expect(listener.connections).toBeGreaterThanOrEqual(1)
    expect(socket.destroyed).toBe(false)
    socket.destroy()
    new Recorder(transport)
  })

  it('H4 a probe finds a dead line in PROBE_MS_MAX, and the acceptor answers one', async () => {
    const host = new ManualHost()
    const { transport, client, proxy } = await join(host)
    const recorder = new Recorder(transport)
    const answered = once(client, 'message')
    client.send(new Uint8Array(0))
    expect((await answered)[0].length).toBe(0)
    proxy.swallow('down')
    transport.probe()
    host.advance(PROBE_MS_MAX)
    expect((await recorder.closed).code).toBe(1006)
  })
})

/** A round trip through the same event loop: what was written before has been read by then. */
async function arrivedAll(port: number): Promise<void> {
  const socket = createConnection(port, '127.0.0.1')
  socket.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  await once(socket, 'data')
  socket.destroy()
}
