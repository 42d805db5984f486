/**
 * A second system, for somebody who knows only the guide: an issue tracker of the kind that many teams have. It has no versions and compares nothing, its times are whole seconds, it deletes for good and
 * tells nobody, answers a change with nothing at all, pages by offset, and keeps a foreign id in a field of its own that it does not hold unique.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Issue {
  id: number
  subject: string
  description: string
  foreign_id: string
  /** To the second. */
  updated_on: string
}

const PAGE_MAX = 100

export class Tracker {
  readonly issues = new Map<number, Issue>()
  key = 'tracker-key'
  requests = 0
  readonly faults: { next: 'GET' | 'write'; strike(response: ServerResponse, carryOut: () => void): void }[] =
    []
  #ids = 0
  /** Milliseconds: the tracker's clock is ahead by so much, or stands. */
  #aheadMs = 0
  #heldAt: number | undefined
  readonly #server = createServer((request, response) => void this.#serve(request, response))

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async atOneMoment(work: () => Promise<void>): Promise<void> {
    this.#heldAt = Date.now() + this.#aheadMs
    await work()
    this.#heldAt = undefined
    this.#aheadMs += 2_000
  }

  now(): string {
    return `${new Date(this.#heldAt ?? Date.now() + this.#aheadMs).toISOString().slice(0, 19)}Z`
  }

  nextId(): number {
    return ++this.#ids
  }

  put(issue: Partial<Issue>, updated_on = this.now()): Issue {
    const known = issue.id === undefined ? undefined : this.issues.get(issue.id)
    const blank = { id: this.#ids + 1, subject: '', description: '', foreign_id: '' }
    const stored = { ...blank, ...known, ...issue, updated_on }
    this.#ids = Math.max(this.#ids, stored.id)
    this.issues.set(stored.id, stored)
    return stored
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString('utf8')
    const answer = () => this.#answer(request, text === '' ? {} : (JSON.parse(text).issue as Partial<Issue>))
    const at = this.faults.findIndex(({ next }) => next === (request.method === 'GET' ? 'GET' : 'write'))
    if (at >= 0) return this.faults.splice(at, 1)[0]!.strike(response, answer)
    const [status, body] = answer()
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(body === undefined ? '' : JSON.stringify(body))
  }

  #answer(
    { method, url = '', headers }: IncomingMessage,
    issue: Partial<Issue>,
  ): [status: number, body?: object] {
    if (headers['x-api-key'] !== this.key) return [401]
    const { pathname, searchParams: query } = new URL(url, 'http://tracker')
    const id = Number(/^\/issues\/(\d+)\.json$/.exec(pathname)?.[1] ?? 0)
    if (id === 0 && method === 'GET') return [200, this.#listed(query)]
    if (id > 0 && !this.issues.has(id)) return [404]
    if (method === 'GET') return [200, { issue: this.issues.get(id) }]
    if (method === 'DELETE') return this.issues.delete(id) ? [204] : [404]
    if (issue.subject === '' || issue.subject === 'spam')
      return [422, { errors: [`Subject "${issue.subject}" is not allowed`] }]
    if (id === 0) return [201, { issue: this.put(issue) }]
    this.put({ ...issue, id })
    return [204]
  }

  #listed(query: URLSearchParams): object {
    const [offset, limit] = [
      Number(query.get('offset') ?? 0),
      Math.min(Number(query.get('limit') ?? 25), PAGE_MAX),
    ]
    const [foreign, since = ''] = [query.get('foreign_id'), query.get('updated_since') ?? '']
    const all = [...this.issues.values()].filter(
      (one) => one.updated_on >= since && (foreign === null || one.foreign_id.includes(foreign)),
    )
    all.sort((a, b) =>
      query.get('sort') === 'updated_on' && a.updated_on !== b.updated_on
        ? a.updated_on < b.updated_on
          ? -1
          : 1
        : a.id - b.id,
    )
    return { issues: all.slice(offset, offset + limit), total_count: all.length, offset, limit }
  }
}
