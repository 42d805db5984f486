/** What changed, by the service's own delta links: everything once, and then what was changed and deleted since (SPEC OD-13 to OD-15). */
import type { Call, ChangesAnswer, ExternalRow, Failure } from '@skerry/bridge'
import { pathBelow } from '@skerry/bridge/http'
import { queryOf, selectOf } from './address.ts'
import type { Client, Told } from './client.ts'
import type { Typed } from './config.ts'
import { PAGE_ROWS_MAX } from './limits.ts'
import { type Position, readPosition, writePosition } from './position.ts'
import type { Reader } from './reader.ts'
import { deletedIdIn, deletedRow, type Page, pageOf } from './rows.ts'

export class Delta {
  readonly #client: Client
  readonly #reader: Reader

  constructor(client: Client, reader: Reader) {
    this.#client = client
    this.#reader = reader
  }

  async changes(type: Typed, text: string | undefined, limit: number, call: Call): Promise<ChangesAnswer> {
    const beginning: Position<'delta'> = {
      kind: 'delta',
      link: `/${type.set}${queryOf({ select: selectOf(type) })}`,
    }
    const position = text === undefined ? beginning : readPosition('delta', text)
    if (!position) return { kind: 'expired' }
    const most = Math.min(limit, PAGE_ROWS_MAX)
    const prefer = `odata.track-changes, odata.maxpagesize=${most}`
    const told = await this.#client.send({ method: 'GET', path: position.link, headers: { prefer } }, call)
    if (told.kind !== 'told') return told
    // A link that is found no more has ended too, however the service says so.
    if (text !== undefined && (told.meaning === 'expired' || told.meaning === 'absent'))
      return { kind: 'expired' }
    if (told.meaning !== 'done') return this.#client.failure(told)
    const page = pageOf(told.body)
    if (!page) return { kind: 'unknown', reason: `${told.about}: the answer is no page` }
    return this.#page(type, position, most, told, page)
  }

  #page(type: Typed, position: Position<'delta'>, most: number, told: Told, page: Page): ChangesAnswer {
    const rows = this.#rowsIn(type, told, page)
    if (!Array.isArray(rows)) return rows
    // Whoever does not look at the page size is asked again for what did not fit.
    const already = position.told ?? 0
    const end = already + most
    if (rows.length > end)
      return {
        kind: 'page',
        rows: rows.slice(already, end),
        next: writePosition({ ...position, told: end }),
        complete: false,
      }
    const address = page.nextLink ?? page.deltaLink
    if (address === undefined)
      return {
        kind: 'rejected',
        reason: `${told.about}: the service tracks no changes of ${type.set}; switch that on there, or set changes: 'modified'`,
      }
    const link = pathBelow(this.#client.config.serviceUrl, address, told.path)
    if (link === undefined)
      return {
        kind: 'rejected',
        reason: `${told.about}: its link leads to another system, and is not followed: ${address.slice(0, 200)}`,
      }
    const next = writePosition({ kind: 'delta', link })
    return { kind: 'page', rows: rows.slice(already), next, complete: page.nextLink === undefined }
  }

  #rowsIn(type: Typed, told: Told, { records }: Page): ExternalRow[] | Failure {
    const rows: ExternalRow[] = []
    for (const record of records) {
      const entry = deletedIdIn(type, record)
      if (!entry) {
        const [row, failure] = this.#living(type, told, record)
        if (failure) return failure
        rows.push(row)
      } else if (entry.id === '') {
        return { kind: 'unknown', reason: `${told.about}: a deleted entry of ${type.set} does not say which` }
      } else if (entry.reason === 'deleted') rows.push(deletedRow(type, entry.id))
      // What left the listing for another reason lives.
    }
    return rows
  }

  #living(type: Typed, told: Told, record: unknown): [ExternalRow, undefined] | [undefined, Failure] {
    const rows = this.#reader.rowsIn(type, told, [record])
    return Array.isArray(rows) ? [rows[0]!, undefined] : [undefined, rows]
  }
}
