/** The adapter for a shelf. */
import type * as port from '@skerry/bridge'
import {
  type Exchange,
  exchange,
  guardedAgent,
  type HttpAnswer,
  retryAfterMs,
  stepsOut,
} from '@skerry/bridge/http'
import * as z from 'zod'

const boxSchema = z.object({
  id: z.string(),
  label: z.string().nullable(),
  rev: z.number(),
  change: z.number(),
  removed: z.boolean(),
  data: z.record(z.string(), z.json()),
})

type Box = z.output<typeof boxSchema>

function rowOf({ id, label, rev, removed, data }: Box): port.ExternalRow {
  const externalId = label ?? undefined
  return { type: 'boxes', id, externalId, version: String(rev), deleted: removed, value: data }
}

const errorSchema = z.object({ error: z.string(), field: z.string().optional() })

/** What an answer is that is none of those that a method hopes for. */
function failureOf(answer: HttpAnswer): port.Failure {
  if (answer.kind === 'unsent') return { kind: 'later', reason: answer.reason }
  if (answer.kind === 'unanswered') return { kind: 'unknown', reason: answer.reason }
  if (answer.kind === 'too-large') return { kind: 'rejected', reason: answer.reason }
  const { status, headers, json, body } = answer
  const { error = body.slice(0, 200), field } = errorSchema.safeParse(json).data ?? {}
  const reason = `${status}: ${error}`
  if (status === 401) return { kind: 'unauthorized', reason }
  if (status === 429) return { kind: 'later', retryAfterMs: retryAfterMs(headers, Date.now()), reason }
  if (status >= 400 && status < 500) return { kind: 'rejected', reason, fields: field ? [field] : [] }
  return { kind: 'unknown', reason }
}

/** The box in an answer of this status; undefined for any other answer, and for one that is no box. */
function boxIn(answer: HttpAnswer, ...statuses: number[]): Box | undefined {
  if (answer.kind !== 'answer' || !statuses.includes(answer.status)) return undefined
  return boxSchema.safeParse(answer.json).data
}

const pageSchema = z.object({ boxes: z.array(boxSchema), more: z.boolean() })

function conditionOf(expectedVersion: string | null | undefined): Record<string, string> {
  if (expectedVersion === undefined) return {}
  return expectedVersion === null ? { 'if-none-match': '*' } : { 'if-match': expectedVersion }
}

function writtenAs(answer: HttpAnswer): port.WriteAnswer {
  const done = boxIn(answer, 200)
  if (done) return { kind: 'done', row: rowOf(done) }
  // It may have been carried out, whatever the answer says.
  if (answer.kind === 'too-large') return { kind: 'unknown', reason: answer.reason }
  const other = boxIn(answer, 410, 412)
  return other ? { kind: 'conflict', row: rowOf(other) } : failureOf(answer)
}

/** Where an id leads that is `..`: it would step out of its place. */
const noBox: HttpAnswer = {
  kind: 'answer',
  status: 404,
  headers: new Headers(),
  body: 'no such box',
  json: undefined,
}

export class ShelfAdapter implements port.Adapter {
  readonly name = 'shelf'
  readonly capabilities = { compareAndSet: true, replayMs: 0, freshListing: true } as const
  readonly #send: (call: port.Call, what: Exchange) => Promise<HttpAnswer>

  constructor({ baseUrl, key }: { baseUrl: string; key: string }) {
    const settings = {
      baseUrl,
      headers: { 'x-shelf-key': key },
      timeoutMs: 20_000,
      responseBytesMax: 16 * 1024 * 1024,
      agent: guardedAgent({ allowPrivate: false }),
      now: Date.now,
    }
    this.#send = async (call, what) => (stepsOut(what.path) ? noBox : exchange(settings, call, what))
  }

  async check(call: port.Call): Promise<{ kind: 'ok' } | port.Failure> {
    const answer = await this.#send(call, { method: 'GET', path: '/boxes?after=0&limit=1' })
    return answer.kind === 'answer' && answer.status === 200 ? { kind: 'ok' } : failureOf(answer)
  }

  async read(
    _: string,
    key: { id: string } | { externalId: string },
    call: port.Call,
  ): Promise<port.ReadAnswer> {
    const path =
      'id' in key
        ? `/boxes/${encodeURIComponent(key.id)}`
        : `/boxes?label=${encodeURIComponent(key.externalId)}`
    const answer = await this.#send(call, { method: 'GET', path })
    if (answer.kind === 'answer' && answer.status === 404) return { kind: 'absent' }
    const box = boxIn(answer, 200)
    return box ? { kind: 'row', row: rowOf(box) } : failureOf(answer)
  }

  async changes(
    _: string,
    position: string | undefined,
    limit: number,
    call: port.Call,
  ): Promise<port.ChangesAnswer> {
    const after = position ?? '0'
    if (!/^\d+$/.test(after)) return { kind: 'expired' }
    const answer = await this.#send(call, { method: 'GET', path: `/boxes?after=${after}&limit=${limit}` })
    const page =
      answer.kind === 'answer' && answer.status === 200 ? pageSchema.safeParse(answer.json).data : undefined
    if (!page) return failureOf(answer)
    const next = String(page.boxes.at(-1)?.change ?? after)
    return { kind: 'page', rows: page.boxes.map(rowOf), next, complete: !page.more }
  }

  async upsert(_: string, request: port.UpsertRequest, call: port.Call): Promise<port.WriteAnswer> {
    const { id, externalId, fields, expectedVersion, restore } = request
    const place = id === undefined ? `labelled/${encodeURIComponent(externalId)}` : encodeURIComponent(id)
    const answer = await this.#send(call, {
      method: id === undefined ? 'PUT' : 'PATCH',
      path: `/boxes/${place}${restore ? '?again' : ''}`,
      headers: { 'content-type': 'application/json', ...conditionOf(expectedVersion) },
      body: JSON.stringify(fields),
    })
    return writtenAs(answer)
  }

  async delete(type: string, request: port.DeleteRequest, call: port.Call): Promise<port.WriteAnswer> {
    const { id, externalId, expectedVersion } = request
    const path = `/boxes/${encodeURIComponent(id)}`
    const answer = await this.#send(call, { method: 'DELETE', path, headers: conditionOf(expectedVersion) })
    const gone = { type, id, externalId, version: 'gone', deleted: true, value: {} }
    if (answer.kind === 'answer' && answer.status === 404) return { kind: 'done', row: gone }
    const written = writtenAs(answer)
    // Whoever deleted it: it is gone, which is what was asked for.
    return written.kind === 'conflict' && written.row.deleted ? { ...written, kind: 'done' } : written
  }
}
