/** Reads rows: one by its id or key, many by their ids, pages of all; what is not found is looked for among the archived (SPEC HS-05, HS-09, HS-32). */
import type { Call, ExternalRow, Failure, ReadAnswer } from '@skerry/bridge'
import { type Client, failureTold, type Told } from './client.ts'
import type { Definitions, KnownType } from './definitions.ts'
import { BATCH_ROWS_MAX } from './limits.ts'
import { deletedRow, isObjectId, pageOf, propertiesRead, type ReadRow, rowOf } from './rows.ts'

export interface Page {
  kind: 'rows'
  rows: ReadRow[]
  /** Where the next page begins; undefined when there is none. */
  after: string | undefined
}

export class Reader {
  readonly #client: Client
  readonly #definitions: Definitions

  constructor(client: Client, definitions: Definitions) {
    this.#client = client
    this.#definitions = definitions
  }

  async read(type: string, key: { id: string } | { externalId: string }, call: Call): Promise<ReadAnswer> {
    const known = await this.#definitions.of(type, call)
    if (known.kind !== 'type') return known
    return 'id' in key ? this.byId(known, key.id, call) : this.byKey(known, key.externalId, call)
  }

  async byId(known: KnownType, id: string, call: Call): Promise<ReadAnswer> {
    if (!isObjectId(id)) return { kind: 'absent' }
    const living = await this.#object(known, id, false, call)
    if (living.kind !== 'absent') return living
    return this.#object(known, id, true, call)
  }

  /** Of a living row; archived ones have given their key back. */
  async byKey(known: KnownType, externalId: string, call: Call): Promise<ReadAnswer> {
    const page = await this.#batch(known, [externalId], call, { idProperty: known.externalId })
    if (page.kind !== 'rows') return page
    const row = page.rows.map(({ row }) => row).find((one) => one.externalId === externalId)
    return row ? { kind: 'row', row } : { kind: 'absent' }
  }

  async readMany(type: string, ids: readonly string[], call: Call): Promise<ReadAnswer[]> {
    if (ids.length > BATCH_ROWS_MAX) throw new RangeError(`${ids.length} ids; ${BATCH_ROWS_MAX} fit`)
    if (ids.length === 0) return []
    const known = await this.#definitions.of(type, call)
    if (known.kind !== 'type') return ids.map(() => known)
    const found = await this.found(known, ids, call)
    if (!(found instanceof Map)) return ids.map(() => found)
    const missing = ids.filter((id) => !found.has(id))
    const gone =
      missing.length === 0 ? new Map<string, ExternalRow>() : await this.found(known, missing, call, true)
    return ids.map((id) => {
      const row = found.get(id) ?? (gone instanceof Map ? gone.get(id) : undefined)
      if (row) return { kind: 'row', row }
      return gone instanceof Map ? { kind: 'absent' } : gone
    })
  }

  /** Rows by the ids asked for; a merged one as deleted. */
  async found(
    known: KnownType,
    ids: readonly string[],
    call: Call,
    archived = false,
  ): Promise<Map<string, ExternalRow> | Failure> {
    const read = await this.many(known, ids, call, archived)
    if (!Array.isArray(read)) return read
    const found = new Map<string, ExternalRow>()
    for (const { mergedIds } of read) for (const id of mergedIds) found.set(id, deletedRow(known.type, id))
    for (const { row } of read) found.set(row.id, row)
    return found
  }

  /** Rows of these ids, in no order; those that are not found are left out. */
  async many(
    known: KnownType,
    ids: readonly string[],
    call: Call,
    archived = false,
  ): Promise<ReadRow[] | Failure> {
    const asked = [...new Set(ids.filter(isObjectId))]
    const rows: ReadRow[] = []
    for (let from = 0; from < asked.length; from += BATCH_ROWS_MAX) {
      const page = await this.#batch(known, asked.slice(from, from + BATCH_ROWS_MAX), call, { archived })
      if (page.kind !== 'rows') return page
      rows.push(...page.rows)
    }
    return rows
  }

  /** A page of all rows that live, or of those that are archived, by id. */
  async page(
    known: KnownType,
    { after, limit, archived = false }: { after: string; limit: number; archived?: boolean },
    call: Call,
  ): Promise<Page | Failure> {
    const query = new URLSearchParams({
      limit: String(Math.min(limit, BATCH_ROWS_MAX)),
      archived: String(archived),
      properties: propertiesRead(known).join(','),
      ...(after !== '' && { after }),
    })
    const answer = await this.#client.send({ method: 'GET', path: `${pathOf(known)}?${query}` }, call)
    return answer.kind === 'told' ? this.#rowsIn(known, answer) : answer
  }

  async #object(known: KnownType, id: string, archived: boolean, call: Call): Promise<ReadAnswer> {
    const query = new URLSearchParams({
      archived: String(archived),
      properties: propertiesRead(known).join(','),
    })
    const answer = await this.#client.send({ method: 'GET', path: `${pathOf(known)}/${id}?${query}` }, call)
    if (answer.kind !== 'told') return answer
    if (answer.meaning === 'absent') return { kind: 'absent' }
    if (answer.meaning !== 'done') return failureTold(answer)
    const read = this.#rowIn(known, answer.body, answer)
    if (read.kind !== 'read') return read
    // Somebody merged it into that one.
    return { kind: 'row', row: read.row.id === id ? read.row : deletedRow(known.type, id) }
  }

  async #batch(
    known: KnownType,
    ids: readonly string[],
    call: Call,
    { archived = false, idProperty }: { archived?: boolean; idProperty?: string },
  ): Promise<Page | Failure> {
    const body = {
      inputs: ids.map((id) => ({ id })),
      properties: propertiesRead(known),
      propertiesWithHistory: [],
      ...(idProperty !== undefined && { idProperty }),
    }
    const path = `${pathOf(known)}/batch/read?archived=${archived}`
    const answer = await this.#client.send({ method: 'POST', path, body, purpose: 'read' }, call)
    if (answer.kind !== 'told') return answer
    // None of them was found.
    if (answer.meaning === 'absent') return { kind: 'rows', rows: [], after: undefined }
    return this.#rowsIn(known, answer)
  }

  /** Nothing may be left out unseen: one that is no row fails them all. */
  #rowsIn(known: KnownType, answer: Told): Page | Failure {
    if (answer.meaning !== 'done') return failureTold(answer)
    const page = pageOf(answer.body)
    if (!page) return noRow(known, answer)
    const rows: ReadRow[] = []
    for (const object of page.objects) {
      const read = this.#rowIn(known, object, answer)
      if (read.kind !== 'read') return read
      rows.push(read)
    }
    return { kind: 'rows', rows, after: page.after }
  }

  #rowIn(known: KnownType, object: unknown, answer: Told): ReadRow | Failure {
    const read = rowOf(known, object)
    if (read.kind === 'read') return read
    return read.kind === 'missing' ? this.#definitions.missing(known.type, read.names) : noRow(known, answer)
  }
}

/** The address of a type's rows. */
export function pathOf({ type }: Pick<KnownType, 'type'>): string {
  return `/crm/v3/objects/${encodeURIComponent(type)}`
}

function noRow({ type }: KnownType, { about }: Told): Failure {
  return { kind: 'unknown', reason: `${about}: the answer holds something that is no row of ${type}` }
}
