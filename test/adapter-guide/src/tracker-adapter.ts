/** The adapter for the tracker, written from docs/writing-an-adapter.md alone: a system that can do little, and an adapter that claims no more. */
import { createHash } from 'node:crypto'
import type * as port from '@skerry/bridge'
import { type Exchange, exchange, guardedAgent, type HttpAnswer, retryAfterMs } from '@skerry/bridge/http'
import * as z from 'zod'

/** A transaction there may take so long, and its rows then show up with an older time. */
const OVERLAP_MS = 10_000

const issueSchema = z.object({
  id: z.number(),
  subject: z.string(),
  description: z.string(),
  foreign_id: z.string(),
  updated_on: z.string(),
})
const pageSchema = z.object({ issues: z.array(issueSchema), total_count: z.number() })
const oneSchema = z.object({ issue: issueSchema })
const errorsSchema = z.object({ errors: z.array(z.string()) })

type Issue = z.output<typeof issueSchema>

function rowOf(issue: Issue): port.ExternalRow {
  const { id, subject, description, foreign_id, updated_on } = issue
  // The time is of whole seconds: two changes within one would have the same version.
  const version = createHash('sha256')
    .update(JSON.stringify([subject, description, foreign_id, updated_on]))
    .digest('hex')
  return {
    type: 'issues',
    id: String(id),
    externalId: foreign_id || undefined,
    version: version.slice(0, 20),
    modifiedAt: Date.parse(updated_on),
    deleted: false,
    value: { subject, description: description || null },
  }
}

function goneRow(id: string, externalId: string): port.ExternalRow {
  return { type: 'issues', id, externalId, version: 'gone', deleted: true, value: {} }
}

function failureOf(answer: HttpAnswer): port.Failure {
  if (answer.kind === 'unsent') return { kind: 'later', reason: answer.reason }
  if (answer.kind === 'unanswered') return { kind: 'unknown', reason: answer.reason }
  if (answer.kind === 'too-large') return { kind: 'rejected', reason: answer.reason }
  const { status, headers, json, body } = answer
  const reason = `${status}: ${errorsSchema.safeParse(json).data?.errors.join(', ') ?? body.slice(0, 200)}`
  if (status === 401) return { kind: 'unauthorized', reason }
  if (status === 429) return { kind: 'later', retryAfterMs: retryAfterMs(headers, Date.now()), reason }
  return status >= 400 && status < 500 ? { kind: 'rejected', reason } : { kind: 'unknown', reason }
}

/** The same of a write, which may have been carried out whatever the answer says. */
function writeFailureOf(answer: HttpAnswer): port.Failure {
  return answer.kind === 'too-large' ? { kind: 'unknown', reason: answer.reason } : failureOf(answer)
}

const isNotFound = (answer: HttpAnswer) => answer.kind === 'answer' && answer.status === 404

function bodyIn<Body>(answer: HttpAnswer, schema: z.ZodType<Body>, status = 200): Body | undefined {
  return answer.kind === 'answer' && answer.status === status ? schema.safeParse(answer.json).data : undefined
}

/** A walk through a list in the order of ids: rows passed, the id of the last one, and for changes from when on, and the newest time seen. */
const walkSchema = z.strictObject({
  passed: z.number(),
  last: z.number(),
  since: z.number(),
  newest: z.number(),
})
type Walk = z.output<typeof walkSchema>

const start: Walk = { passed: 0, last: 0, since: 0, newest: 0 }

function walkIn(position: string | undefined): Walk | undefined {
  if (position === undefined) return start
  try {
    return walkSchema.safeParse(JSON.parse(position)).data
  } catch {
    return undefined
  }
}

export class TrackerAdapter implements port.Adapter {
  readonly name = 'tracker'
  readonly capabilities = {
    compareAndSet: false,
    replayMs: 0,
    freshListing: true,
    deletions: 'unseen',
  } as const
  readonly #send: (call: port.Call, what: Exchange) => Promise<HttpAnswer>

  constructor({ baseUrl, key }: { baseUrl: string; key: string }) {
    const settings = {
      baseUrl,
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      timeoutMs: 20_000,
      responseBytesMax: 16 * 1024 * 1024,
      agent: guardedAgent({ allowPrivate: false }),
      now: Date.now,
    }
    this.#send = (call, what) => exchange(settings, call, what)
  }

  async check(call: port.Call): Promise<{ kind: 'ok' } | port.Failure> {
    const answer = await this.#send(call, { method: 'GET', path: '/issues.json?limit=1' })
    return bodyIn(answer, pageSchema) ? { kind: 'ok' } : failureOf(answer)
  }

  async read(
    _: string,
    key: { id: string } | { externalId: string },
    call: port.Call,
  ): Promise<port.ReadAnswer> {
    if ('externalId' in key) return this.#find(key.externalId, call)
    const answer = await this.#send(call, {
      method: 'GET',
      path: `/issues/${encodeURIComponent(key.id)}.json`,
    })
    if (isNotFound(answer)) return { kind: 'absent' }
    const one = bodyIn(answer, oneSchema)
    return one ? { kind: 'row', row: rowOf(one.issue) } : failureOf(answer)
  }

  async changes(
    _: string,
    position: string | undefined,
    limit: number,
    call: port.Call,
  ): Promise<port.ChangesAnswer> {
    const walk = walkIn(position)
    if (!walk) return { kind: 'expired' }
    const page = await this.#page(walk, limit, call)
    if (page.kind !== 'walked') return page
    const { rows, next, complete } = page
    const newest = Math.max(walk.newest, ...rows.map(({ modifiedAt = 0 }) => modifiedAt))
    const after = complete ? { ...start, since: Math.max(walk.since, newest - OVERLAP_MS) } : next
    return { kind: 'page', rows, next: JSON.stringify({ ...after, newest }), complete }
  }

  async list(
    _: string,
    position: string | undefined,
    limit: number,
    call: port.Call,
  ): Promise<port.ListAnswer> {
    const walk = walkIn(position)
    if (!walk) return { kind: 'expired' }
    const page = await this.#page(walk, limit, call)
    if (page.kind !== 'walked') return page
    const rows = page.rows.map((row) => ({
      id: row.id,
      externalId: row.externalId,
      version: row.version,
      deleted: false,
      row,
    }))
    return { kind: 'page', rows, next: JSON.stringify(page.next), complete: page.complete, proves: true }
  }

  async upsert(type: string, request: port.UpsertRequest, call: port.Call): Promise<port.WriteAnswer> {
    const { id, externalId, fields, restore } = request
    // What was deleted is gone for good: it lives again as another issue under the same foreign id.
    if (id === undefined || restore) return this.#create(request, call)
    const answer = await this.#send(call, {
      method: 'PUT',
      path: `/issues/${encodeURIComponent(id)}.json`,
      body: bodyOf(fields),
    })
    if (isNotFound(answer)) return { kind: 'conflict', row: goneRow(id, externalId) }
    if (answer.kind !== 'answer' || answer.status !== 204) return writeFailureOf(answer)
    const now = await this.read(type, { id }, call)
    return now.kind === 'row'
      ? { kind: 'done', row: now.row }
      : { kind: 'unknown', reason: 'written, and then not to be read' }
  }

  async delete(
    _: string,
    { id, externalId }: port.DeleteRequest,
    call: port.Call,
  ): Promise<port.WriteAnswer> {
    const answer = await this.#send(call, {
      method: 'DELETE',
      path: `/issues/${encodeURIComponent(id)}.json`,
    })
    const isGone = isNotFound(answer) || (answer.kind === 'answer' && answer.status === 204)
    return isGone ? { kind: 'done', row: goneRow(id, externalId) } : writeFailureOf(answer)
  }

  async #create({ externalId, fields }: port.UpsertRequest, call: port.Call): Promise<port.WriteAnswer> {
    const found = await this.#find(externalId, call)
    if (found.kind === 'row') return { kind: 'conflict', row: found.row }
    // Nothing was written yet: what is not known is only whether it is there.
    if (found.kind === 'unknown') return { ...found, kind: 'later' }
    if (found.kind !== 'absent') return found
    const answer = await this.#send(call, {
      method: 'POST',
      path: '/issues.json',
      body: bodyOf({ ...fields, foreign_id: externalId }),
    })
    const one = bodyIn(answer, oneSchema, 201)
    return one ? { kind: 'done', row: rowOf(one.issue) } : writeFailureOf(answer)
  }

  async #find(externalId: string, call: port.Call): Promise<port.ReadAnswer> {
    const path = `/issues.json?limit=100&foreign_id=${encodeURIComponent(externalId)}`
    const answer = await this.#send(call, { method: 'GET', path })
    const page = bodyIn(answer, pageSchema)
    if (!page) return failureOf(answer)
    // The tracker finds what contains it.
    const found = page.issues.filter((issue) => issue.foreign_id === externalId)
    if (found.length > 1)
      return {
        kind: 'rejected',
        reason: `issues ${found.map(({ id }) => id).join(', ')} have one foreign id`,
      }
    return found[0] ? { kind: 'row', row: rowOf(found[0]) } : { kind: 'absent' }
  }

  /** The next page in the order of ids. It begins with the row that ended the last one: where that is not there, rows were deleted and others slipped past, and the walk begins anew. */
  async #page(
    walk: Walk,
    limit: number,
    call: port.Call,
  ): Promise<{ kind: 'walked'; rows: port.ExternalRow[]; next: Walk; complete: boolean } | port.Failure> {
    const offset = Math.max(0, walk.passed - 1)
    const since = walk.since > 0 ? `&updated_since=${new Date(walk.since).toISOString().slice(0, 19)}Z` : ''
    const path = `/issues.json?sort=id&offset=${offset}&limit=${limit + 1}${since}`
    const answer = await this.#send(call, { method: 'GET', path })
    const page = bodyIn(answer, pageSchema)
    if (!page) return failureOf(answer)
    const [first] = page.issues
    const hasSlipped = walk.passed > 0 && (first === undefined || first.id > walk.last)
    if (hasSlipped)
      return { kind: 'walked', rows: [], next: { ...walk, passed: 0, last: 0 }, complete: false }
    const issues = page.issues.filter(({ id }) => id > walk.last).slice(0, limit)
    const passed = offset + page.issues.findIndex(({ id }) => id === (issues.at(-1)?.id ?? walk.last)) + 1
    const next = { ...walk, passed, last: issues.at(-1)?.id ?? walk.last }
    return { kind: 'walked', rows: issues.map(rowOf), next, complete: passed >= page.total_count }
  }
}

/** The tracker knows no null. */
function bodyOf(fields: object): string {
  return JSON.stringify({
    issue: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value ?? ''])),
  })
}
