import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { retryAtOnce } from '../test/automatic-retry.ts'
import { FaultProxy } from '../test/fault-proxy.ts'
import { ManualHost } from '../test/hosts.ts'
import { phase, startHub, until } from '../test/peers.ts'
import { PlainSession } from '../test/plain-session.ts'
import { Recorder } from '../test/recorder.ts'
import { browserDial } from './browser-dial.ts'
import { BrowserTransport, type StandardWebSocket } from './browser-transport.ts'
import {
  DRAIN_POLL_MS,
  HANDSHAKE_MESSAGE_BYTES_MAX,
  HEARTBEAT_JITTER,
  HEARTBEAT_MS,
  MESSAGE_BYTES_MAX,
  PROBE_MS_MAX,
  SEND_BUFFER_HARD_BYTES_MAX,
  SILENCE_MS_MAX,
} from './limits.ts'
import { startLink } from './link.ts'
import type { WsTransport } from './transport.ts'

const BEAT_MS_MAX = HEARTBEAT_MS * (1 + HEARTBEAT_JITTER)
const cleanup: Array<() => Promise<unknown>> = []

afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step()
})

/** A socket that does what the test says. */
class FakeSocket implements StandardWebSocket {
  binaryType = ''
  bufferedAmount = 0
  protocol = 'skerry.v1'
  onopen: StandardWebSocket['onopen'] = null
  onmessage: ((event: { data: unknown }) => unknown) | null = null
  onerror: StandardWebSocket['onerror'] = null
  onclose: ((event: { code: number; reason: string }) => unknown) | null = null
  readonly sent: number[] = []
  closedWith: unknown[] | undefined

  send(data: Uint8Array): void {
    this.sent.push(data.length)
    this.bufferedAmount += data.length
  }

  close(...args: unknown[]): void {
    this.closedWith = args
  }

  hear(data: Uint8Array<ArrayBuffer> | string): void {
    this.onmessage?.({ data: typeof data === 'string' ? data : data.buffer })
  }
}

function made() {
  const host = new ManualHost()
  const socket = new FakeSocket()
  let silences = 0
  const transport = new BrowserTransport(socket, {
    host,
    onSilence: () => {
      silences += 1
    },
  })
  return { host, socket, transport, recorder: new Recorder(transport), silences: () => silences }
}

describe('transport of a browser', () => {
  it('T1 ends with 4400 at a text message', async () => {
    const { socket, recorder } = made()
    socket.hear('hello')
    expect((await recorder.closed).code).toBe(4400)
    expect(socket.closedWith?.[0]).toBe(4400)
  })

  it.each([
    ['before', HANDSHAKE_MESSAGE_BYTES_MAX],
    ['after', MESSAGE_BYTES_MAX],
  ])('T3 %s authentication takes the limit and not one byte more', async (when, bytesMax) => {
    const { socket, recorder, transport } = made()
    await Promise.resolve()
    if (when === 'after') transport.allowMessageBytes(bytesMax)
    socket.hear(new Uint8Array(bytesMax))
    await recorder.until(() => recorder.messages.length === 1)
    socket.hear(new Uint8Array(bytesMax + 1))
    expect((await recorder.closed).code).toBe(4413)
    expect(recorder.messages).toHaveLength(1)
  })

  it('T3 never allows more than MESSAGE_BYTES_MAX', async () => {
    const { socket, recorder, transport } = made()
    await Promise.resolve()
    transport.allowMessageBytes(2 * MESSAGE_BYTES_MAX)
    socket.hear(new Uint8Array(MESSAGE_BYTES_MAX + 1))
    expect((await recorder.closed).code).toBe(4413)
  })

  it('T5 ends with 4429 when more would be queued than the hard limit', async () => {
    const { socket, recorder, transport } = made()
    transport.send(new Uint8Array(SEND_BUFFER_HARD_BYTES_MAX))
    expect(socket.closedWith).toBeUndefined()
    transport.send(Uint8Array.of(1))
    expect((await recorder.closed).code).toBe(4429)
    transport.send(Uint8Array.of(1))
    expect(socket.sent).toEqual([SEND_BUFFER_HARD_BYTES_MAX])
  })

  it('T6 looks while something is queued, and tells when it fell', async () => {
    const { host, socket, recorder, transport } = made()
    await Promise.resolve()
    const idle = host.pending
    transport.send(new Uint8Array(100))
    transport.send(new Uint8Array(100))
    expect(host.pending).toBe(idle + 1)
    host.advance(DRAIN_POLL_MS)
    expect(recorder.drains).toBe(0)
    socket.bufferedAmount = 50
    host.advance(DRAIN_POLL_MS)
    expect(recorder.drains).toBe(1)
    socket.bufferedAmount = 0
    host.advance(DRAIN_POLL_MS)
    expect(recorder.drains).toBe(2)
    expect(host.pending).toBe(idle)
  })

  it('T7 leaves no timer after the end', async () => {
    const { host, socket, recorder, transport } = made()
    transport.send(new Uint8Array(100))
    socket.onclose?.({ code: 1006, reason: '' })
    socket.onclose?.({ code: 1000, reason: 'again' })
    expect((await recorder.closed).code).toBe(1006)
    await Promise.resolve()
    expect(recorder.closedCount).toBe(1)
    expect(host.pending).toBe(0)
  })

  it('H2 H5 lives on the beats of the acceptor without sending any, and ends by silence', async () => {
    const { host, socket, recorder, silences } = made()
    for (let beat = 0; beat < 20; beat++) {
      host.advance(BEAT_MS_MAX)
      socket.hear(new Uint8Array(0))
    }
    expect(socket.sent).toEqual([])
    expect(recorder.messages).toEqual([])
    host.advance(3 * BEAT_MS_MAX)
    expect(await recorder.closed).toMatchObject({ code: 1006 })
    expect(silences()).toBe(1)
  })

  it('H4 a probe sends one beat and waits PROBE_MS_MAX', async () => {
    const { host, socket, recorder, transport } = made()
    transport.probe()
    expect(socket.sent).toEqual([0])
    socket.hear(new Uint8Array(0))
    host.advance(PROBE_MS_MAX)
    expect(recorder.closedCount).toBe(0)
    transport.probe()
    host.advance(PROBE_MS_MAX)
    expect((await recorder.closed).code).toBe(1006)
  })

  it('H4 does not probe behind a queue', () => {
    const { host, socket, recorder, transport } = made()
    transport.send(new Uint8Array(100))
    transport.probe()
    host.advance(PROBE_MS_MAX)
    expect(socket.sent).toEqual([100])
    expect(recorder.closedCount).toBe(0)
  })
})

function dialled(url: string, host: ManualHost) {
  const sessions: PlainSession[] = []
  const link = startLink({
    url,
    host,
    dial: browserDial(host),
    startSession: (transport: WsTransport) => {
      const session = new PlainSession(transport, 'initiator')
      sessions.push(session)
      return session
    },
  })
  cleanup.push(() => link.close())
  return { link, sessions }
}

async function hub() {
  const started = await startHub({ host: new ManualHost(3) })
  cleanup.push(() => started.listener.close(0))
  const proxy = await FaultProxy.start(started.listener.port)
  cleanup.push(() => proxy.close())
  return { ...started, proxy }
}

describe('link of a browser, over the standard WebSocket', () => {
  it('carries messages of 4 MiB both ways', async () => {
    const { proxy, session } = await hub()
    const { link, sessions } = dialled(proxy.url(), new ManualHost())
    await phase(link, 'open')
    const far = await session(0)
    await far.until(({ state }) => state === 'open')
    const large = new Uint8Array(4 * 1024 * 1024).fill(7)
    far.transport.send(large)
    sessions[0]?.transport.send(large)
    await far.until(({ received }) => received.length === 1)
    await sessions[0]?.until(({ received }) => received.length === 1)
    expect(Buffer.compare(far.received[0] ?? Buffer.alloc(0), large)).toBe(0)
    expect(Buffer.compare(sessions[0]?.received[0] ?? Buffer.alloc(0), large)).toBe(0)
  })

  it('reconnects after resets, 20 times, and leaves no timer', async () => {
    const { proxy } = await hub()
    const host = new ManualHost()
    const { link, sessions } = dialled(proxy.url(), host)
    retryAtOnce(link, host)
    await phase(link, 'open')
    for (let flap = 1; flap <= 20; flap++) {
      proxy.resetAll()
      await until(link, (state) => state.phase === 'open' && sessions.length === flap + 1)
    }
    await link.close()
    expect(host.pending).toBe(0)
  })

  it('D1 cannot tell why nothing came, and says so', async () => {
    const server = createServer((_request, response) => response.end('<html>'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    cleanup.push(() =>
      new Promise((resolve) => server.close(resolve)).finally(() => server.closeAllConnections()),
    )
    const { link } = dialled(
      `ws://127.0.0.1:${(server.address() as AddressInfo).port}/sync`,
      new ManualHost(),
    )
    expect((await phase(link, 'waiting')).lastError?.code).toBe('unreachable')
  })

  it('D2 gives up on a host that says nothing', async () => {
    const { proxy } = await hub()
    proxy.swallow('down')
    const host = new ManualHost()
    const { link } = dialled(proxy.url(), host)
    host.advance(10_000)
    expect((await phase(link, 'waiting')).lastError?.code).toBe('connect-timeout')
  })

  it('D1 refuses an endpoint that speaks no skerry.v1', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => false })
    await once(server, 'listening')
    cleanup.push(async () => server.close())
    const { link } = dialled(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, new ManualHost())
    const code = (await phase(link, 'waiting')).lastError?.code
    // The standard lets such a socket open; Node's global WebSocket refuses it itself, and tells no more.
    expect(['subprotocol-refused', 'unreachable']).toContain(code)
  })

  it('H5 silence is allowed twice as long after each end by silence, and as at first after another end', async () => {
    const host = new ManualHost()
    const sockets: FakeSocket[] = []
    const dial = browserDial(host, {
      WebSocket: class extends FakeSocket {
        constructor() {
          super()
          sockets.push(this)
        }
      },
    })
    const silentFor = async (): Promise<number> => {
      const opened = Promise.withResolvers<WsTransport>()
      dial('ws://hub/sync', opened.resolve, opened.reject)
      sockets.at(-1)?.onopen?.(undefined as never)
      const recorder = new Recorder(await opened.promise)
      let ended = false
      void recorder.closed.then(() => {
        ended = true
      })
      const from = host.now()
      while (!ended) {
        host.advance(1000)
        await Promise.resolve()
        await Promise.resolve()
      }
      return host.now() - from
    }
    const silences: number[] = []
    for (let end = 0; end < 8; end++) silences.push(await silentFor())
    expect(silences[0]).toBeLessThanOrEqual(3 * BEAT_MS_MAX)
    expect(silences[2] ?? 0).toBeGreaterThan(2 * (silences[0] ?? 0))
    expect(silences.at(-1)).toBeGreaterThan(SILENCE_MS_MAX * 0.9)
    expect(silences.at(-1)).toBeLessThan(SILENCE_MS_MAX * 1.3)
    dial(
      'ws://hub/sync',
      (transport) => transport.close(4500, 'another end'),
      (error) => {
        throw error
      },
    )
    sockets.at(-1)?.onopen?.(undefined as never)
    expect(await silentFor()).toBeLessThanOrEqual(3 * BEAT_MS_MAX)
  })
})
