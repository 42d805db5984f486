import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { retryAtOnce } from '../test/automatic-retry.ts'
import { ManualHost, RealHost } from '../test/hosts.ts'
import { phase, startEdge, startHub, until } from '../test/peers.ts'
import { PlainSession } from '../test/plain-session.ts'
import { acceptUpgrades } from './accept-upgrades.ts'
import { CLOSE_GRACE_MS, REFUSED_RETRY_AFTER_S, REFUSED_RETRY_SPREAD_S } from './limits.ts'

const cleanup: Array<() => Promise<unknown>> = []

afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step()
})

async function hub(...args: Parameters<typeof startHub>) {
  const started = await startHub(...args)
  cleanup.push(() => started.listener.close(0))
  return started
}

interface Answer {
  status: number
  headers: IncomingMessage['headers']
  body: { code?: string; status?: number; title?: string; detail?: string; retryable?: boolean }
  socket?: Socket
}

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  'sec-websocket-protocol': 'skerry.v1',
}

/** One upgrade; a socket that was taken is left open. */
async function upgrade(port: number, headers: Record<string, string> = {}, path = '/sync'): Promise<Answer> {
  const asked = request({ port, path, headers: { ...UPGRADE, ...headers } })
  asked.end()
  const taken = once(asked, 'upgrade').then(([response, socket]): Answer => {
    cleanup.push(async () => socket.destroy())
    return { status: response.statusCode ?? 0, headers: response.headers, body: {}, socket }
  })
  const refused = once(asked, 'response').then(async ([response]): Promise<Answer> => {
    const closed = once(response.socket, 'close')
    const body = JSON.parse(await text(response))
    await closed
    return { status: response.statusCode ?? 0, headers: response.headers, body }
  })
  return Promise.any([taken, refused])
}

describe('A1 A3 refusals are proper answers', () => {
  it.each([
    ['another path', {}, '/other', 404, 'not-found'],
    ['a query is no part of the path', {}, '/sync?x=1', 101, undefined],
    ['no subprotocol', { 'sec-websocket-protocol': 'chat' }, '/sync', 400, 'subprotocol-required'],
    [
      'one of several subprotocols',
      { 'sec-websocket-protocol': 'skerry.v2, skerry.v1' },
      '/sync',
      101,
      undefined,
    ],
    ['an origin that is allowed', { origin: 'https://app.example' }, '/sync', 101, undefined],
    ['an origin that is not', { origin: 'https://evil.example' }, '/sync', 403, 'origin-refused'],
    ['a broken key', { 'sec-websocket-key': 'short' }, '/sync', 400, 'bad-handshake'],
    ['a version of 2010', { 'sec-websocket-version': '7' }, '/sync', 400, 'bad-handshake'],
  ])('%s', async (_name, headers, path, status, code) => {
    const originAllowed = (origin: string | undefined): boolean =>
      origin === undefined || origin === 'https://app.example'
    const { listener } = await hub({ originAllowed })
    const answer = await upgrade(listener.port, headers as Record<string, string>, path)
    expect([answer.status, answer.body.code]).toEqual([status, code])
    if (status === 101) {
      expect(answer.headers['sec-websocket-protocol']).toBe('skerry.v1')
      expect(answer.headers['sec-websocket-extensions']).toBeUndefined()
      return
    }
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.body).toEqual({
      type: `urn:skerry:problem:${code}`,
      title: code?.replaceAll('-', ' '),
      status,
      detail: expect.any(String),
      code,
      retryable: false,
    })
    expect(listener.connections).toBe(0)
  })

  it('a request that is no upgrade, at a stand-alone peer', async () => {
    const { listener } = await hub()
    const response = await fetch(listener.url.replace('ws:', 'http:'))
    expect(response.status).toBe(426)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({ code: 'upgrade-required' })
  })
})

describe('A2 ceilings', () => {
  it('a storm of upgrades above connectionsMax is refused with 503 and spread Retry-After', async () => {
    const { listener, sessions } = await hub({ connectionsMax: 5 })
    const answers = await Promise.all(Array.from({ length: 60 }, () => upgrade(listener.port)))
    const taken = answers.filter(({ status }) => status === 101)
    const refused = answers.filter(
      ({ status, body }) => status === 503 && body.code === 'too-many-connections',
    )
    expect([taken.length, refused.length]).toEqual([5, 55])
    expect(refused.every(({ body }) => body.retryable)).toBe(true)
    expect([listener.connections, sessions.length]).toEqual([5, 5])
    const waits = refused.map(({ headers }) => Number(headers['retry-after']))
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(REFUSED_RETRY_AFTER_S)
    expect(Math.max(...waits)).toBeLessThanOrEqual(REFUSED_RETRY_AFTER_S + REFUSED_RETRY_SPREAD_S)
    expect(new Set(waits).size).toBeGreaterThan(10)
  })

  it('perAddressMax counts by address, and again after one has left', async () => {
    let address = 'a'
    const { listener, session } = await hub({ perAddressMax: 2, addressOf: () => address })
    const first = await upgrade(listener.port)
    const statuses = [(await upgrade(listener.port)).status, (await upgrade(listener.port)).status]
    expect([first.status, ...statuses]).toEqual([101, 101, 429])
    address = 'b'
    expect((await upgrade(listener.port)).status).toBe(101)
    address = 'a'
    first.socket?.destroy()
    await (await session(0)).closed
    const host = new ManualHost()
    const { link } = startEdge(listener.url, host)
    cleanup.push(() => link.close())
    retryAtOnce(link, host)
    await phase(link, 'open')
  })

  it('a link honours the Retry-After of a full hub', async () => {
    const { listener } = await hub({ connectionsMax: 0 })
    const host = new ManualHost()
    const { link } = startEdge(listener.url, host)
    cleanup.push(() => link.close())
    const { lastError, retryAt } = await phase(link, 'waiting')
    expect(lastError?.code).toBe('http-unavailable')
    expect(retryAt).toBeGreaterThanOrEqual(host.now() + REFUSED_RETRY_AFTER_S * 1000)
  })
})

describe('A4 close', () => {
  it('tells every transport 4503, and the links wait', async () => {
    const { listener } = await hub()
    const edges = [1, 2, 3].map((seed) => startEdge(listener.url, new ManualHost(seed)))
    for (const { link } of edges) cleanup.push(() => link.close())
    await Promise.all(edges.map(({ link }) => phase(link, 'open')))
    const states = edges.map(({ link }) => phase(link, 'waiting'))
    await listener.close(10_000)
    for (const { lastError } of await Promise.all(states)) {
      expect(lastError).toMatchObject({ code: 'session-ended', closeCode: 4503 })
    }
    expect(listener.connections).toBe(0)
  })

  it('refuses upgrades while it drains, and destroys what is left after the grace', async () => {
    const host = new ManualHost()
    const { listener, session } = await hubOnSharedServer(host)
    await upgrade(listener.port)
    await session
    let closed = false
    const closing = listener.acceptor.close(1_000).then(() => {
      closed = true
    })
    const answer = await upgrade(listener.port)
    expect([answer.status, answer.body.code]).toEqual([503, 'draining'])
    expect(closed).toBe(false)
    const gone = performance.now()
    host.advance(1_000)
    await closing
    // Long before the closing handshake of the transport itself would give up.
    expect(performance.now() - gone).toBeLessThan(CLOSE_GRACE_MS / 2)
    expect(listener.acceptor.connections).toBe(0)
    expect(listener.server.listenerCount('upgrade')).toBe(0)
  })

  it('twice is once', async () => {
    const { listener } = await startHub()
    await Promise.all([listener.close(0), listener.close(0)])
  })
})

describe('a shared server', () => {
  it('goes on answering its own requests', async () => {
    const { listener } = await hubOnSharedServer(new RealHost())
    const response = await fetch(`http://127.0.0.1:${listener.port}/api`)
    expect(await response.text()).toBe('the API')
    const { link } = startEdge(`ws://127.0.0.1:${listener.port}/sync`, new ManualHost())
    cleanup.push(() => link.close())
    await until(link, (state) => state.phase === 'open')
  })
})

async function hubOnSharedServer(host: ManualHost | RealHost) {
  const server: Server = createServer((_request, response) => response.end('the API'))
  const arrived = Promise.withResolvers<PlainSession>()
  const acceptor = acceptUpgrades(server, {
    host,
    onTransport: (transport) => arrived.resolve(new PlainSession(transport, 'acceptor')),
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanup.push(() =>
    new Promise((resolve) => server.close(resolve)).finally(() => server.closeAllConnections()),
  )
  const { port } = server.address() as AddressInfo
  return { listener: { server, acceptor, port }, session: arrived.promise }
}
