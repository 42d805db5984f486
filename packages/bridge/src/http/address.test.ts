import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type AgentSettings,
  exchange,
  guardedAgent,
  isThisMachine,
  pathBelow,
  stepsOut,
} from '@skerry/bridge/http'
import { buildConnector } from 'undici'
import { describe, expect, onTestFinished, test } from 'vitest'
import { guardedLookup, isLinkLocal, type Look } from './address.ts'

/** A name service that knows these addresses. */
const leadingTo =
  (...addresses: string[]): Look =>
  (_, __, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )

function looked(host: string, addresses: string[], allowPrivate = false): Promise<string> {
  return new Promise((resolve) =>
    guardedLookup(allowPrivate, leadingTo(...addresses))(host, {}, (error, address) =>
      resolve(error ? error.message : String(address)),
    ),
  )
}

describe('fault A12: a name leads to where it should not', () => {
  test.each([
    '10.0.0.5',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '127.0.0.1',
    '0.0.0.0',
    '198.18.0.1',
    '224.0.0.1',
    '::1',
    '::',
    'fc00::1',
    'fdff::1',
    '::ffff:10.0.0.5',
    '64:ff9b::a00:5',
  ])('into a private network, %s: refused unless the config allows it', async (address) => {
    expect(await looked('crm.example', [address])).toMatch(
      /crm\.example leads to .* in a private network; set allowPrivate/,
    )
    expect(await looked('crm.example', [address], true)).toBe(address)
  })

  test.each(['169.254.169.254', 'fe80::1', 'febf::1', '::ffff:169.254.169.254', '64:ff9b::a9fe:a9fe'])(
    'to a link-local address, %s: refused, whatever the config says',
    async (address) => {
      for (const allowPrivate of [false, true])
        expect(await looked('crm.example', [address], allowPrivate)).toMatch(/link-local address/)
    },
  )

  test.each(['93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:4700::1', '64:ff9b::808:808'])(
    'to the internet, %s: called',
    async (address) => {
      expect(await looked('crm.example', [address])).toBe(address)
    },
  )

  test('one bad address among good ones is enough', async () => {
    expect(await looked('crm.example', ['93.184.216.34', '10.0.0.5'])).toMatch(/10\.0\.0\.5/)
  })

  test('localhost is this machine, and nothing else', async () => {
    expect(await looked('localhost', ['127.0.0.1'])).toBe('127.0.0.1')
    expect(await looked('crm.localhost', ['::1'])).toBe('::1')
    expect(await looked('localhost', ['10.0.0.5'])).toMatch(/private network/)
  })

  test('whoever wants all addresses gets those that were looked at, in their order', async () => {
    const all = await new Promise((resolve) =>
      guardedLookup(false, leadingTo('93.184.216.34', '2606:4700::1'))(
        'crm.example',
        { all: true },
        (_, found) => resolve(found),
      ),
    )
    expect(all).toEqual([
      { address: '93.184.216.34', family: 4 },
      { address: '2606:4700::1', family: 6 },
    ])
  })

  test('a connection goes to the address that was looked at; a refused one is surely not made', async () => {
    let asked = 0
    const server = createServer((_, response) => {
      asked += 1
      response.end('{}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    const call = { signal: new AbortController().signal }
    const settings = (allowPrivate: boolean) => ({
      baseUrl: `http://crm.example:${port}`,
      headers: {},
      timeoutMs: 2_000,
      responseBytesMax: 1_000,
      now: Date.now,
      agent: guardedAgent({ allowPrivate, look: leadingTo('127.0.0.1') }),
    })
    const what = { method: 'POST', path: '/', body: 'x' }
    expect(await exchange(settings(false), call, what)).toMatchObject({
      kind: 'unsent',
      reason: expect.stringContaining('crm.example leads to 127.0.0.1, in a private network'),
    })
    expect(asked).toBe(0)
    expect(await exchange(settings(true), call, what)).toMatchObject({ kind: 'answer', status: 200 })
    expect(asked).toBe(1)
  })
})

describe('fault A12: an address stands where a name could', () => {
  /** Which hosts a connection would be made to; none is. */
  function reaching(allowPrivate: boolean) {
    const hosts: string[] = []
    const connect: AgentSettings['connect'] = ({ hostname }, done) => {
      hosts.push(hostname)
      done(Object.assign(new Error('nobody listens'), { code: 'ECONNREFUSED' }), null)
    }
    const agent = guardedAgent({ allowPrivate, connect })
    const ask = (baseUrl: string) =>
      exchange(
        { baseUrl, headers: {}, timeoutMs: 2_000, responseBytesMax: 1_000, now: Date.now, agent },
        { signal: new AbortController().signal },
        { method: 'POST', path: '/', body: 'x' },
      )
    return { hosts, ask }
  }

  test.each([
    ['http://10.0.0.1', '10.0.0.1'],
    ['https://192.168.1.1:8443', '192.168.1.1'],
    ['http://127.0.0.1:8', '127.0.0.1'],
    ['http://2130706433', '127.0.0.1'],
    ['http://0x7f.1', '127.0.0.1'],
    ['http://0177.0.0.1.', '127.0.0.1'],
    ['http://[::1]', '::1'],
    ['http://[::ffff:10.0.0.1]', '::ffff:a00:1'],
    ['http://[64:ff9b::10.0.0.1]', '64:ff9b::a00:1'],
    ['https://[fc00::1]', 'fc00::1'],
  ])('in a private network, %s: refused unless the config allows it', async (baseUrl, address) => {
    const { hosts, ask } = reaching(false)
    expect(await ask(baseUrl)).toEqual({
      kind: 'unsent',
      reason: `POST /: ${address} is in a private network; set allowPrivate if that is where the system is`,
    })
    expect(hosts).toEqual([])
    const allowed = reaching(true)
    expect(await allowed.ask(baseUrl)).toMatchObject({ reason: expect.stringContaining('nobody listens') })
    expect(allowed.hosts).toEqual([address])
  })

  test.each([
    'http://169.254.169.254',
    'http://2852039166',
    'http://[fe80::1]',
    'http://[::ffff:169.254.1.1]',
  ])('link-local, %s: refused, whatever the config says', async (baseUrl) => {
    for (const allowPrivate of [false, true]) {
      const { hosts, ask } = reaching(allowPrivate)
      expect(await ask(baseUrl)).toMatchObject({
        kind: 'unsent',
        reason: expect.stringContaining('a link-local address'),
      })
      expect(hosts).toEqual([])
    }
  })

  test.each(['http://93.184.216.34', 'http://[2606:4700::1]'])(
    'on the internet, %s: called',
    async (baseUrl) => {
      const { hosts, ask } = reaching(false)
      await ask(baseUrl)
      expect(hosts).toEqual([new URL(baseUrl).hostname.replace(/[[\]]/g, '')])
    },
  )

  test('a redirect to one is told, and not followed', async () => {
    const server = createServer((_, response) =>
      response.writeHead(307, { location: 'http://10.0.0.1/' }).end(),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    const hosts: string[] = []
    const plain = buildConnector({})
    const connect: AgentSettings['connect'] = (options, done) => {
      hosts.push(options.hostname)
      // The test leads nowhere but to its own server.
      plain({ ...options, hostname: '127.0.0.1' }, done)
    }
    const settings = {
      baseUrl: `http://localhost:${port}`,
      headers: {},
      timeoutMs: 2_000,
      responseBytesMax: 1_000,
      now: Date.now,
      agent: guardedAgent({ allowPrivate: false, connect }),
    }
    const call = { signal: new AbortController().signal }
    expect(await exchange(settings, call, { method: 'POST', path: '/', body: 'x' })).toMatchObject({
      kind: 'answer',
      status: 307,
    })
    expect(hosts).toEqual(['localhost'])
  })
})

test('addresses are read in every spelling', () => {
  for (const url of [
    'http://169.254.169.254/x',
    'http://2852039166',
    'http://0xa9.0xfe.1.1',
    'http://[fe80::1]:80',
    'http://[::ffff:169.254.1.1]',
  ])
    expect(isLinkLocal(url), url).toBe(true)
  for (const url of [
    'http://127.0.0.1:8',
    'http://2130706433',
    'http://[::1]/',
    'http://localhost',
    'https://a.localhost',
  ])
    expect([isThisMachine(url), isLinkLocal(url)], url).toEqual([true, false])
  for (const url of ['http://10.0.0.1', 'http://localhost.example', 'https://127.0.0.1.example'])
    expect(isThisMachine(url), url).toBe(false)
})

test('a path that steps out of its place is known, also when it is encoded', () => {
  for (const path of ['/v1/../x', '/v1/.', '/v1/%2e%2E/x', '/v1/.%2e'])
    expect(stepsOut(path), path).toBe(true)
  for (const path of ['/v1/a..b', '/v1/...', '/v1/x?q=../..']) expect(stepsOut(path), path).toBe(false)
})

test('an address that the system gave is a path below the base, or leads elsewhere', () => {
  const base = 'https://crm.example/api'
  const from = '/accounts?limit=2'
  expect(pathBelow(base, 'https://crm.example/api/accounts?at=3', from)).toBe('/accounts?at=3')
  expect(pathBelow(base, '/api/accounts?at=3', from)).toBe('/accounts?at=3')
  expect(pathBelow(base, '?at=3', from)).toBe('/accounts?at=3')
  for (const elsewhere of [
    'https://crm.example/other',
    'https://crm.example.evil/api/accounts',
    'http://crm.example/api/accounts',
    '//evil.example/api/accounts',
    'https://crm.example:8443/api/accounts',
    'https://user:pass@crm.example/api/accounts',
    'https://crm.example/api/../admin',
    'file:///etc/passwd',
    'http://[',
  ])
    expect(pathBelow(base, elsewhere, from), elsewhere).toBeUndefined()
})
