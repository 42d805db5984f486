/**
 * What changed: the whole table first, by key, and then what a source tells since a mark that it set before (SPEC SQ-30 to SQ-34). Sources tell keys; rows are told as they are when they are read.
 */
import type { Json } from '@skerry/core'
import type { ChangesAnswer, ExternalRow } from '../adapter-port.ts'
import type { Session } from './connections.ts'
import { readChanges } from './position.ts'
import { goneRow, idOf, type Key, type Reader } from './rows.ts'
import type { Shape } from './shape.ts'
import { joined, raw, sql } from './statement.ts'

/** A change, or that a row is gone: proved by what the source saw, and true unless the row is there again. */
export interface Told {
  key: Key
  gone: boolean
  externalId?: string | undefined
}

export type SourcePage =
  | { kind: 'told'; told: readonly Told[]; mark: Json; complete: boolean }
  /** Rows as they are. */
  | { kind: 'rows'; rows: readonly ExternalRow[]; mark: Json; complete: boolean }
  | { kind: 'expired' }

/** Where changes come from. */
export interface Source {
  readonly by: string
  readonly tellsDeletions: boolean
  /** A page of it changes what the database holds, and is one transaction. */
  readonly writes: boolean
  /** From where to go on later: everything that changes from now on, and that a listing which begins now may not show. @throws SqlFailed */
  begin(shape: Shape, session: Session): Promise<Json>
  /** At most `limit` changes behind the mark; with the mark of one of its pages that page is done with for good. @throws SqlFailed */
  page(shape: Shape, mark: Json, limit: number, session: Session): Promise<SourcePage>
  /** What is not as it needs it, in sentences. @throws SqlFailed */
  faults(shapes: readonly Shape[], session: Session): Promise<string[]>
}

export class Changes {
  readonly #reader: Reader
  readonly #source: Source

  constructor(reader: Reader, source: Source) {
    this.#reader = reader
    this.#source = source
  }

  /** @throws SqlFailed */
  async page(
    shape: Shape,
    position: string | undefined,
    limit: number,
    session: Session,
  ): Promise<ChangesAnswer> {
    const { by } = this.#source
    const at =
      position === undefined
        ? { by, mark: await this.#source.begin(shape, session), behind: [] }
        : readChanges(position, by, shape)
    if (!at) return { kind: 'expired' }
    if (at.behind) return this.#listed(shape, at.mark, at.behind, limit, session)
    const page = await this.#source.page(shape, at.mark, limit, session)
    if (page.kind === 'expired') return page
    const { mark, complete } = page
    const rows = page.kind === 'rows' ? [...page.rows] : await this.#rowsOf(shape, page.told, session)
    return { kind: 'page', rows, next: JSON.stringify({ by, mark }), complete }
  }

  async #listed(
    shape: Shape,
    mark: Json,
    behind: Key,
    limit: number,
    session: Session,
  ): Promise<ChangesAnswer> {
    const found = await listedBehind(this.#reader, shape, { behind, limit }, session)
    const last = found.length < limit ? undefined : found.at(-1)
    const { by } = this.#source
    const next = JSON.stringify({ by, mark, ...(last && { behind: last.key }) })
    return { kind: 'page', rows: found.map(({ row }) => row), next, complete: last === undefined }
  }

  async #rowsOf(shape: Shape, told: readonly Told[], session: Session): Promise<ExternalRow[]> {
    const byId = new Map<string, Told>()
    for (const one of told) {
      const id = idOf(one.key)
      const before = byId.get(id)
      byId.set(id, {
        ...one,
        gone: one.gone || before?.gone === true,
        externalId: one.externalId ?? before?.externalId,
      })
    }
    const keys = [...byId.values()].map(({ key }) => key)
    const found = await this.#reader.byKeys(shape, keys, session, this.#reader.dialect.lastWord)
    const living = new Map(found.map(({ row }) => [row.id, row]))
    // What is not there and of which nobody saw that it was deleted: the change that took it away is still to come.
    return [...byId].flatMap(
      ([id, { gone, externalId }]) => living.get(id) ?? (gone ? goneRow(shape, id, externalId) : []),
    )
  }
}

/** In the order of the key: an order that edits do not change. @throws SqlFailed */
export function listedBehind(
  reader: Reader,
  shape: Shape,
  { behind, limit }: { behind: Key; limit: number },
  session: Session,
) {
  const names = reader.keyNames(shape)
  const where = behind.length === 0 ? raw('') : sql`WHERE ${reader.isBehind(names, behind)}`
  return reader.rows(
    shape,
    sql`${where} ORDER BY ${joined(names, ', ')} LIMIT ${raw(String(limit))}`,
    session,
  )
}
