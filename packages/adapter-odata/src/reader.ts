/** Reads rows: one by its key or external id, several as one batch (SPEC OD-05, OD-06). */
import type { Call, ExternalRow, Failure, ReadAnswer } from '@skerry/bridge'
import {
  allOf,
  alternatePath,
  hasAddress,
  knownId,
  queryOf,
  rowPath,
  selectOf,
  textLiteral,
} from './address.ts'
import type { Client, Request, Told } from './client.ts'
import type { Typed } from './config.ts'
import { KEY_LENGTH_MAX } from './limits.ts'
import { pageOf, rowOf } from './rows.ts'

/** A read: what is asked, and what its answer says, or that there is none. */
export interface Look<Answer> {
  request: Request
  answer(told: Told | Failure): Answer
}

export class Reader {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  async read(set: string, key: { id: string } | { externalId: string }, call: Call): Promise<ReadAnswer> {
    const type = this.#client.typed(set)
    if (type.kind !== 'type') return type
    const look = 'id' in key ? this.byId(type, key.id) : this.byExternalId(type, key.externalId)
    if (!look) return { kind: 'absent' }
    return look.answer(await this.#client.send(look.request, call))
  }

  /** Undefined where there can be no such row. */
  byId(type: Typed, id: string): Look<ReadAnswer> | undefined {
    const path = rowPath(type, id)
    if (path === undefined) return undefined
    const request: Request = { method: 'GET', path: path + queryOf({ select: selectOf(type) }) }
    return { request, answer: (told) => this.#one(type, told) }
  }

  /**
   * By its address where external ids have one, else by a search. What is found is compared to the letter: databases find what differs in case.
   * @param near what it means that only a row of nearly this external id is there
   */
  byExternalId(
    type: Typed,
    externalId: string,
    near: (row: ExternalRow) => ReadAnswer = () => ({ kind: 'absent' }),
  ): Look<ReadAnswer> | undefined {
    if (externalId === '' || externalId.length > KEY_LENGTH_MAX) return undefined
    const isAddressed = hasAddress(type, externalId)
    if (type.create !== 'known-id' && !isAddressed) {
      const filter = `${type.externalId} eq ${textLiteral(externalId)}`
      const path = `/${type.set}${queryOf({ select: selectOf(type), filter, top: 10 })}`
      return {
        request: { method: 'GET', path },
        answer: (told) => this.#only(type, externalId, told, near),
      }
    }
    const path = isAddressed ? alternatePath(type, externalId) : rowPath(type, knownId(type, externalId))!
    return {
      request: { method: 'GET', path: path + queryOf({ select: selectOf(type) }) },
      answer: (told) => {
        const answer = this.#one(type, told)
        return answer.kind === 'row' && answer.row.externalId !== externalId ? near(answer.row) : answer
      },
    }
  }

  /** The row in an answer that is one; a failure says that it cannot be read. */
  rowIn(type: Typed, told: Told): ExternalRow | Failure {
    const parsed = rowOf(this.#client.config, type, told.body, told.headers.get('etag'))
    if (parsed.kind === 'row') return parsed.row
    return this.#unreadable(type, told, parsed.why)
  }

  /** Rows of a page; nothing may be left out unseen. */
  rowsIn(type: Typed, told: Told, records: readonly unknown[]): ExternalRow[] | Failure {
    const rows: ExternalRow[] = []
    for (const record of records) {
      const parsed = rowOf(this.#client.config, type, record)
      if (parsed.kind !== 'row') return this.#unreadable(type, told, parsed.why)
      rows.push(parsed.row)
    }
    return rows
  }

  /** Whether the set is there: then a row that is not found is none, and no mistake of the address. */
  setOf(type: Typed): Request {
    return {
      method: 'GET',
      path: `/${type.set}${queryOf({ select: type.key, filter: allOf(type), top: 1 })}`,
    }
  }

  #one(type: Typed, told: Told | Failure): ReadAnswer {
    if (told.kind !== 'told') return told
    if (told.meaning === 'absent') return { kind: 'absent' }
    if (told.meaning !== 'done') return this.#client.failure(told)
    const row = this.rowIn(type, told)
    return 'deleted' in row ? { kind: 'row', row } : row
  }

  #only(
    type: Typed,
    externalId: string,
    told: Told | Failure,
    near: (row: ExternalRow) => ReadAnswer,
  ): ReadAnswer {
    if (told.kind !== 'told') return told
    if (told.meaning !== 'done') return this.#client.failure(told)
    const page = pageOf(told.body)
    const rows = page ? this.rowsIn(type, told, page.records) : this.#unreadable(type, told, 'it is no page')
    if (!Array.isArray(rows)) return rows
    const found = rows.filter((row) => row.externalId === externalId)
    const [row] = found
    if (!row) return rows[0] ? near(rows[0]) : { kind: 'absent' }
    if (found.length === 1) return { kind: 'row', row }
    const ids = found.map(({ id }) => id).join(', ')
    return {
      kind: 'rejected',
      reason: `several rows of ${type.set} have the external id ${externalId}: ${ids}; a person must merge them`,
    }
  }

  #unreadable({ set }: Typed, { about }: Told, why: string): Failure {
    return this.#client.hidden({
      kind: 'unknown',
      reason: `${about}: the answer holds something that is no row of ${set}: ${why}`,
    })
  }
}
