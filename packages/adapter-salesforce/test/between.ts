/** Somebody between the adapter and the organisation: sees each request before it arrives, may answer in its place, and may change what comes back. */
import { createServer, type IncomingMessage, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

export interface Passing {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: string
}

export interface Answer {
  status: number
  body: unknown
}

export interface Hooks {
  /** What it gives is answered, and the organisation never hears of the request. */
  before?: (request: Passing) => Promise<Answer | undefined> | Answer | undefined
  /** Changes an answer in JSON. */
  after?: (request: Passing, answer: Answer) => Answer
}

/** @param to where the organisation is @returns where the adapter is sent */
export async function between(to: string, hooks: Hooks): Promise<string> {
  const server = createServer(async (incoming, outgoing) => {
    const { method = '', url: path = '', headers } = incoming
    const passing = { method, path, headers, body: await text(incoming) }
    const instead = await hooks.before?.(passing)
    if (instead) {
      outgoing
        .writeHead(instead.status, { 'content-type': 'application/json' })
        .end(JSON.stringify(instead.body))
      return
    }
    const { hostname, port } = new URL(to)
    const onwards = send({ hostname, port, method, path, headers }, async (response) => {
      const { statusCode: status = 0 } = response
      const told = await text(response)
      const changed = hooks.after?.(passing, { status, body: told === '' ? undefined : JSON.parse(told) })
      const { 'content-length': _, ...rest } = response.headers
      outgoing.writeHead(changed?.status ?? status, rest)
      outgoing.end(changed ? JSON.stringify(changed.body) : told)
    })
    onwards.end(passing.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
