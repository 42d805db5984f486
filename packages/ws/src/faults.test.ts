/** Links over real sockets through bad lines. The row numbers are those of the project's catalogue of faults. */
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { retryAtOnce } from '../test/automatic-retry.ts'
import { certificate } from '../test/certificate.ts'
import { type Direction, FaultProxy } from '../test/fault-proxy.ts'
import { ManualHost, RealHost } from '../test/hosts.ts'
import { type Edge, type Hub, phase, startEdge, startHub, until } from '../test/peers.ts'
import { seeded } from '../test/seeded.ts'
import { HEARTBEAT_JITTER, HEARTBEAT_MS, SEND_BUFFER_HARD_BYTES_MAX } from './limits.ts'
import type { NodeDialOptions } from './node-dial.ts'

const BEAT_MS_MAX = HEARTBEAT_MS * (1 + HEARTBEAT_JITTER)
const cleanup: Array<() => Promise<unknown>> = []

afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step()
})

async function hub(...args: Parameters<typeof startHub>): Promise<Hub> {
  const started = await startHub(...args)
  cleanup.push(() => started.listener.close(0))
  return started
}

async function proxied(port: number): Promise<FaultProxy> {
  const proxy = await FaultProxy.start(port)
  cleanup.push(() => proxy.close())
  return proxy
}

function edge(url: string, host: ManualHost | RealHost, options: NodeDialOptions = {}): Edge {
  const started = startEdge(url, host, options)
  cleanup.push(() => started.link.close())
  return started
}

async function serve(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanup.push(() =>
    new Promise((resolve) => server.close(resolve)).finally(() => server.closeAllConnections()),
  )
  return `127.0.0.1:${(server.address() as AddressInfo).port}/sync`
}

describe('a reset at a random byte', () => {
  it.each([1, 2, 3])('fault N3: seed %i: reconnects, whatever byte the line was reset at', async (seed) => {
    const random = seeded(seed)
    const { listener } = await hub()
    const proxy = await proxied(listener.port)
    const host = new ManualHost(seed)
    const directions: Direction[] = ['up', 'down']
    const next = (): void => {
      const direction = directions[Math.floor(random() * 2)] ?? 'up'
      proxy.faults = { resetAfterBytes: { direction, bytes: Math.floor(random() * 400) } }
    }
    next()
    const { link } = edge(proxy.url(), host)
    retryAtOnce(link, host)
    let ends = 0
    const errors = new Set<string | undefined>()
    link.subscribe((state) => {
      // The whole handshake is some 300 bytes, so some cuts leave it open, with the cut in what follows.
      if (state.phase === 'open') setImmediate(() => proxy.resetAll())
      if (state.phase !== 'waiting') return
      ends += 1
      errors.add(state.lastError?.code)
      next()
      if (ends === 40) proxy.faults = {}
    })
    await until(link, () => ends >= 40)
    await phase(link, 'open')
    expect(proxy.accepted).toBeGreaterThan(40)
    expect([...errors].sort()).toEqual(['connection-reset', 'session-ended'])
  })
})

describe('half-open lines', () => {
  it('fault N4: a hub that vanished without FIN is noticed in three beats, and found again', async () => {
    const { listener } = await hub()
    const proxy = await proxied(listener.port)
    const host = new ManualHost()
    const { link, sessions } = edge(proxy.url(), host)
    await phase(link, 'open')
    proxy.swallow('up')
    proxy.swallow('down')
    host.advance(3 * BEAT_MS_MAX)
    const gone = await phase(link, 'waiting')
    expect(gone.lastError).toMatchObject({ code: 'session-ended', closeCode: 1006 })
    expect(gone.lastError?.message).toContain('heartbeats')
    proxy.heal()
    host.advance((gone.retryAt ?? 0) - host.now())
    await phase(link, 'open')
    expect(sessions).toHaveLength(2)
  })

  it('fault N5: H3 when only the way up is dead, the hub notices, and the link begins again', async () => {
    const hubHost = new ManualHost()
    const { listener, session } = await hub({ host: hubHost })
    const proxy = await proxied(listener.port)
    const edgeHost = new ManualHost()
    const { link } = edge(proxy.url(), edgeHost)
    await phase(link, 'open')
    const first = await session(0)
    await first.until(({ state }) => state === 'open')
    proxy.swallow('up')
    hubHost.advance(3 * BEAT_MS_MAX)
    expect(await first.closed).toMatchObject({ code: 1006 })
    const gone = await phase(link, 'waiting')
    proxy.heal()
    edgeHost.advance((gone.retryAt ?? 0) - edgeHost.now())
    await phase(link, 'open')
  })

  it('L2 wake finds a dead line in seconds', async () => {
    const { listener } = await hub()
    const proxy = await proxied(listener.port)
    const host = new ManualHost()
    const { link } = edge(proxy.url(), host)
    await phase(link, 'open')
    proxy.swallow('up')
    link.wake()
    host.advance(5_000)
    await phase(link, 'waiting')
  })
})

describe('a flapping line', () => {
  it('fault N6: a line that flaps 50 times leaves no timer, listener or socket behind', async () => {
    const { listener, sessions: accepted } = await hub()
    const proxy = await proxied(listener.port)
    const host = new ManualHost()
    const { link, sessions } = edge(proxy.url(), host)
    retryAtOnce(link, host)
    await phase(link, 'open')
    const timers = host.pending
    for (let flap = 1; flap <= 50; flap++) {
      proxy.resetAll()
      await until(link, (state) => state.phase === 'open' && sessions.length === flap + 1)
      expect(host.pending).toBe(timers)
    }
    expect(sessions).toHaveLength(51)
    await link.close()
    expect(host.pending).toBe(0)
    await Promise.all(accepted.map(({ closed }) => closed))
    await listener.close(0)
    expect(listener.connections).toBe(0)
  })
})

describe('a reader that stops reading', () => {
  it('fault N7: a reader that stops reading is cut off with 4429 by a hub that goes on sending, whose memory stays bounded, and comes back', async () => {
    const { listener, session } = await hub()
    const proxy = await proxied(listener.port)
    const host = new ManualHost()
    const { link } = edge(proxy.url(), host)
    await phase(link, 'open')
    const far = await session(0)
    await far.until(({ state }) => state === 'open')
    proxy.stall('down')
    const before = process.memoryUsage().rss
    let most = 0
    for (let sent = 0; sent < 2000 && far.state === 'open'; sent++) {
      far.transport.send(new Uint8Array(256 * 1024).fill(sent))
      most = Math.max(most, far.transport.bufferedBytes)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await far.closed).toMatchObject({ code: 4429, reason: expect.stringContaining('slow reader') })
    expect(most).toBeLessThanOrEqual(SEND_BUFFER_HARD_BYTES_MAX + 4096)
    // 500 MB were offered.
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024)
    proxy.flow()
    const ended = await phase(link, 'waiting')
    host.advance((ended.retryAt ?? 0) - host.now())
    await phase(link, 'open')
  })
})

describe('a slow line', () => {
  it('fault N1: a line of 300 ms each way only takes longer', async () => {
    const { listener } = await hub()
    const proxy = await proxied(listener.port)
    proxy.faults = { delayMs: 300 }
    const { link, sessions } = edge(proxy.url(), new RealHost())
    await phase(link, 'open')
    expect(sessions).toHaveLength(1)
  })
})

describe('a captive portal', () => {
  it.each([
    [200, {}],
    [302, { location: 'http://portal.example/login' }],
    [511, {}],
  ])(
    'fault N9: a captive portal that answers %i is recognised, and the link goes on trying',
    async (status, headers) => {
      const address = await serve(
        createServer((_request, response) => response.writeHead(status, headers).end('<html>')),
      )
      const { link } = edge(`ws://${address}`, new ManualHost())
      const state = await phase(link, 'waiting')
      expect(state.lastError?.code).toBe('captive-portal')
      expect(state.lastError?.message).toContain(`HTTP ${status}`)
    },
  )

  it('fault N9: one that upgrades to something else is recognised', async () => {
    const server = createServer()
    server.on('upgrade', (_request, socket) => {
      socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    })
    const { link } = edge(`ws://${await serve(server)}`, new ManualHost())
    expect((await phase(link, 'waiting')).lastError?.code).toBe('subprotocol-refused')
  })

  it('fault N9: one that speaks no HTTP is recognised', async () => {
    const server = createTcpServer((socket) => socket.resume().end('220 mail.example ESMTP\r\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanup.push(() => new Promise((resolve) => server.close(resolve)))
    const { link } = edge(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, new ManualHost())
    expect((await phase(link, 'waiting')).lastError?.code).toBe('http-unexpected')
  })
})

describe('distinct errors', () => {
  it('fault N10: a port where nobody listens', async () => {
    const { listener } = await startHub()
    await listener.close(0)
    const { link } = edge(listener.url, new ManualHost())
    expect((await phase(link, 'waiting')).lastError?.code).toBe('connection-refused')
  })

  it('fault N10: a name that cannot have an address', async () => {
    const { link } = edge(`ws://${'a'.repeat(64)}.invalid/sync`, new ManualHost())
    expect((await phase(link, 'waiting')).lastError?.code).toBe('dns-failed')
  })

  it('fault N10: D2 a host that accepts and says nothing', async () => {
    const address = await serve(createServer(() => undefined))
    const host = new ManualHost()
    const { link } = edge(`ws://${address}`, host)
    host.advance(10_000)
    expect((await phase(link, 'waiting')).lastError?.code).toBe('connect-timeout')
  })

  const day = 86_400_000
  it.each([
    ['is valid', -1, 1, true, undefined],
    ['has expired', -2, -1, true, 'tls-expired'],
    ['is not valid yet', 1, 2, true, 'tls-expired'],
    ['nobody signed', -1, 1, false, 'tls-failed'],
  ])('fault N10: a certificate that %s', async (_name, from, to, trusted, code) => {
    const { cert, key } = certificate(new Date(Date.now() + from * day), new Date(Date.now() + to * day))
    const address = await serve(
      createTlsServer({ cert, key }, (_request, response) => response.writeHead(404).end()),
    )
    const { link } = edge(`wss://${address}`, new ManualHost(), trusted ? { ca: cert } : {})
    expect((await phase(link, 'waiting')).lastError?.code).toBe(code ?? 'http-unexpected')
  })
})
