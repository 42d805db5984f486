/**
 * What changed, in the order of (stamp, id), and then what was deleted for good (SPEC SF-10 to SF-12).
 *
 *   pass:  rows ── page ── page ── … ── the last page of rows, with deletions where they fit ── (deletions ── …) ── complete
 */
import type { Call, ChangesAnswer, ExternalRow, Failure } from '@skerry/bridge'
import type { Client, Part, Told } from './client.ts'
import type { TypeConfig } from './config.ts'
import { type Deletions, deletedPath, deletionsOf } from './deletions.ts'
import { DELETED_SPAN_MS_MIN, PAGE_ROWS_MAX } from './limits.ts'
import { type Position, readPosition, writePosition } from './position.ts'
import { type Reader, typeConfig } from './reader.ts'
import { recordStamp } from './rows.ts'
import { queryPath, selectSoql, textLiteral, timeLiteral } from './soql.ts'

interface Asked {
  type: string
  config: TypeConfig
  position: Position
  limit: number
  call: Call
}

export class Changes {
  readonly #client: Client
  readonly #reader: Reader
  /** What was told of last, by type: its further pages need no request. */
  readonly #deletions = new Map<string, { span: string; found: Deletions }>()

  constructor(client: Client, reader: Reader) {
    this.#client = client
    this.#reader = reader
  }

  async changes(type: string, text: string | undefined, limit: number, call: Call): Promise<ChangesAnswer> {
    const config = typeConfig(this.#client, type)
    if (config.kind !== 'type') return config
    const position = text === undefined ? await this.#beginning(call) : readPosition(text)
    if (position === undefined) return { kind: 'expired' }
    if (position.kind !== 'changes') return position
    const asked = { type, config, position, limit: Math.min(limit, PAGE_ROWS_MAX), call }
    return position.deletions ? this.#deletedOnly(asked, position.deletions) : this.#rows(asked)
  }

  /** Without a position everything is told, and no deletion: what is deleted nobody here has. */
  async #beginning(call: Call): Promise<Position | Failure> {
    // The answer to the login says what time it is there.
    const session = await this.#client.session(call)
    if (session.kind !== 'session') return session
    return { kind: 'changes', since: 0 }
  }

  async #rows({ type, config, position: given, limit, call }: Asked): Promise<ChangesAnswer> {
    const askedAt = this.#client.clock.now()
    const position = { ...given, startedAt: given.startedAt ?? askedAt }
    const query: Part = { id: 'rows', method: 'GET', path: queryPath(soqlOf(type, config, position, limit)) }
    const span = this.#span(position)
    const answers = await this.#ask(span ? [query, deletedPart(type, span)] : [query], call)
    if (!Array.isArray(answers)) return answers
    const [told, deleted] = answers
    const rows = this.#reader.queried(type, config, told!, askedAt)
    if (!Array.isArray(rows)) return rows
    const deletions = span && deletionsOf(type, span.from, deleted!)
    if (deletions && deletions.kind !== 'deletions') return deletions
    if (rows.length >= limit) return pageOf(rows, { ...position, at: cursorOf(told!) })
    if (!span || !deletions) return this.#complete(rows, position, position.deletedFrom)
    this.#deletions.set(type, { span: spanKey(span), found: deletions })
    const fresh = without(deletions.rows, rows)
    if (rows.length + fresh.length <= limit)
      return this.#complete([...rows, ...fresh], position, deletions.coveredTo)
    return pageOf(rows, { ...position, deletions: { to: span.to, told: 0 } })
  }

  async #deletedOnly(
    { type, position, limit, call }: Asked,
    { to, told }: NonNullable<Position['deletions']>,
  ): Promise<ChangesAnswer> {
    const span = { from: position.deletedFrom ?? 0, to }
    const found = await this.#deletedIn(type, span, call)
    if (found.kind !== 'deletions') return found
    const rows = found.rows.slice(told, told + limit)
    const end = told + rows.length
    if (end >= found.rows.length) return this.#complete(rows, position, found.coveredTo)
    return pageOf(rows, { ...position, deletions: { to, told: end } })
  }

  async #deletedIn(type: string, span: Span, call: Call): Promise<ReturnType<typeof deletionsOf>> {
    const kept = this.#deletions.get(type)
    if (kept?.span === spanKey(span)) return kept.found
    const answer = await this.#client.send({ method: 'GET', path: deletedPath(type, span) }, call)
    const found = answer.kind === 'told' ? deletionsOf(type, span.from, answer) : answer
    if (found.kind === 'deletions') this.#deletions.set(type, { span: spanKey(span), found })
    return found
  }

  /** One request, however many parts it has. */
  async #ask(parts: readonly Part[], call: Call): Promise<Told[] | Failure> {
    const [only] = parts
    if (parts.length > 1 || !only) return this.#client.composite(parts, call)
    const answer = await this.#client.send(only, call)
    return answer.kind === 'told' ? [answer] : answer
  }

  /** Undefined where there is nothing to ask: in the first pass, and before the minute is over. */
  #span({ deletedFrom }: Position): Span | undefined {
    const to = this.#client.clock.now()
    if (deletedFrom === undefined || wholeMinute(to) - wholeMinute(deletedFrom) < DELETED_SPAN_MS_MIN)
      return undefined
    return { from: deletedFrom, to }
  }

  /** The next pass reaches back behind the beginning of this one: what could not be seen then began within the overlap. */
  #complete(
    rows: ExternalRow[],
    { since, startedAt = since }: Position,
    deletedFrom: number | undefined,
  ): ChangesAnswer {
    const next = writePosition({
      since: Math.max(since, wholeSecond(startedAt - this.#client.config.overlapMs)),
      deletedFrom: deletedFrom ?? wholeMinute(startedAt),
    })
    return { kind: 'page', rows, next, complete: true }
  }
}

interface Span {
  from: number
  to: number
}

function soqlOf(type: string, config: TypeConfig, { since, at }: Position, limit: number): string {
  const from = at
    ? `(SystemModstamp > ${timeLiteral(at.stamp)} OR (SystemModstamp = ${timeLiteral(at.stamp)} AND Id > ${textLiteral(at.id)}))`
    : `SystemModstamp >= ${timeLiteral(since)}`
  return selectSoql(type, config, [from], `ORDER BY SystemModstamp, Id LIMIT ${limit}`)
}

function deletedPart(type: string, span: Span): Part {
  return { id: 'deleted', method: 'GET', path: deletedPath(type, span) }
}

function pageOf(rows: ExternalRow[], position: Position): ChangesAnswer {
  const { kind: _, ...next } = position
  return { kind: 'page', rows, next: writePosition(next), complete: false }
}

/** The last row of a page, also if it is a deleted one, whose version has no stamp. */
function cursorOf({ body }: Told): Position['at'] {
  const last = (body as { records: { Id: string }[] }).records.at(-1)
  return last && { stamp: recordStamp(last) ?? 0, id: last.Id }
}

function without(deleted: readonly ExternalRow[], told: readonly ExternalRow[]): ExternalRow[] {
  const known = new Set(told.filter((row) => row.deleted).map(({ id }) => id))
  return deleted.filter(({ id }) => !known.has(id))
}

function spanKey({ from, to }: Span): string {
  return `${from} ${to}`
}

function wholeSecond(ms: number): number {
  return Math.max(0, Math.floor(ms / 1_000) * 1_000)
}

function wholeMinute(ms: number): number {
  return Math.floor(ms / 60_000) * 60_000
}
