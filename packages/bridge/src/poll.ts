/** Asks the system for what changed, page by page (SPEC B-23, B-26, B-110, B-112). Pushes may make it unnecessary; nothing relies on that. */
import { decodeUtf8 } from '@skerry/core'
import type { ExternalRow, Failure, LatestAnswer } from './adapter-port.ts'
import { waitMs } from './back-off.ts'
import type { Shared } from './bridge-life.ts'
import { isAllPaused, mappingsOfType } from './choose-mapping.ts'
import { endFirstContact } from './identity/contact.ts'
import { PAGE_ROWS } from './limits.ts'
import { parentsFirst } from './mapping/parents-first.ts'
import type { Cause } from './reconcile/report.ts'
import { askForWalk, readWalk } from './reconcile/walk.ts'
import { tableOf } from './tables.ts'
import { takeRows } from './take-rows.ts'

export class Poll {
  readonly #shared: Shared
  readonly #types: readonly string[]
  #failures = 0
  /** Which type comes first: the one that could not be listed, so that with little budget each has its turn. */
  #first = 0

  constructor(shared: Shared) {
    this.#shared = shared
    this.#types = parentsFirst(shared.context.mappings)
  }

  /** Every type once, to its end. @returns milliseconds to wait before another try, undefined when all went well */
  async run(): Promise<number | undefined> {
    const { context, gate } = this.#shared
    const first = this.#first
    for (const i of this.#types.keys()) {
      this.#first = (first + i) % this.#types.length
      const type = this.#types[this.#first]!
      // Its position stays, and what changes meanwhile is told when it goes on (B-194).
      if (isAllPaused(this.#shared.context, type)) continue
      // A row is compared with what is here, so that must be known first.
      if (this.#matches(type) && !this.#shared.hasFollowed) continue
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
    this.#first = 0
    return undefined
  }

  #matches(type: string): boolean {
    return mappingsOfType(this.#shared.context, type).some(({ match }) => match.length > 0)
  }

  async #type(type: string): Promise<Failure | undefined> {
    const { replica, context, adapter, call } = this.#shared
    const table = tableOf(context.system, 'position')
    let named: string | undefined
    for (let started = false; ; started = true) {
      const stored = await replica.table(table, type)
      const position = stored && decodeUtf8(stored)
      if (position === undefined && !started && this.#namesPositions) {
        const answer = await this.#begin(type, (await this.#wasWalked(type)) ? 'lost' : 'first')
        if (answer.kind !== 'position') return answer
        named = answer.position
        continue
      }
      const { overtaken, end } = this.#shared.watch()
      try {
        const answer = await adapter.changes(type, position, PAGE_ROWS, call)
        if (answer.kind === 'expired') {
          const lost = await this.#lost(type, position, named)
          if (lost?.kind === 'position') named = lost.position
          else if (lost) return lost
          continue
        }
        if (answer.kind !== 'page') return answer
        await this.#page(type, answer.rows, overtaken)
        if (answer.next === position && !answer.complete)
          return {
            kind: 'rejected',
            reason: `a page that is not the last leads back to itself, position ${position}`,
          }
        if (answer.next !== position)
          await this.#shared.transact(async (tables) => tables.putPosition(type, answer.next))
        if (!answer.complete) continue
        await this.#seen(type)
        return undefined
      } finally {
        end()
      }
    }
  }

  /** Everything was told from the beginning; but while a walk is due, it is the walk that sees everything. */
  async #seen(type: string): Promise<void> {
    if (!this.#matches(type)) return
    await this.#shared.transact(async (tables) => {
      if (await readWalk(tables, type)) return
      for (const mapping of mappingsOfType(this.#shared.context, type)) await endFirstContact(tables, mapping)
    })
  }

  /** What there is can be listed beside what changes. */
  get #namesPositions(): boolean {
    const { list, latest } = this.#shared.adapter
    return list !== undefined && latest !== undefined
  }

  /** A position for what changes from now on, and a walk over what is there (B-112, B-124). */
  async #begin(type: string, cause: Cause): Promise<LatestAnswer> {
    const { adapter, call } = this.#shared
    const answer = await adapter.latest!(type, call)
    if (answer.kind === 'position')
      await this.#shared.transact(async (tables) => {
        tables.putPosition(type, answer.position)
        await askForWalk(tables, type, cause)
      })
    return answer
  }

  async #wasWalked(type: string): Promise<boolean> {
    const { replica, context } = this.#shared
    return (await replica.table(tableOf(context.system, 'reports'), type)) !== undefined
  }

  /** @param named the position that the system has just given, which it must know. @returns the new position, where it names one */
  async #lost(
    type: string,
    position: string | undefined,
    named: string | undefined,
  ): Promise<LatestAnswer | undefined> {
    const { context, adapter } = this.#shared
    if (position === undefined)
      return { kind: 'rejected', reason: 'a listing without a position was answered with "expired"' }
    if (position === named)
      return {
        kind: 'rejected',
        reason: `the position ${position}, just named by the system, was answered with "expired"`,
      }
    const then = adapter.list ? 'all of it is compared' : 'all of it is listed again'
    context.report({
      level: 'warn',
      code: 'position-expired',
      message: `${context.system} has forgotten the position in ${type}; ${then}`,
      fields: { type },
    })
    // In the append that has the new position: a walk that begins before it would not show what is changed between them.
    if (this.#namesPositions) return this.#begin(type, 'lost')
    await this.#shared.transact(async (tables) => {
      tables.putPosition(type, undefined)
      if (adapter.list) await askForWalk(tables, type, 'lost')
    })
    return undefined
  }

  async #page(type: string, rows: readonly ExternalRow[], overtaken: ReadonlySet<string>): Promise<void> {
    const { freshListing } = this.#shared.adapter.capabilities
    const told = rows.map((row) => ({ row, overtaken: freshListing ? overtaken : ('all' as const) }))
    await takeRows(this.#shared, type, told)
  }
}
