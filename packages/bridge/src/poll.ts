/** Asks the system for what changed, page by page (SPEC B-23, B-26, B-43). Pushes may make it unnecessary; nothing relies on that. */
import { decodeUtf8 } from '@skerry/core'
import type { ChangesAnswer, ExternalRow } from './adapter-port.ts'
import { waitMs } from './back-off.ts'
import { isOwnFailure, reasonOf, type Shared } from './bridge-life.ts'
import { mappingOfRow } from './choose-mapping.ts'
import { recordOf, stamp, type Taken, takeRow } from './incoming.ts'
import { PAGE_ROWS } from './limits.ts'
import { parentsFirst } from './mapping/parents-first.ts'
import { type BridgeTables, tableOf } from './tables.ts'
import { setAside } from './unread.ts'

export class Poll {
  readonly #shared: Shared
  readonly #types: readonly string[]
  #failures = 0

  constructor(shared: Shared) {
    this.#shared = shared
    this.#types = parentsFirst(shared.context.mappings)
  }

  /** Every type once, to its end. @returns milliseconds to wait before another try, undefined when all went well */
  async run(): Promise<number | undefined> {
    const { context, gate } = this.#shared
    for (const type of this.#types) {
      const failure = await this.#type(type)
      if (!failure) continue
      const { kind, reason } = failure
      context.report({
        level: 'warn',
        code: 'poll-failed',
        message: `${context.system} did not list ${type} (${kind}): ${reason}`,
        fields: { type },
      })
      return Math.max(
        gate.pauseMs,
        waitMs(context.host, ++this.#failures, 'retryAfterMs' in failure ? failure.retryAfterMs : undefined),
      )
    }
    this.#failures = 0
    return undefined
  }

  async #type(type: string): Promise<Exclude<ChangesAnswer, { kind: 'page' | 'expired' }> | undefined> {
    const { replica, context, adapter, call, gate } = this.#shared
    const table = tableOf(context.system, 'position')
    for (;;) {
      const stored = await replica.table(table, type)
      const position = stored && decodeUtf8(stored)
      const { overtaken, end } = this.#shared.watch()
      try {
        const answer = await adapter.changes(type, position, PAGE_ROWS, call)
        gate.heard(answer)
        if (answer.kind === 'expired') {
          context.report({
            level: 'warn',
            code: 'position-expired',
            message: `${context.system} has forgotten the position in ${type}; all of it is listed again`,
          })
          await this.#shared.transact(async (tables) => tables.putPosition(type, undefined))
          if (position === undefined)
            return { kind: 'rejected', reason: 'a listing without a position was answered with "expired"' }
          continue
        }
        if (answer.kind !== 'page') return answer
        await this.#page(answer.rows, overtaken)
        if (answer.next !== position)
          await this.#shared.transact(async (tables) => tables.putPosition(type, answer.next))
        else if (!answer.complete)
          return {
            kind: 'rejected',
            reason: `a page that is not the last leads back to itself, position ${position}`,
          }
        if (answer.complete) return undefined
      } finally {
        end()
      }
    }
  }

  /** Each row in a turn of its own, so that one cannot fail the others; turns that wait together share a commit. */
  async #page(rows: readonly ExternalRow[], overtaken: ReadonlySet<string>): Promise<void> {
    const outcomes = await Promise.allSettled(
      rows.map((row) => this.#shared.transact((tables) => this.#row(tables, row, overtaken))),
    )
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') continue
      if (isOwnFailure(outcome.reason)) throw outcome.reason
      const row = rows[i]!
      await this.#shared.transact((tables) =>
        setAside(this.#shared.context, tables, row, reasonOf(outcome.reason)),
      )
    }
  }

  async #row(tables: BridgeTables, row: ExternalRow, overtaken: ReadonlySet<string>): Promise<Taken> {
    const { context, adapter } = this.#shared
    if ((await tables.unread(row.type, row.id))?.version === row.version) return 'left'
    const mapping = await mappingOfRow(context, tables, row)
    if (!mapping) return 'left'
    const record = await recordOf(context, tables, mapping, row)
    if (adapter.capabilities.freshListing && !overtaken.has(record)) return takeRow(context, tables, row)
    const shadow = await tables.shadow(record)
    if (shadow?.version === row.version && shadow.gone === row.deleted) return 'known'
    tables.putHint({ type: row.type, id: row.id, externalId: row.externalId, stamp: stamp(context) })
    return 'waits'
  }
}
