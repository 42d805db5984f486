/** One row: by its id, by its external id where there is an address for that, and by a search where there is none. */
import type { Call, ExternalRow, Failure, ReadAnswer } from '@skerry/bridge'
import { type Answered, type Client, pathOf } from './client.ts'
import { problemOf } from './problem.ts'
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

  async #search(type: string, path: string, externalId: string, call: Call): Promise<ReadAnswer> {
    const answer = await this.#client.send({ method: 'GET', path }, call)
    if (answer.kind !== 'answer') return this.#client.failureOf(answer, 'read')
    const meaning = this.#client.meaningOf(answer, 'read')
    if (meaning === 'absent') return { kind: 'absent' }
    if (meaning !== 'done') return this.#client.failureOf(answer, 'read')
    const listed = rowsIn(this.#client.config, type, answer.json)
    if (!listed) return this.#noRow(path, answer)
    // A search may find what only resembles it.
    const found = listed.filter((row) => row.externalId === externalId)
    const [row] = found.length > 1 ? found.filter(({ deleted }) => !deleted) : found
    if (found.filter(({ deleted }) => !deleted).length <= 1)
      return row ? { kind: 'row', row } : { kind: 'absent' }
    const ids = found.map(({ id }) => id).join(', ')
    return {
      kind: 'rejected',
      reason: `${found.length} rows of ${type} have the external id ${externalId}: ${ids}; merge them there`,
    }
  }

  #noRow(path: string, answer: Extract<Answered, { kind: 'answer' }>): Failure {
    return { kind: 'unknown', reason: `GET ${path} was answered ${answer.status} without a row in it` }
  }
}
