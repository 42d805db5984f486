/** One row: by its id, by its external id where there is an address for that, and by a search where there is none. */
import type { Call, ExternalRow, Failure, ReadAnswer } from '@skerry/bridge'
import { problemOf } from '@skerry/bridge/http'
import { type Answered, type Client, pathOf } from './client.ts'
import { SEARCH_PAGES_MAX } from './limits.ts'
import { nextOf, pagePath } from './paging.ts'
import { rowIn, rowOf, rowsIn } from './rows.ts'

export type RowKey = { id: string } | { externalId: string }

export class Reader {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  read(type: string, key: RowKey, call: Call): Promise<ReadAnswer> {
    const { write, paths } = this.#client.config
    if ('id' in key) return this.#readAt(type, pathOf(paths.byId, { type, id: key.id }), call)
    const { externalId } = key
    if (write.create.kind === 'put')
      return this.#readAt(type, pathOf(paths.byExternalId, { type, externalId }), call)
    return this.#search(type, pathOf(write.create.search, { type, externalId }), externalId, call)
  }

  /** The row that a conflict or a farewell holds. */
  rowInProblem(type: string, json: unknown): ExternalRow | undefined {
    const { row } = problemOf(json)
    return row ? rowOf(this.#client.config, type, row) : rowIn(this.#client.config, type, json)
  }

  async #readAt(type: string, path: string, call: Call): Promise<ReadAnswer> {
    const answer = await this.#client.send({ method: 'GET', path }, call)
    if (answer.kind !== 'answer') return this.#client.failureOf(answer, 'read')
    const meaning = this.#client.meaningOf(answer, 'read')
    if (meaning === 'absent') return { kind: 'absent' }
    if (meaning !== 'done' && meaning !== 'gone') return this.#client.failureOf(answer, 'read')
    const row =
      meaning === 'gone'
        ? this.rowInProblem(type, answer.json)
        : rowIn(this.#client.config, type, answer.json)
    if (row) return { kind: 'row', row }
    return meaning === 'gone' ? { kind: 'absent' } : this.#noRow(path, answer)
  }

  /** A search may find what only resembles it, page after page. */
  async #search(type: string, path: string, externalId: string, call: Call): Promise<ReadAnswer> {
    const { config } = this.#client
    let cursor: string | undefined
    for (let pages = 0; pages < SEARCH_PAGES_MAX; pages++) {
      const at = pagePath(config, path, new URLSearchParams(), cursor)
      const answer = await this.#client.send({ method: 'GET', path: at }, call)
      if (answer.kind !== 'answer') return this.#client.failureOf(answer, 'read')
      const meaning = this.#client.meaningOf(answer, 'read')
      if (meaning === 'absent') return { kind: 'absent' }
      if (meaning !== 'done') return this.#client.failureOf(answer, 'read')
      const listed = rowsIn(config, type, answer.json)
      if (!listed) return this.#noRow(at, answer)
      const found = listed.filter((row) => row.externalId === externalId)
      if (found.length > 0) return theOne(type, externalId, found)
      const limit = config.list.pageRowsMax ?? Number.POSITIVE_INFINITY
      const next = nextOf({ config, told: answer, path: at, cursor, limit, rows: listed.length })
      if (next.kind === 'end') return { kind: 'absent' }
      if (next.kind === 'lost') return { kind: 'rejected', reason: `the search in ${type}: ${next.reason}` }
      cursor = next.cursor
    }
    const reason = `the search for ${externalId} in ${type} finds more than ${SEARCH_PAGES_MAX} pages of others; want one that is exact`
    return { kind: 'rejected', reason }
  }

  #noRow(path: string, answer: Extract<Answered, { kind: 'answer' }>): Failure {
    return { kind: 'unknown', reason: `GET ${path} was answered ${answer.status} without a row in it` }
  }
}

/** The row that lives, or a tombstone if none does. */
function theOne(type: string, externalId: string, found: readonly ExternalRow[]): ReadAnswer {
  const living = found.filter(({ deleted }) => !deleted)
  const [row] = living.length > 0 ? living : found
  if (row && living.length <= 1) return { kind: 'row', row }
  const ids = living.map(({ id }) => id).join(', ')
  return {
    kind: 'rejected',
    reason: `${living.length} rows of ${type} have the external id ${externalId}: ${ids}; merge them there`,
  }
}
