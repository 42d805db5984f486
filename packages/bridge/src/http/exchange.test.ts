import { createServer as createPlain, type RequestListener } from 'node:http'
import { createServer as createSecure, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Allowance } from '@skerry/bridge'
import { type AgentSettings, exchange, guardedAgent } from '@skerry/bridge/http'
import { fetch } from 'undici'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  authority,
  clientCertificate,
  clientKey,
  serverCertificate,
  serverKey,
} from '../../test/certificates.ts'
import { wrongAddress } from './system-url.ts'

const call = { signal: new AbortController().signal }
const get = { method: 'GET', path: '/' }
const BYTES_MAX = 100_000

/** A server of its own; gives back its base address. */
async function serving(answer: RequestListener, tls?: ServerOptions): Promise<string> {
  const server = tls ? createSecure(tls, answer) : createPlain(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function settings(baseUrl: string, agent: Partial<AgentSettings> = {}) {
  return {
    baseUrl,
    headers: {},
    timeoutMs: 5_000,
    responseBytesMax: BYTES_MAX,
    now: Date.now,
    agent: guardedAgent({ allowPrivate: true, ...agent }),
  }
}

describe('bodies', () => {
  test.each([
    [BYTES_MAX, 'answer'],
    [BYTES_MAX + 1, 'too-large'],
  ])('of %i bytes are an %s', async (bytes, kind) => {
    const baseUrl = await serving((_, response) => response.end('x'.repeat(bytes)))
    expect((await exchange(settings(baseUrl), call, get)).kind).toBe(kind)
  })

  test('a body of 3 GB is left where it is, once it is too much', async () => {
    let sent = 0
    const left = Promise.withResolvers<void>()
    const baseUrl = await serving((_, response) => {
      response.writeHead(200, { 'content-length': String(3 * 1024 ** 3) })
      response.on('close', left.resolve)
      const more = () => {
        while (!response.destroyed && sent < 3 * 1024 ** 3) {
          sent += 65_536
          if (!response.write(Buffer.alloc(65_536, 'x'))) return void response.once('drain', more)
        }
      }
      more()
    })
    expect(await exchange(settings(baseUrl), call, get)).toMatchObject({
      kind: 'too-large',
      reason: expect.stringContaining(`more than ${BYTES_MAX} bytes`),
    })
    await left.promise
    expect(sent).toBeLessThan(100 * 1024 ** 2)
  })

  test('DIF-3: what is packed counts as it is unpacked', async () => {
    const packed = gzipSync(Buffer.alloc(50 * BYTES_MAX, 'x'))
    expect(packed.length).toBeLessThan(BYTES_MAX)
    const baseUrl = await serving((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed),
    )
    expect((await exchange(settings(baseUrl), call, get)).kind).toBe('too-large')
  })
})

test('a call says what it costs, and hears what is left', async () => {
  const baseUrl = await serving((_, response) => response.setHeader('ratelimit', '"burst";r=3').end('{}'))
  let spent = 0
  const allowances: Allowance[] = []
  const counting = {
    ...call,
    spend: () => void spent++,
    allowance: (one: Allowance) => void allowances.push(one),
  }
  await exchange(settings(baseUrl), counting, get)
  expect([spent, allowances]).toEqual([1, [{ limit: 'burst', remaining: 3 }]])
  await exchange(settings(baseUrl), { ...counting, signal: AbortSignal.abort() }, get)
  expect(spent).toBe(1)
})

describe('GOV-5: TLS', () => {
  const who: RequestListener = (request, response) =>
    response.end(JSON.stringify({ known: (request.socket as { authorized?: boolean }).authorized === true }))
  const server = { key: serverKey, cert: serverCertificate, ca: authority }

  test('a server that nobody vouches for is not spoken to', async () => {
    const baseUrl = await serving(who, server)
    expect(await exchange(settings(baseUrl), call, get)).toMatchObject({
      kind: 'unsent',
      reason: expect.stringMatching(/certificate/i),
    })
    expect(await exchange(settings(baseUrl, { ca: authority }), call, get)).toMatchObject({
      kind: 'answer',
      json: { known: false },
    })
  })

  test('both sides show who they are, where the system asks for it', async () => {
    const baseUrl = await serving(who, { ...server, requestCert: true, rejectUnauthorized: true })
    const known = { ca: authority, cert: clientCertificate, key: clientKey }
    expect(await exchange(settings(baseUrl, known), call, get)).toMatchObject({
      kind: 'answer',
      json: { known: true },
    })
    expect((await exchange(settings(baseUrl, { ca: authority }), call, get)).kind).not.toBe('answer')
  })
})

describe('an address that no client of HTTP asks anything of', () => {
  test.each([
    ['http://localhost:6000', "no client of HTTP calls port 6000, which is another protocol's"],
    ['ftp://localhost', "'ftp:' is not http or https"],
    ['http://user:secret@localhost:8080', 'a name and password do not belong into a URL'],
    ['http://[', 'it is no URL'],
  ])('%s: nothing is sent, and the setting is named for what it is', async (baseUrl, wrong) => {
    let spent = 0
    const counting = { ...call, spend: () => void spent++ }
    expect(await exchange(settings(baseUrl), counting, get)).toEqual({
      kind: 'unsent',
      reason: `GET /: the address in the configuration is wrong: ${wrong}`,
    })
    expect(spent).toBe(0)
  })

  test('the ports that it knows are those of fetch', async () => {
    const refused: number[] = []
    const isBlocked = (error: unknown) => (error as { cause?: Error }).cause?.message === 'bad port'
    const agent = guardedAgent({
      allowPrivate: false,
      connect: (_, done) => done(new Error('nowhere'), null),
    })
    for (let port = 1; port <= 10_100; port++) {
      const known = wrongAddress(`http://localhost:${port}`) !== undefined
      // Of the others a sample: each costs a request that reaches nobody.
      if (!known && port > 1_024 && port % 97 !== 0) continue
      const told = await fetch(`http://localhost:${port}`, { dispatcher: agent }).catch(isBlocked)
      if (told !== known) refused.push(port)
    }
    expect(refused).toEqual([])
  })
})
