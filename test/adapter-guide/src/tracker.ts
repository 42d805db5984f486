/**
 * A second system, for somebody who knows only the guide: an issue tracker of the kind that many teams have. It has no versions and compares nothing, its times are whole seconds, it deletes for good and
 * tells nobody, answers a change with nothing at all, pages by offset, and keeps a foreign id in a field of its own that it does not hold unique.
 */
import type { IncomingMessage } from 'node:http'
import { HttpStand, json } from './http-stand.ts'

export interface Issue {
  id: number
  subject: string
  description: string
  foreign_id: string
  /** To the second. */
  updated_on: string
}

const PAGE_MAX = 100

export class Tracker extends HttpStand {
  readonly issues = new Map<number, Issue>()
  key = 'tracker-key'
  #ids = 0
  /** Milliseconds: the tracker's clock is ahead by so much, or stands. */
  #aheadMs = 0
  #heldAt: number | undefined

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

  protected answer(request: IncomingMessage, text: string) {
    const [status, body] = this.#found(request, text === '' ? {} : JSON.parse(text).issue)
    return json(status, body)
  }

  #found(
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
