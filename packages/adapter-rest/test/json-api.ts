/**
 * A JSON API of no particular make, in memory: how it pages, compares, creates and deletes is a matter of options, so that a config can be tried against APIs that differ in just that. Its rows are
 *   { key, ref, meta: { rev, changed }, state: 'live' | 'archived', attributes: { name, note } }
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface JsonApiOptions {
  paging?: 'page' | 'offset' | 'next-link' | 'link-header' | 'cursor'
  /** What numbered pages say of their end. */
  end?: 'total' | 'more' | 'nothing'
  order?: 'modified' | 'key'
  /** Rows in a page at most, whatever is asked for. */
  pageRowsMax?: number
  /** Milliseconds to which times are cut. */
  resolutionMs?: number
  sinceIsExclusive?: boolean
  /** `etag`: If-Match, 412; `body`: meta.rev in the body, or as a parameter, 409; `none`: not looked at. */
  compares?: 'etag' | 'body' | 'none'
  /** Deleted rows are gone for good. */
  deletesForGood?: boolean
  /** Whole rows only: what is not sent is emptied. */
  replaces?: boolean
  /** Writes are answered without the row. */
  answersBare?: boolean
  /** Errors have status 200, and say so inside. */
  errorsInside?: boolean
  /** Who is let in: what the request must carry. */
  lets?: (request: IncomingMessage, url: URL) => boolean
}

export interface ApiRow {
  key: number
  ref: string | null
  meta: { rev: number; changed: string }
  state: 'live' | 'archived'
  attributes: Record<string, unknown>
}

/** More than an adapter reads, which is 16 MiB. */
const SWOLLEN_BYTES = 17 * 1024 * 1024

export type ApiFault = 'lose' | 'break' | 'quota' | 'html' | 'half' | 'swell' | 'hang'

interface Told {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

export class JsonApi {
  readonly options: JsonApiOptions
  readonly rows = new Map<number, ApiRow>()
  readonly fields = new Set(['name', 'note'])
  requests = 0
  lets: (request: IncomingMessage, url: URL) => boolean
  url = ''
  readonly #faults: { next: 'read' | 'write'; fault: ApiFault; arrived?: () => void }[] = []
  readonly #server = createServer((request, response) => void this.#serve(request, response))
  #keys = 0
  #heldAt: number | undefined
  #aheadMs = 0

  constructor(options: JsonApiOptions) {
    this.options = options
    this.lets = options.lets ?? (() => true)
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.url = `http://localhost:${(this.#server.address() as AddressInfo).port}`
    return this
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  strike(next: 'read' | 'write', fault: ApiFault, arrived?: () => void): void {
    this.#faults.push({ next, fault, ...(arrived && { arrived }) })
  }

  /** A row, new or changed, as somebody makes it there. */
  store(row: Partial<ApiRow>, fields: Record<string, unknown>, changed = this.now()): ApiRow {
    const attributes = { ...row.attributes, ...fields }
    const stored: ApiRow = {
      key: row.key ?? ++this.#keys,
      ref: row.ref ?? null,
      meta: { rev: (row.meta?.rev ?? 0) + 1, changed },
      state: row.state ?? 'live',
      attributes,
    }
    this.rows.set(stored.key, stored)
    return stored
  }

  nextKey(): number {
    return ++this.#keys
  }

  now(): string {
    const { resolutionMs = 1 } = this.options
    const now = this.#heldAt ?? Date.now() + this.#aheadMs
    return new Date(now - (now % resolutionMs)).toISOString()
  }

  /** What is done afterwards is later, also by a clock of whole seconds. */
  async atOneMoment(work: () => Promise<void>): Promise<void> {
    this.#heldAt = Date.now() + this.#aheadMs
    await work()
    this.#heldAt = undefined
    this.#aheadMs += 2 * (this.options.resolutionMs ?? 1)
  }

  remove(key: number): void {
    const row = this.rows.get(key)
    if (this.options.deletesForGood || !row) this.rows.delete(key)
    else this.store({ ...row, state: 'archived' }, {})
  }

  get #compares(): NonNullable<JsonApiOptions['compares']> {
    return this.options.compares ?? 'etag'
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1
    const url = new URL(request.url ?? '', this.url)
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString('utf8')
    if (!this.lets(request, url)) return this.#say(response, { status: 401, body: { error: 'who are you?' } })
    const next = request.method === 'GET' ? 'read' : 'write'
    const at = this.#faults.findIndex((one) => one.next === next)
    const [struck] = at < 0 ? [] : this.#faults.splice(at, 1)
    if (struck?.fault === 'quota')
      return this.#say(response, { status: 429, headers: { 'retry-after': '2' }, body: { error: 'slowly' } })
    if (struck?.fault === 'break') return this.#say(response, { status: 502, body: 'bad gateway' })
    if (struck?.fault === 'hang') return struck.arrived?.()
    const answered = this.#answer(request, url, text === '' ? {} : JSON.parse(text))
    const isBare = this.options.answersBare && next === 'write' && answered.status < 300
    const told = isBare ? { status: 204 } : answered
    if (struck?.fault === 'lose') return void response.destroy()
    if (struck?.fault === 'html') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Please sign in</body></html>')
      return
    }
    if (struck?.fault !== 'half' && struck?.fault !== 'swell') return this.#say(response, told)
    const body = JSON.stringify(told.body ?? {})
    if (struck.fault === 'swell') return void response.writeHead(200).end(body + ' '.repeat(SWOLLEN_BYTES))
    response
      .writeHead(told.status, { 'content-type': 'application/json' })
      .end(body.slice(0, body.length / 2))
  }

  #say(response: ServerResponse, { status, body, headers = {} }: Told): void {
    const isInside = this.options.errorsInside && status >= 400 && status !== 401
    const error = { code: `E${status}`, message: JSON.stringify(body) }
    const said = isInside ? { ...(body as object), error } : body
    response.writeHead(isInside ? 200 : status, { 'content-type': 'application/json', ...headers })
    response.end(said === undefined ? '' : JSON.stringify(said))
  }

  #answer(request: IncomingMessage, url: URL, body: Record<string, unknown>): Told {
    const [, key] = /^\/items\/(\d+)$/.exec(url.pathname) ?? []
    if (key !== undefined) return this.#one(request, url, Number(key), body)
    if (url.pathname === '/me') return { status: 200, body: { ok: true } }
    if (url.pathname !== '/items') return { status: 404, body: { error: 'no such address' } }
    if (request.method === 'POST') {
      const refused = this.#refusal(body)
      if (refused) return refused
      return { status: 201, body: { data: this.store({ ref: String(body.ref) }, attributesOf(body)) } }
    }
    const ref = url.searchParams.get('ref')
    if (ref !== null)
      return { status: 200, body: { items: [...this.rows.values()].filter((row) => row.ref === ref) } }
    return this.#list(url)
  }

  #one(request: IncomingMessage, url: URL, key: number, body: Record<string, unknown>): Told {
    const row = this.rows.get(key)
    if (!row) return { status: 404, body: { error: 'no such row' } }
    if (request.method === 'GET') return { status: 200, body: { data: row } }
    if (!this.#isFresh(request, url, row, body))
      return this.#compares === 'etag' ? { status: 412 } : { status: 409, body: { code: 'STALE', row } }
    if (request.method === 'DELETE') {
      this.remove(key)
      return { status: 204 }
    }
    const isBack = url.searchParams.get('back') === 'yes'
    if (row.state === 'archived' && !isBack) return { status: 410, body: { error: 'archived', row } }
    const refused = this.#refusal(body)
    if (refused) return refused
    const attributes = this.options.replaces ? {} : row.attributes
    return {
      status: 200,
      body: { data: this.store({ ...row, attributes, state: 'live' }, attributesOf(body)) },
    }
  }

  #isFresh(request: IncomingMessage, url: URL, { meta }: ApiRow, body: Record<string, unknown>): boolean {
    const compares = this.#compares
    const given =
      compares === 'etag' ? request.headers['if-match'] : (url.searchParams.get('rev') ?? metaOf(body)?.rev)
    if (compares === 'none' || given === undefined || given === null) return true
    return String(given) === (compares === 'etag' ? `"${meta.rev}"` : String(meta.rev))
  }

  #refusal(body: Record<string, unknown>): Told | undefined {
    const attributes = attributesOf(body)
    const unknown = Object.keys(attributes).filter((name) => !this.fields.has(name))
    if (unknown.length > 0)
      return {
        status: 422,
        body: { errors: Object.fromEntries(unknown.map((name) => [name, ['is unknown here']])) },
      }
    if (attributes.name !== 'poison') return undefined
    return { status: 422, body: { errors: { name: ['is refused by the house rules'] } } }
  }

  #list(url: URL): Told {
    const {
      order = 'modified',
      paging = 'cursor',
      pageRowsMax = 1_000,
      sinceIsExclusive = false,
      end,
    } = this.options
    const since = Date.parse(url.searchParams.get('since') ?? '') || 0
    const limit = Math.min(Number(url.searchParams.get('limit') ?? 100), pageRowsMax)
    const timeOf = (row: ApiRow) => Date.parse(row.meta.changed)
    const all = [...this.rows.values()]
      .filter((row) => timeOf(row) > since || (!sinceIsExclusive && timeOf(row) === since))
      .sort((a, b) => (order === 'modified' ? timeOf(a) - timeOf(b) : 0) || a.key - b.key)
    const at = url.searchParams.get('at')
    if (paging === 'page' || paging === 'offset') {
      const from = paging === 'page' ? (Number(at ?? 1) - 1) * limit : Number(at ?? 0)
      const items = all.slice(from, from + limit)
      const pages = Math.ceil(all.length / limit)
      const total = end === 'total' ? { total: paging === 'page' ? pages : all.length } : {}
      return {
        status: 200,
        body: { items, ...total, ...(end === 'more' && { more: from + limit < all.length }) },
      }
    }
    // The others lead on from a row, wherever that has moved to.
    const [time = 0, key = 0] = (at ?? '0,0').split(',').map(Number)
    const rest =
      order === 'modified'
        ? all.filter((row) => timeOf(row) > time || (timeOf(row) === time && row.key > key))
        : all.filter((row) => row.key > key)
    const items = rest.slice(0, limit)
    const last = items.at(-1)
    const cursor = last && rest.length > items.length ? `${timeOf(last)},${last.key}` : null
    url.searchParams.set('at', cursor ?? '')
    const link = cursor === null ? null : paging === 'next-link' ? `${url.pathname}${url.search}` : url.href
    if (paging === 'link-header')
      return {
        status: 200,
        body: { items },
        headers: link ? { link: `<${this.url}/items>; rel="first", <${link}>; rel="next"` } : {},
      }
    return { status: 200, body: { items, links: { next: paging === 'next-link' ? link : cursor } } }
  }
}

function attributesOf(body: Record<string, unknown>): Record<string, unknown> {
  return (body.attributes ?? {}) as Record<string, unknown>
}

function metaOf(body: Record<string, unknown>): { rev?: unknown } | undefined {
  return body.meta as { rev?: unknown } | undefined
}
