/** Many rows taken in together: one append for all of them, which costs a fraction of one for each; where one of them does not fit, each by itself, so that it alone is set aside (SPEC B-114). */
import type { ExternalRow } from './adapter-port.ts'
import { isOwnFailure, reasonOf, type Shared } from './bridge-life.ts'
import { mappingOfRow } from './choose-mapping.ts'
import type { BridgeContext } from './context.ts'
import { stamp } from './ids.ts'
import { recordOf, type Taken, takeRow } from './incoming.ts'
import { TAKEN_TOGETHER_MAX } from './limits.ts'
import type { BridgeTables, Unread } from './tables.ts'
import { setAside } from './unread.ts'

export interface Told {
  row: ExternalRow
  /** Records of which a listed row may be older than what is known here (B-26); `all` for a listing that lags. */
  overtaken: ReadonlySet<string> | 'all'
}

export type Outcome = Taken | 'unread'

interface TakeOptions<Before> {
  /** Default: one append of the bridge. */
  transact?: Shared['transact']
  /** Also rows that were set aside at the version that they have. Default false. */
  again?: boolean
  /** Called before a row is taken in, in the same append. */
  before?: (tables: BridgeTables, record: string, row: ExternalRow) => Promise<Before>
}

export interface TakenRow<Before> {
  outcome: Outcome
  /** Undefined for a row that was not taken in. */
  before: Before | undefined
}

/** @returns what became of each, in their order */
export async function takeRows<Before = undefined>(
  shared: Shared,
  type: string,
  rows: readonly Told[],
  options: TakeOptions<Before> = {},
): Promise<TakenRow<Before>[]> {
  await shared.vet(rows.map(({ row }) => row))
  const taking = new Taking(shared, type, options)
  const taken: TakenRow<Before>[] = []
  // One commit after the other: what waits for one commit outlives the collector's young generation.
  for (let from = 0; from < rows.length; from += TAKEN_TOGETHER_MAX)
    taken.push(...(await taking.together(rows.slice(from, from + TAKEN_TOGETHER_MAX))))
  return taken
}

class Taking<Before> {
  readonly #shared: Shared
  readonly #type: string
  readonly #options: TakeOptions<Before>
  readonly #transact: Shared['transact']

  constructor(shared: Shared, type: string, options: TakeOptions<Before>) {
    this.#shared = shared
    this.#type = type
    this.#options = options
    this.#transact = options.transact ?? ((work) => shared.transact(work))
  }

  async together(rows: readonly Told[]): Promise<TakenRow<Before>[]> {
    try {
      return await this.#transact(async (tables) => {
        tables.settlesAll = true
        await tables.readLinks(
          this.#type,
          rows.map(({ row }) => row.id),
        )
        await tables.transaction.prefetch(await this.#recordsOf(tables, rows))
        const taken: TakenRow<Before>[] = []
        for (const told of rows) taken.push(await this.#take(tables, told))
        return taken
      })
    } catch (error) {
      if (isOwnFailure(error)) throw error
      return Promise.all(rows.map((told) => this.#alone(told)))
    }
  }

  async #recordsOf(tables: BridgeTables, rows: readonly Told[]): Promise<string[]> {
    const { context } = this.#shared
    const records: string[] = []
    for (const { row } of rows) {
      const mapping = await mappingOfRow(context, tables, row)
      if (mapping) records.push(await recordOf(context, tables, mapping, row))
    }
    return records
  }

  async #alone(told: Told): Promise<TakenRow<Before>> {
    try {
      return await this.#transact((tables) => this.#take(tables, told))
    } catch (error) {
      if (isOwnFailure(error)) throw error
      await this.#transact((tables) => setAside(this.#shared.context, tables, told.row, reasonOf(error)))
      return { outcome: 'unread', before: undefined }
    }
  }

  async #take(tables: BridgeTables, { row, overtaken }: Told): Promise<TakenRow<Before>> {
    const { context } = this.#shared
    const { again = false, before } = this.#options
    const unread = this.#shared.hasUnread ? await tables.unread(row.type, row.id) : undefined
    if (unread && unread.version === row.version && !again) return { outcome: 'left', before: undefined }
    const mayBeStale = overtaken === 'all' || overtaken.size > 0
    if (mayBeStale || before) {
      const mapping = await mappingOfRow(context, tables, row)
      if (!mapping) return { outcome: 'left', before: undefined }
      const record = await recordOf(context, tables, mapping, row)
      if (overtaken === 'all' || overtaken.has(record))
        return { outcome: await lookLater(context, tables, record, row), before: undefined }
      const seen = await before?.(tables, record, row)
      return { outcome: await this.#takeIn(tables, row, unread), before: seen }
    }
    return { outcome: await this.#takeIn(tables, row, unread), before: undefined }
  }

  async #takeIn(tables: BridgeTables, row: ExternalRow, unread: Unread | undefined): Promise<Outcome> {
    const outcome = await takeRow(this.#shared.context, tables, row)
    if (unread) tables.putUnread(row.type, row.id, undefined)
    return outcome
  }
}

/** The row may be older than what is known of its record: unless it says just that, it is read again. */
async function lookLater(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
  row: ExternalRow,
): Promise<Outcome> {
  const shadow = await tables.shadowHead(record)
  if (shadow?.version === row.version && shadow.rowId === row.id && shadow.gone === row.deleted)
    return 'known'
  tables.putHint({ type: row.type, id: row.id, externalId: row.externalId, stamp: stamp(context) })
  return 'waits'
}
