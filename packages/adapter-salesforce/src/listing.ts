/** Every row there is, by id (SPEC SF-13). */
import type { Call, ListAnswer } from '@skerry/bridge'
import type { Client } from './client.ts'
import { PAGE_ROWS_MAX } from './limits.ts'
import { readListPosition, writeListPosition } from './position.ts'
import { type Reader, typeConfig } from './reader.ts'
import { selectSoql, textLiteral } from './soql.ts'

export class Listing {
  readonly #client: Client
  readonly #reader: Reader

  constructor(client: Client, reader: Reader) {
    this.#client = client
    this.#reader = reader
  }

  async list(type: string, text: string | undefined, limit: number, call: Call): Promise<ListAnswer> {
    const config = typeConfig(this.#client, type)
    if (config.kind !== 'type') return config
    const after = text === undefined ? '' : readListPosition(text)
    if (after === undefined) return { kind: 'expired' }
    const most = Math.min(limit, PAGE_ROWS_MAX)
    const conditions = after === '' ? [] : [`Id > ${textLiteral(after)}`]
    const soql = selectSoql(type, config, conditions, `ORDER BY Id LIMIT ${most}`)
    const rows = await this.#reader.query(type, config, soql, call)
    if (!Array.isArray(rows)) return rows
    return {
      kind: 'page',
      rows: rows.map((row) => {
        const { id, externalId, version, deleted } = row
        return { id, externalId, version, deleted, row }
      }),
      next: writeListPosition(rows.at(-1)?.id ?? after),
      complete: rows.length < most,
      // A row that left the filter lives.
      proves: config.where === undefined,
    }
  }
}
