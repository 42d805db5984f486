/**
 * An HTTP proxy on loopback in front of a system, with faults on demand. What makes a call doubtful happens here and not in the system: the call is carried out, and its answer is lost, cut,
 * replaced or held back. It keeps what passed, so that a test can count.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Passed {
  /** From 1. */
  number: number
  path: string
  request: string
  /** Of the system, whatever became of it on its way back; absent when the request never got there, or the system was gone. */
  answer?: { status: number; body: string }
}

/** What becomes of one request. */
export type Fate =
  /** Carried out; the connection breaks before an answer. */
  | { act: 'lose' }
  /** Carried out; half of the answer arrives. */
  | { act: 'cut' }
  /** Carried out; this arrives instead of the answer. */
  | { act: 'replace'; status: number; headers?: Record<string, string>; body: string }
  /** Not carried out; this is the answer. */
  | { act: 'refuse'; status: number; headers?: Record<string, string>; body: string }
  /** Not carried out; no answer until the caller leaves. */
  | { act: 'hang' }
  /** Carried out; the answer waits until `release`. */
  | { act: 'hold' }

export type Matches = (request: Pick<Passed, 'path' | 'request'>) => boolean

interface Strike {
  matches: Matches
  fate: Fate
  left: number
  struck: () => void
}

interface Held {
  passed: Passed
  go: (how: 'answer' | 'lose') => void
}

export class FaultProxy {
  readonly passed: Passed[] = []
  readonly url: string
  readonly #target: string
  readonly #server: Server
  readonly #strikes: Strike[] = []
  #held: Held[] = []
  readonly #waiting = new Set<() => void>()

  private constructor(server: Server, target: string) {
    this.#server = server
    this.#target = target
    this.url = `http://localhost:${(server.address() as AddressInfo).port}`
    server.on('request', (request, response) => {
      // What breaks on the way to the system breaks on the way back.
      this.#serve(request, response).catch(() => response.destroy())
    })
  }

  /** @param target without a trailing slash */
  static start(target: string): Promise<FaultProxy> {
    const server = createServer()
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', () => resolve(new FaultProxy(server, target)))
    })
  }

  /** The next requests that match meet this fate, the newest first. Resolves when the first of them arrived. */
  strike(matches: Matches, fate: Fate, count = 1): Promise<void> {
    return new Promise((struck) => {
      this.#strikes.unshift({ matches, fate, left: count, struck })
    })
  }

  /** No request is struck any more. */
  calm(): void {
    this.#strikes.length = 0
  }

  get held(): readonly Passed[] {
    return this.#held.map(({ passed }) => passed)
  }

  /** Resolves when `enough` is true of the requests held. */
  async holds(enough: (held: readonly Passed[]) => boolean): Promise<void> {
    while (!enough(this.held)) await new Promise<void>((wake) => this.#waiting.add(wake))
  }

  release(how: 'answer' | 'lose'): void {
    const held = this.#held
    this.#held = []
    for (const { go } of held) go(how)
  }

  async close(): Promise<void> {
    this.release('lose')
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request)
    const passed: Passed = { number: this.passed.length + 1, path: request.url ?? '/', request: body }
    this.passed.push(passed)
    const fate = this.#fateOf(passed)
    if (fate?.act === 'hang') return
    if (fate?.act === 'refuse') return void answer(response, fate)
    const told = await this.#forward(request, body)
    passed.answer = { status: told.status, body: told.body }
    if (fate?.act === 'hold' && (await this.#hold(passed, response)) === 'answer') answer(response, told)
    else if (fate?.act === 'hold' || fate?.act === 'lose') response.destroy()
    else if (fate?.act === 'replace') answer(response, fate)
    else if (fate?.act === 'cut') cut(response, told)
    else answer(response, told)
  }

  #fateOf(passed: Passed): Fate | undefined {
    const strike = this.#strikes.find(({ matches }) => matches(passed))
    if (!strike) return undefined
    strike.left -= 1
    if (strike.left === 0) this.#strikes.splice(this.#strikes.indexOf(strike), 1)
    strike.struck()
    return strike.fate
  }

  async #forward(request: IncomingMessage, body: string): Promise<Answer> {
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers
    const sent = await fetch(this.#target + request.url, {
      method: request.method ?? 'GET',
      headers: headers as Record<string, string>,
      redirect: 'manual',
      ...(body !== '' && { body }),
    })
    const told = Object.fromEntries(sent.headers)
    // The body was decoded, and gets a length of its own.
    for (const name of ['content-encoding', 'transfer-encoding', 'content-length', 'connection'])
      delete told[name]
    return { status: sent.status, headers: told, body: await sent.text() }
  }

  /** Until it is released, or its caller leaves. */
  #hold(passed: Passed, response: ServerResponse): Promise<'answer' | 'lose'> {
    return new Promise((go) => {
      const held = { passed, go }
      this.#held.push(held)
      response.once('close', () => {
        this.#held = this.#held.filter((one) => one !== held)
        go('lose')
      })
      for (const wake of this.#waiting) wake()
      this.#waiting.clear()
    })
  }
}

interface Answer {
  status: number
  headers?: Record<string, string>
  body: string
}

function answer(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  response.writeHead(status, headers).end(body)
}

/** Half of the body, under the length of all of it. */
function cut(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, { ...headers, 'content-length': bytes.length })
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy())
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
