/** The adapter for JSON REST APIs: requests out, answers classified. Retries, budgets and conflicts are the bridge's business. */
import type {
  Adapter,
  Call,
  ChangesAnswer,
  DeleteRequest,
  ExternalRow,
  Failure,
  ReadAnswer,
  UpsertRequest,
  WriteAnswer,
} from '@skerry/bridge'
import { failureOf, meaningOf } from './classify.ts'
import { type Answered, Client, isFailure, pathOf } from './client.ts'
import { checkConfig, type RestAdapterOptions, type RestConfig } from './config.ts'
import { advance, type Position, readPosition, start, writePosition } from './position.ts'
import { problemOf } from './problem.ts'
import { pageOf, parsedJson, rowOf } from './rows.ts'
import { receiveWebhooks } from './webhooks.ts'

/** @throws RestConfigError */
export function restAdapter(options: RestAdapterOptions): Adapter {
  return new RestAdapter(checkConfig(options))
}

class RestAdapter implements Adapter {
  readonly name: string
  readonly capabilities
  readonly #config: RestConfig
  readonly #client: Client
  /** Present when pushes are configured; a system without them is polled. */
  readonly listen?: NonNullable<Adapter['listen']>

  constructor(config: RestConfig) {
    this.#config = config
    this.name = config.name
    const { compareAndSet, replayMs } = config
    this.capabilities = { compareAndSet, replayMs, freshListing: true }
    this.#client = new Client(config)
    const { webhook } = config
    if (webhook)
      this.listen = (onHint, call) => receiveWebhooks({ client: this.#client, webhook, onHint, call })
  }

  async check(call: Call): Promise<{ kind: 'ok' } | Failure> {
    const answer = await this.#client.send({ method: 'GET', path: this.#config.paths.check }, call)
    if (answer.kind === 'answer' && meaningOf(answer.status) === 'done') return { kind: 'ok' }
    return this.#failure(answer)
  }

  async read(type: string, key: { id: string } | { externalId: string }, call: Call): Promise<ReadAnswer> {
    const { byId, byExternalId } = this.#config.paths
    const path =
      'id' in key
        ? pathOf(byId, { type, id: key.id })
        : pathOf(byExternalId, { type, externalId: key.externalId })
    const answer = await this.#client.send({ method: 'GET', path }, call)
    if (answer.kind !== 'answer') return this.#failure(answer)
    const meaning = meaningOf(answer.status)
    if (meaning === 'absent') return { kind: 'absent' }
    if (meaning !== 'done' && meaning !== 'gone') return this.#failure(answer)
    const row =
      meaning === 'gone'
        ? this.#rowInProblem(type, answer.body)
        : rowOf(this.#config, type, parsedJson(answer.body))
    if (row) return { kind: 'row', row }
    return meaning === 'gone'
      ? { kind: 'absent' }
      : { kind: 'unknown', reason: `GET ${path} was answered ${answer.status} without a row in it` }
  }

  async changes(type: string, text: string | undefined, limit: number, call: Call): Promise<ChangesAnswer> {
    const position = readPosition(text)
    if (!position) return { kind: 'expired' }
    const answer = await this.#client.send(
      { method: 'GET', path: this.#listPath(type, position, limit) },
      call,
    )
    if (answer.kind !== 'answer') return this.#failure(answer)
    if (meaningOf(answer.status) === 'done') return this.#page(type, position, answer.body)
    if (position.cursor !== undefined && (answer.status === 400 || answer.status === 410))
      return {
        kind: 'page',
        rows: [],
        next: writePosition({ since: position.since, newest: position.newest }),
        complete: false,
      }
    if (answer.status === 410 && position !== start) return { kind: 'expired' }
    return this.#failure(answer)
  }

  async upsert(type: string, request: UpsertRequest, call: Call): Promise<WriteAnswer> {
    const { id, externalId, fields, expectedVersion, idempotencyKey, restore } = request
    const { byId, byExternalId } = this.#config.paths
    const path = id === undefined ? pathOf(byExternalId, { type, externalId }) : pathOf(byId, { type, id })
    const named = this.#config.row.fields
    const what = {
      method: id === undefined ? 'PUT' : 'PATCH',
      path: restore ? `${path}?undelete=true` : path,
      headers: {
        'content-type': id === undefined ? 'application/json' : 'application/merge-patch+json',
        'idempotency-key': `"${idempotencyKey}"`,
        ...this.#condition(expectedVersion),
      },
      body: JSON.stringify(named === '' ? fields : { [named]: fields }),
    }
    const answer = await this.#client.send(what, call)
    return this.#written(type, request, answer, call)
  }

  async delete(type: string, request: DeleteRequest, call: Call): Promise<WriteAnswer> {
    const { id, externalId, expectedVersion, idempotencyKey } = request
    const path = pathOf(this.#config.paths.byId, { type, id })
    const headers = { 'idempotency-key': `"${idempotencyKey}"`, ...this.#condition(expectedVersion) }
    const answer = await this.#client.send({ method: 'DELETE', path, headers }, call)
    const gone: ExternalRow = { type, id, externalId, version: 'gone', deleted: true, value: {} }
    const meaning = answer.kind === 'answer' ? meaningOf(answer.status) : undefined
    if (meaning === 'absent') return { kind: 'done', row: gone }
    if (meaning === 'done' && answer.kind === 'answer' && answer.body.trim() === '')
      return { kind: 'done', row: gone }
    const written = await this.#written(type, request, answer, call)
    return written.kind === 'conflict' && written.row.deleted ? { kind: 'done', row: written.row } : written
  }

  #listPath(type: string, { since, cursor }: Position, limit: number): string {
    const { list, paths } = this.#config
    const query = new URLSearchParams({ ...list.always, [list.limit]: String(limit) })
    if (cursor !== undefined) query.set(list.cursor, cursor)
    else if (since > 0) query.set(list.since, String(since))
    return `${pathOf(paths.list, { type })}?${query}`
  }

  #page(type: string, position: Position, body: string): ChangesAnswer {
    const page = pageOf(this.#config, type, body)
    if (!page) return { kind: 'unknown', reason: `the listing of ${type} holds something that is no row` }
    const next = advance(position, page, this.#config.list.overlapMs)
    return { kind: 'page', rows: page.rows, next: writePosition(next), complete: page.next === undefined }
  }

  #condition(expectedVersion: string | null | undefined): Record<string, string> {
    if (expectedVersion === undefined || !this.#config.compareAndSet) return {}
    return expectedVersion === null
      ? { 'if-none-match': '*' }
      : { 'if-match': this.#config.etag(expectedVersion) }
  }

  async #written(
    type: string,
    key: { id?: string | undefined; externalId: string },
    answer: Answered,
    call: Call,
  ): Promise<WriteAnswer> {
    if (answer.kind !== 'answer') return this.#failure(answer)
    const meaning = meaningOf(answer.status)
    if (meaning === 'done') {
      const row = rowOf(this.#config, type, parsedJson(answer.body))
      return row ? { kind: 'done', row } : this.#reread(type, key, call, 'done')
    }
    if (meaning !== 'conflict' && meaning !== 'gone') return this.#failure(answer)
    const row = this.#rowInProblem(type, answer.body)
    return row ? { kind: 'conflict', row } : this.#reread(type, key, call, 'conflict')
  }

  /** The answer told what became of the call, but not what the row is now. */
  async #reread(
    type: string,
    { id, externalId }: { id?: string | undefined; externalId: string },
    call: Call,
    kind: 'done' | 'conflict',
  ): Promise<WriteAnswer> {
    const answer = await this.read(type, id === undefined ? { externalId } : { id }, call)
    if (answer.kind === 'row') return { kind, row: answer.row }
    const reason =
      answer.kind === 'absent' ? `${type} ${id ?? externalId} is not there any more` : answer.reason
    return {
      kind: kind === 'done' ? 'unknown' : 'later',
      reason: `after a write that was answered as ${kind}, reading the row failed: ${reason}`,
    }
  }

  #rowInProblem(type: string, body: string): ExternalRow | undefined {
    const { row } = problemOf(body)
    return row ? rowOf(this.#config, type, row) : undefined
  }

  #failure(answer: Answered): Failure {
    return isFailure(answer) ? answer : failureOf(answer, this.#config.now())
  }
}
