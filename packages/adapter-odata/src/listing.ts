/** Every row there is, by its key: ids and versions (SPEC OD-16). */
import type { Call, ListAnswer } from '@skerry/bridge'
import { allOf, keyLiteral, queryOf, selectOf } from './address.ts'
import type { Client } from './client.ts'
import { PAGE_ROWS_MAX } from './limits.ts'
import { readPosition, writePosition } from './position.ts'
import type { Reader } from './reader.ts'
import { pageOf } from './rows.ts'

export class Listing {
  readonly #client: Client
  readonly #reader: Reader

  constructor(client: Client, reader: Reader) {
    this.#client = client
    this.#reader = reader
  }

  async list(set: string, text: string | undefined, limit: number, call: Call): Promise<ListAnswer> {
    const type = this.#client.typed(set)
    if (type.kind !== 'type') return type
    const position =
      text === undefined ? { kind: 'list' as const, after: undefined } : readPosition('list', text)
    const after = position?.after
    const literal = after === undefined ? undefined : keyLiteral(type, after)
    if (!position || (after !== undefined && literal === undefined)) return { kind: 'expired' }
    const most = Math.min(limit, PAGE_ROWS_MAX)
    const { key, externalId } = type
    // A digest is made of all that is bridged; an entity tag comes with any selection.
    const isWhole = this.#client.config.versions === 'digest'
    const select = isWhole ? selectOf(type) : [...new Set([key, externalId])].join(',')
    const filter = allOf(type, ...(literal === undefined ? [] : [`${key} gt ${literal}`]))
    const path = `/${set}${queryOf({ select, filter, orderby: key, top: most })}`
    const told = await this.#client.send({ method: 'GET', path }, call)
    if (told.kind !== 'told') return told
    if (told.meaning !== 'done') return this.#client.failure(told)
    const page = pageOf(told.body)
    if (!page) return { kind: 'unknown', reason: `${told.about}: the answer is no page` }
    const found = this.#reader.rowsIn(type, told, page.records)
    if (!Array.isArray(found)) return found
    const rows = found.slice(0, most)
    const complete = rows.length < most && page.nextLink === undefined
    if (!complete && rows.length === 0)
      return { kind: 'unknown', reason: `${told.about}: an empty page that leads on` }
    return {
      kind: 'page',
      rows: rows.map((row) => {
        const { id, version, deleted } = row
        return { id, externalId: row.externalId, version, deleted, ...(isWhole && { row }) }
      }),
      next: writePosition({ kind: 'list', after: rows.at(-1)?.id ?? after }),
      complete,
      // A row that left the filter lives.
      proves: type.filter === undefined,
    }
  }
}
