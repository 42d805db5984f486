/** What the systems here have in common, whatever they speak: a server on loopback that counts its requests, and can do something else in place of answering one. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Strikes } from '@skerry/bridge/testing'

export interface Answer {
  status: number
  headers?: Record<string, string>
  body?: string
}

/** In place of an answer; `carryOut` does what was asked for, and drops the answer. */
type Strike = (response: ServerResponse, carryOut: () => void) => void

/** More than an adapter reads. */
const SWOLLEN_BYTES = 17 * 1024 * 1024

export abstract class HttpStand {
  requests = 0
  readonly #strikes: { next: Strikes; strike: Strike }[] = []
  readonly #server = createServer((request, response) => void this.#serve(request, response))

  /** Faults that any system may have, by their names in the contract. */
  readonly faults = {
    loseAnswer: async () =>
      this.strike('write', (response, carryOut) => {
        carryOut()
        response.destroy()
      }),
    breakServer: async (next: Strikes) => this.strike(next, (response) => response.writeHead(500).end('oh')),
    swellAnswer: async (next: Strikes) =>
      this.strike(next, (response, carryOut) => {
        carryOut()
        response.end('x'.repeat(SWOLLEN_BYTES))
      }),
    hang: async (next: Strikes) => ({
      arrived: new Promise<void>((resolve) => this.strike(next, () => resolve())),
    }),
  }

  /** @returns its address, without a slash at the end */
  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** What becomes of the next request that reads, or writes. */
  strike(next: Strikes, strike: Strike): void {
    this.#strikes.push({ next, strike })
  }

  protected abstract answer(request: IncomingMessage, body: string): Answer

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const answer = () => this.answer(request, Buffer.concat(chunks).toString('utf8'))
    const kind = ['PUT', 'POST', 'PATCH', 'DELETE'].includes(request.method ?? '') ? 'write' : 'read'
    const at = this.#strikes.findIndex(({ next }) => next === kind)
    if (at >= 0) return this.#strikes.splice(at, 1)[0]!.strike(response, answer)
    const { status, headers, body } = answer()
    response.writeHead(status, headers).end(body)
  }
}

export function json(status: number, body: object | undefined): Answer {
  const headers = { 'content-type': 'application/json' }
  return body === undefined ? { status, headers } : { status, headers, body: JSON.stringify(body) }
}
