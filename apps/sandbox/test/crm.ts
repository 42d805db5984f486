/** A sandbox of its own for each test, and a client that is nothing but `fetch`. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { defaultClient, type LedgerEntry, type SandboxOptions, startSandbox } from '@skerry/sandbox'
import { onTestFinished } from 'vitest'

export type Json = { [name: string]: Json } & Json[] & string & number & boolean & null

export type Answer = { status: number; headers: Headers; body: Json; text: string }

/** A first instant for tests that hold the clock: 2026-01-01T00:00:00Z. */
export const newYear = 1_767_225_600_000

export async function request(
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text.startsWith('{') ? JSON.parse(text) : null,
  }
}

export async function tokenOf(url: string, client = defaultClient): Promise<string> {
  const { body } = await request('POST', `${url}/oauth/token`, {
    client_id: client.clientId,
    client_secret: client.clientSecret,
  })
  return body.access_token as string
}

export async function startCrm(options: SandboxOptions = {}) {
  const sandbox = await startSandbox(options)
  onTestFinished(() => sandbox.close())
  const { url, adminUrl } = sandbox
  const token = await tokenOf(url, options.clients?.[0])
  const authorization = `Bearer ${token}`
  return {
    url,
    adminUrl,
    token,
    call: (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      request(method, url + path, body, { authorization, ...headers }),
    admin: async (method: string, path: string, body?: unknown) =>
      (await request(method, adminUrl + path, body)).body,
    ledger: async (query = '') => {
      const { body } = await request('GET', `${adminUrl}/ledger${query}`)
      return body.entries as unknown as LedgerEntry[]
    },
  }
}

export type Crm = Awaited<ReturnType<typeof startCrm>>

export type Received = { headers: Record<string, string>; text: string; event: Json }

/** An endpoint for webhooks; `answers` gives the statuses in order, 204 once they are used up. */
export async function startReceiver(answers: number[] = []) {
  const received: Received[] = []
  const waiting: Array<(item: Received) => void> = []
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    const item = { headers: incoming.headers as Record<string, string>, text, event: JSON.parse(text) }
    const status = answers.shift() ?? 204
    outgoing.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end()
    const next = waiting.shift()
    if (next) next(item)
    else received.push(item)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.closeAllConnections(), undefined)
  onTestFinished(() => void server.close(), undefined)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    /** What arrived and was not taken yet. */
    received,
    next: (): Promise<Received> => {
      const first = received.shift()
      return first ? Promise.resolve(first) : new Promise((resolve) => waiting.push(resolve))
    },
  }
}
