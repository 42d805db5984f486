/** A sandbox of its own for each test, and a client that is nothing but `fetch`. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { defaultClient, type LedgerEntry, type Row, type SandboxOptions, startSandbox } from '@skerry/sandbox'
import { onTestFinished } from 'vitest'

export type FieldError = { path: string; message: string; code: string }

/** Every member of an answer that some test reads; which of them are there, the test knows. */
export type Body = Row & {
  created: boolean
  access_token: string
  expires_in: number
  rows: Row[]
  next: string | null
  errors: FieldError[]
  existing: { id: string; deleted: boolean }
  results: Array<{
    status: number
    etag?: string
    body?: { row: Row; created: boolean }
    problem?: { code: string }
  }>
  entries: LedgerEntry[]
  types: Record<string, { rows: number; deleted: number; duplicates: number }>
  plan: Array<{ id: number; fault: string; struck: number; remaining: number | null }>
  held: Array<{ seq: number; method: string; externalId: string }>
  row: Row
  secret: string
  webhooks: Array<{ id: string; url: string; disabled: boolean }>
  deliveries: Array<{ state: string; attempts: number; messageId: string; lastError: string | null }>
}

export type Event = {
  type: string
  timestamp: string
  data: Omit<Row, 'deleted' | 'fields'> & { changed: string[]; row: Row }
}

export type Answer = { status: number; headers: Headers; body: Body; text: string }

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
    body: text.startsWith('{') ? JSON.parse(text) : {},
  }
}

export async function tokenOf(url: string, client = defaultClient): Promise<string> {
  const { body } = await request('POST', `${url}/oauth/token`, {
    client_id: client.clientId,
    client_secret: client.clientSecret,
  })
  return body.access_token
}

export async function startCrm(options: SandboxOptions = {}) {
  const { url, adminUrl, close } = await startSandbox(options)
  onTestFinished(close)
  const token = await tokenOf(url, options.clients?.[0])
  const authorization = `Bearer ${token}`
  return {
    url,
    adminUrl,
    close,
    token,
    call: (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      request(method, url + path, body, { authorization, ...headers }),
    admin: async (method: string, path: string, body?: unknown) =>
      (await request(method, adminUrl + path, body)).body,
    ledger: async (query = '') => {
      const { body } = await request('GET', `${adminUrl}/ledger${query}`)
      return body.entries
    },
  }
}

export type Crm = Awaited<ReturnType<typeof startCrm>>

export type Received = { headers: Record<string, string>; text: string; event: Event }

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
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
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

/** Asks again until it holds; each question is a round trip, so that the sandbox gets its turn. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 2_000; tries++) if (await holds()) return
  throw new Error('it did not come to hold in 2,000 questions')
}
