/** Asks the system for what changed, page by page (SPEC B-23, B-26, B-110, B-112). Pushes may make it unnecessary; nothing relies on that. */
import { decodeUtf8 } from '@skerry/core'
import type { ExternalRow, Failure } from './adapter-port.ts'
import { waitMs } from './back-off.ts'
import type { Shared } from './bridge-life.ts'
import { endFirstContact } from './identity/contact.ts'
import { PAGE_ROWS } from './limits.ts'
import type { Mapping } from './mapping.ts'
import { askForWalk, readWalk } from './reconcile/walk.ts'
import { tableOf } from './tables.ts'
import { takeRows } from './take-rows.ts'

export class Poll {
  readonly #shared: Shared
  #failures = 0
  /** Which mapping comes first: the one that could not be listed, so that with little budget each has its turn. */
  #first = 0

  constructor(shared: Shared) {
    this.#shared = shared
  }

  /** Every type once, to its end. @returns milliseconds to wait before another try, undefined when all went well */
  async run(): Promise<number | undefined> {
    const { context, gate } = this.#shared
    const first = this.#first
    for (const [i] of context.mappings.entries()) {
      this.#first = (first + i) % context.mappings.length
      const mapping = context.mappings[this.#first]!
      // A row is compared with what is here, so that must be known first.
      if (mapping.match.length > 0 && !this.#shared.hasFollowed) continue
      const failure = await this.#type(mapping)
      if (!failure) continue
      const { kind, reason } = failure
      context.report({
        level: 'warn',
        code: 'poll-failed',
        message: `${context.system} did not list ${mapping.type} (${kind}): ${reason}`,
        fields: { type: mapping.type },
      })
      return Math.max(
        gate.pauseMs,
        waitMs(context.host, ++this.#failures, 'retryAfterMs' in failure ? failure.retryAfterMs : undefined),
      )
    }
    this.#failures = 0
    return undefined
  }

  async #type(mapping: Mapping): Promise<Failure | undefined> {
    const { replica, context, adapter, call } = this.#shared
    const { type } = mapping
    const table = tableOf(context.system, 'position')
    for (let started = false; ; started = true) {
      const stored = await replica.table(table, type)
      const position = stored && decodeUtf8(stored)
      if (position === undefined && !started && this.#namesPositions) {
        const failure = await this.#begin(type)
        if (failure) return failure
        continue
      }
      const { overtaken, end } = this.#shared.watch()
      try {
        const answer = await adapter.changes(type, position, PAGE_ROWS, call)
        if (answer.kind === 'expired') {
          const failure = await this.#lost(type, position)
          if (failure) return failure
          continue
        }
        if (answer.kind !== 'page') return answer
        await this.#page(mapping, answer.rows, overtaken)
        if (answer.next === position && !answer.complete)
          return {
            kind: 'rejected',
            reason: `a page that is not the last leads back to itself, position ${position}`,
          }
        if (answer.next !== position)
          await this.#shared.transact(async (tables) => tables.putPosition(type, answer.next))
        if (!answer.complete) continue
        await this.#seen(mapping)
        return undefined
      } finally {
        end()
      }
    }
  }

  /** Everything was told from the beginning; but while a walk is due, it is the walk that sees everything. */
  async #seen(mapping: Mapping): Promise<void> {
    if (mapping.match.length === 0) return
    await this.#shared.transact(async (tables) => {
      if (!(await readWalk(tables, mapping.type))) await endFirstContact(tables, mapping)
    })
  }

  /** What there is can be listed beside what changes. */
  get #namesPositions(): boolean {
    const { list, latest } = this.#shared.adapter
    return list !== undefined && latest !== undefined
  }

  /** A position for what changes from now on, and a walk over what is there (B-112, B-124). */
  async #begin(type: string): Promise<Failure | undefined> {
    const { adapter, call, replica, context } = this.#shared
    const wasWalked = (await replica.table(tableOf(context.system, 'reports'), type)) !== undefined
    const answer = await adapter.latest!(type, call)
    if (answer.kind !== 'position') return answer
    await this.#shared.transact(async (tables) => {
      tables.putPosition(type, answer.position)
      await askForWalk(tables, type, wasWalked ? 'lost' : 'first')
    })
    return undefined
  }

  async #lost(type: string, position: string | undefined): Promise<Failure | undefined> {
    const { context, adapter } = this.#shared
    if (position === undefined)
      return { kind: 'rejected', reason: 'a listing without a position was answered with "expired"' }
    const then = adapter.list ? 'all of it is compared' : 'all of it is listed again'
    context.report({
      level: 'warn',
      code: 'position-expired',
      message: `${context.system} has forgotten the position in ${type}; ${then}`,
      fields: { type },
    })
    await this.#shared.transact(async (tables) => {
      tables.putPosition(type, undefined)
      if (adapter.list) await askForWalk(tables, type, 'lost')
    })
    return this.#namesPositions ? this.#begin(type) : undefined
  }

  async #page(mapping: Mapping, rows: readonly ExternalRow[], overtaken: ReadonlySet<string>): Promise<void> {
    const { freshListing } = this.#shared.adapter.capabilities
    const told = rows.map((row) => ({ row, overtaken: freshListing ? overtaken : ('all' as const) }))
    await takeRows(this.#shared, mapping, told)
  }
}
