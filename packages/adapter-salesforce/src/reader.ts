/** Reads rows: one by a query that knows deleted ones, many by a retrieve that does not (SPEC SF-05). */
import type { Call, ExternalRow, Failure, ReadAnswer } from '@skerry/bridge'
import { type Client, failureTold, type Told } from './client.ts'
import type { TypeConfig } from './config.ts'
import { COLLECTION_ROWS_MAX, RETRIEVE_IDS_MAX } from './limits.ts'
import { rowOf, rowsOf } from './rows.ts'
import type { SeenVersions } from './seen.ts'
import { isRecordId, queryPath, selectedFields, selectSoql, textLiteral } from './soql.ts'

export class Reader {
  readonly #client: Client
  readonly #seen: SeenVersions

  constructor(client: Client, seen: SeenVersions) {
    this.#client = client
    this.#seen = seen
  }

  /** `everywhere`: also outside of the type's `where`. */
  async read(
    type: string,
    key: { id: string } | { externalId: string },
    call: Call,
    { everywhere = false }: { everywhere?: boolean } = {},
  ): Promise<ReadAnswer> {
    const config = this.#typeOf(type, everywhere)
    if (config.kind !== 'type') return config
    if ('id' in key && !isRecordId(key.id)) return { kind: 'absent' }
    const condition =
      'id' in key ? `Id = ${textLiteral(key.id)}` : `${config.externalId} = ${textLiteral(key.externalId)}`
    const rows = await this.query(type, config, selectSoql(type, config, [condition]), call)
    if (!Array.isArray(rows)) return rows
    if ('id' in key) return rows[0] ? { kind: 'row', row: rows[0] } : { kind: 'absent' }
    // Text is compared without regard to case there; an external id is not.
    return oneOf(
      type,
      key.externalId,
      rows.filter(({ externalId }) => externalId === key.externalId),
    )
  }

  /** Rows that live, by id; at most RETRIEVE_IDS_MAX. */
  async retrieve(
    type: string,
    ids: readonly string[],
    call: Call,
  ): Promise<Map<string, ExternalRow> | Failure> {
    const config = this.#typeOf(type)
    if (config.kind !== 'type') return config
    const found = new Map<string, ExternalRow>()
    const known = [...new Set(ids.filter(isRecordId))]
    for (let from = 0; from < known.length; from += RETRIEVE_IDS_MAX) {
      const askedAt = this.#client.clock.now()
      const answer = await this.#client.send(
        retrieveRequest(type, config, known.slice(from, from + RETRIEVE_IDS_MAX)),
        call,
      )
      const rows = answer.kind === 'told' ? this.retrieved(type, config, answer, askedAt) : answer
      if (!Array.isArray(rows)) return rows
      for (const row of rows) found.set(row.id, row)
    }
    return found
  }

  async readMany(type: string, ids: readonly string[], call: Call): Promise<ReadAnswer[]> {
    if (ids.length > COLLECTION_ROWS_MAX)
      throw new RangeError(`${ids.length} ids; ${COLLECTION_ROWS_MAX} fit`)
    if (ids.length === 0) return []
    const found = await this.retrieve(type, ids, call)
    if (!(found instanceof Map)) return ids.map(() => found)
    return ids.map((id) => {
      const row = found.get(id)
      return row ? { kind: 'row', row } : { kind: 'absent' }
    })
  }

  /** Rows of the first page of a query. */
  async query(type: string, config: TypeConfig, soql: string, call: Call): Promise<ExternalRow[] | Failure> {
    const askedAt = this.#client.clock.now()
    const answer = await this.#client.send({ method: 'GET', path: queryPath(soql) }, call)
    return answer.kind === 'told' ? this.queried(type, config, answer, askedAt) : answer
  }

  /** @param askedAt by the server's clock, or earlier */
  queried(type: string, config: TypeConfig, answer: Told, askedAt: number): ExternalRow[] | Failure {
    if (answer.meaning !== 'done') return failureTold(answer)
    const rows = rowsOf(type, config, answer.body)
    if (!rows)
      return {
        kind: 'unknown',
        reason: `${answer.about}: the answer holds something that is no row of ${type}`,
      }
    return this.#noted(rows, askedAt)
  }

  retrieved(type: string, config: TypeConfig, answer: Told, askedAt: number): ExternalRow[] | Failure {
    if (answer.meaning !== 'done') return failureTold(answer)
    const listed = Array.isArray(answer.body) ? answer.body : [undefined]
    const rows = listed.filter((record) => record !== null).map((record) => rowOf(type, config, record))
    if (rows.every((row) => row !== undefined)) return this.#noted(rows, askedAt)
    return {
      kind: 'unknown',
      reason: `${answer.about}: the answer holds something that is no row of ${type}`,
    }
  }

  #noted(rows: ExternalRow[], askedAt: number): ExternalRow[] {
    for (const row of rows) this.#seen.note(row, askedAt)
    return rows
  }

  #typeOf(type: string, everywhere = true): ({ kind: 'type' } & TypeConfig) | Failure {
    const config = typeConfig(this.#client, type)
    return config.kind === 'type' && everywhere ? { ...config, where: undefined } : config
  }
}

export function retrieveRequest(type: string, config: TypeConfig, ids: readonly string[]) {
  const body = { ids, fields: selectedFields(config) }
  return { method: 'POST', path: `/composite/sobjects/${type}`, body, purpose: 'read' } as const
}

/** What is configured of a type; a type that is not cannot be asked for. */
export function typeConfig({ config }: Client, type: string): ({ kind: 'type' } & TypeConfig) | Failure {
  const found = Object.hasOwn(config.types, type) ? config.types[type] : undefined
  if (found) return { kind: 'type', ...found }
  return {
    kind: 'rejected',
    reason: `${type} is not among the configured types (${Object.keys(config.types).join(', ')})`,
  }
}

function oneOf(type: string, externalId: string, rows: readonly ExternalRow[]): ReadAnswer {
  const living = rows.filter(({ deleted }) => !deleted)
  if (living.length > 1) {
    const ids = living.map(({ id }) => id).join(', ')
    return {
      kind: 'rejected',
      reason: `several rows of ${type} have the external id ${externalId}: ${ids}; make its field unique`,
    }
  }
  const row = living[0] ?? rows.at(-1)
  return row ? { kind: 'row', row } : { kind: 'absent' }
}
