/** What changed since, page by page (`Adapter.changes`), and everything there is (`Adapter.list`). */
import type { Call, ChangesAnswer, ExternalRow, Failure, ListAnswer } from '@skerry/bridge'
import * as z from 'zod'
import { type Client, pathOf } from './client.ts'
import type { Meaning } from './config-answers.ts'
import { isNumbered, type Next, nextOf, pagePath } from './paging.ts'
import {
  advance,
  advanceByTime,
  advanceTwice,
  type Position,
  readPosition,
  start,
  writePosition,
} from './position.ts'
import { rowsIn } from './rows.ts'
import { isSame, seenSchema, withSeen } from './seen.ts'

/** Where a listing of everything stands: what leads to the next page; of numbered pages what this walk saw, and the one before it. */
const wholeSchema = z.strictObject({
  cursor: z.string().optional(),
  seen: seenSchema.optional(),
  before: seenSchema.optional(),
})
type Whole = z.output<typeof wholeSchema>

type Listed =
  | { kind: 'listed'; rows: ExternalRow[]; next: Exclude<Next, { kind: 'lost' }> }
  /** The system does not know the position. */
  | { kind: 'refused'; meaning: Meaning; failure: Failure }
  | Failure

interface Asked {
  type: string
  path: string
  /** What every page of this listing carries. */
  query: URLSearchParams
  cursor: string | undefined
  limit: number
}

export class Feed {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  async changes(type: string, text: string | undefined, limit: number, call: Call): Promise<ChangesAnswer> {
    const position = readPosition(text)
    if (!position) return { kind: 'expired' }
    const { list, paths } = this.#client.config
    const query = new URLSearchParams(list.always)
    if (position.since > 0) query.set(list.since, this.#since(position.since))
    const path = pathOf(paths.list, { type })
    const page = await this.#page({ type, path, query, limit, cursor: position.cursor }, call)
    if (page.kind === 'refused') return this.#refused(position, page)
    if (page.kind !== 'listed') return page
    const { position: next, complete } = this.#advancing(position, page, list.overlapMs)
    return { kind: 'page', rows: page.rows, next: writePosition(next), complete }
  }

  get #advancing(): typeof advance {
    const { config } = this.#client
    if (!isNumbered(config)) return advance
    if (config.list.order === 'modified') return advanceByTime
    return config.deletions === 'unseen' ? advanceTwice : advance
  }

  async whole(type: string, text: string | undefined, limit: number, call: Call): Promise<ListAnswer> {
    const position = readWhole(text)
    if (!position) return { kind: 'expired' }
    const { list, paths } = this.#client.config
    const path = pathOf(list.whole.path ?? paths.list, { type })
    const query = new URLSearchParams(list.whole.always ?? list.always)
    const page = await this.#page({ type, path, query, limit, cursor: position.cursor }, call)
    if (page.kind === 'refused') return text === undefined ? page.failure : { kind: 'expired' }
    if (page.kind !== 'listed') return page
    const rows = page.rows.map((row) => ({
      id: row.id,
      externalId: row.externalId,
      version: row.version,
      deleted: row.deleted,
      row,
    }))
    const step = this.#step(position, page)
    return { kind: 'page', rows, ...step, next: JSON.stringify(step.next) }
  }

  /** Numbered pages are walked twice, because a row that goes draws others past the reader; only walks that saw the same rows prove anything. */
  #step(
    { seen, before }: Whole,
    { rows, next }: { rows: readonly ExternalRow[]; next: Exclude<Next, { kind: 'lost' }> },
  ): { next: Whole; complete: boolean; proves: boolean } {
    const { proves } = this.#client.config.list.whole
    const cursor = next.kind === 'at' ? { cursor: next.cursor } : {}
    if (!isNumbered(this.#client.config) || !proves)
      return { next: cursor, complete: next.kind === 'end', proves }
    const all = withSeen(seen, rows)
    if (next.kind === 'at')
      return { next: { ...cursor, seen: all, ...(before && { before }) }, complete: false, proves }
    if (before) return { next: {}, complete: true, proves: isSame(before, all) }
    return { next: { before: all }, complete: false, proves }
  }

  async #page({ type, path, query, cursor, limit }: Asked, call: Call): Promise<Listed> {
    const { config } = this.#client
    const asked = Math.min(limit, config.list.pageRowsMax ?? limit)
    query.set(config.list.limit, String(asked))
    const at = pagePath(config, path, query, cursor)
    const answer = await this.#client.send({ method: 'GET', path: at }, call)
    if (answer.kind !== 'answer') return this.#client.failureOf(answer, 'read')
    const meaning = this.#client.meaningOf(answer, 'read')
    if (meaning !== 'done') {
      const failure = this.#client.failureOf(answer, 'read')
      const mayBePosition = cursor !== undefined && (answer.status === 400 || answer.status === 404)
      return meaning === 'expired' || meaning === 'gone' || mayBePosition
        ? { kind: 'refused', meaning, failure }
        : failure
    }
    const rows = rowsIn(config, type, answer.json)
    if (!rows)
      return {
        kind: 'unknown',
        reason: `the listing of ${type} is no page, or holds something that is no row`,
      }
    const next = nextOf({ config, told: answer, path: at, cursor, limit: asked, rows: rows.length })
    return next.kind === 'lost'
      ? { kind: 'rejected', reason: `the listing of ${type}: ${next.reason}` }
      : { kind: 'listed', rows, next }
  }

  /** What leads to the next page is good for a while only: the pass begins anew. A time that is too long ago is an end of all. */
  #refused(position: Position, { meaning, failure }: { meaning: Meaning; failure: Failure }): ChangesAnswer {
    if (position.cursor === undefined) return position === start ? failure : { kind: 'expired' }
    if (meaning === 'expired') return { kind: 'expired' }
    const { since, newest } = position
    return { kind: 'page', rows: [], next: writePosition({ since, newest }), complete: false }
  }

  #since(since: number): string {
    const { sinceFormat, sinceIsExclusive } = this.#client.config.list
    const unit = sinceFormat === 's' ? 1000 : 1
    const from = Math.max(0, since - (sinceIsExclusive ? unit : 0))
    if (sinceFormat === 'iso') return new Date(from).toISOString()
    return String(Math.floor(from / unit))
  }
}

function readWhole(text: string | undefined): Whole | undefined {
  if (text === undefined) return {}
  try {
    return wholeSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
