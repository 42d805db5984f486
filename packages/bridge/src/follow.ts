/** Reads the log onwards and settles what it touched, what is critical ahead of the rest (SPEC B-01, B-54). */
import {
  collectionOf,
  equalJson,
  type Follower,
  type LoggedEntry,
  type RecordChange,
  type Seq,
} from '@skerry/core'
import { isOwnFailure, reasonOf, type Shared } from './bridge-life.ts'
import { mappingOfRecord, runSeqs } from './context.ts'
import { AHEAD_MAX, ENTRIES_PER_PAGE_MAX, ENTRIES_UNSAVED_MAX, ENTRY_PAGE_BYTES_MAX } from './limits.ts'
import { bury, isSettled, settle } from './settle.ts'
import type { BridgeTables } from './tables.ts'

const ONE_ENTRY = { entries: 1, bytes: 1 }

export class LogFollower {
  readonly #shared: Shared
  readonly #follower: Follower
  readonly #collections: ReadonlySet<string>
  /** Records of critical edits that were heard of, and may be far ahead in the log. */
  readonly #ahead = new Set<string>()
  #position: Seq | undefined
  #saved: Seq = 0

  constructor(shared: Shared) {
    this.#shared = shared
    this.#follower = shared.replica.follower(`bridge:${shared.context.system}`)
    this.#collections = new Set(shared.context.mappings.map(({ collection }) => collection.name))
  }

  /** How far the log was looked at. */
  get position(): Seq {
    return this.#position ?? 0
  }

  /** Notes what is critical among what was just committed. @returns whether anything is */
  hear(changes: readonly RecordChange[]): boolean {
    for (const change of changes)
      if (this.#ahead.size < AHEAD_MAX && this.#isCritical(change)) this.#ahead.add(change.record)
    return this.#ahead.size > 0
  }

  /** Settles what was heard of; the log comes to it later, and finds it settled. */
  async runAhead(): Promise<undefined> {
    const records = [...this.#ahead]
    this.#ahead.clear()
    await Promise.all(
      records.map((record) => this.#shared.transact((tables) => this.#settle(tables, record))),
    )
  }

  #isCritical({ record, before, after }: RecordChange): boolean {
    const mapping = mappingOfRecord(this.#shared.context, record)
    if (!mapping?.hasCritical) return false
    if (mapping.tier === 'critical') return true
    return mapping.fields.some(({ name, urgent }) => urgent && !equalJson(before?.[name], after?.[name]))
  }

  async run(): Promise<undefined> {
    if (this.#position === undefined) this.#position = this.#saved = await this.#follower.position()
    for (;;) {
      await this.#passOwn(this.#position)
      const page = await this.#follower.read(this.#position, {
        entries: ENTRIES_PER_PAGE_MAX,
        bytes: ENTRY_PAGE_BYTES_MAX,
      })
      const last = page.at(-1)
      if (!last) {
        this.#shared.hasFollowed = true
        return
      }
      const records = this.#touched(page)
      if (records.length > 0 || last.seq - this.#saved >= ENTRIES_UNSAVED_MAX)
        await this.#shared.background(() => this.#page(records, last.seq))
      this.#position = last.seq
    }
  }

  /** Over what this bridge wrote itself. Between two of its appends stand marks, or somebody else's entries: one entry tells. */
  async #passOwn(position: Seq): Promise<void> {
    const { own } = this.#shared
    let passed = position
    for (;;) {
      const end = own.endAt(passed + 1)
      if (end !== undefined) passed = end
      else {
        const [next] = own.hasMore ? await this.#follower.read(passed, ONE_ENTRY) : []
        if (!next || own.endAt(next.seq) === undefined) break
        passed = next.seq - 1
      }
    }
    if (passed - this.#saved >= ENTRIES_UNSAVED_MAX) await this.#page([], passed)
    this.#position = passed
  }

  #touched(page: readonly LoggedEntry[]): string[] {
    const changed = page.filter(
      ({ kind, record }) =>
        (kind === 'changes' || kind === 'snapshot') && this.#collections.has(collectionOf(record)),
    )
    return [...new Set(changed.map(({ record }) => record))]
  }

  async #page(records: readonly string[], seq: Seq): Promise<void> {
    await this.#shared.transact(async (tables) => {
      for (const record of records) await this.#settle(tables, record)
      this.#follower.advance(tables.transaction, seq)
    })
    this.#saved = seq
  }

  /** A record that cannot be looked at must not hold up the others. */
  async #settle(tables: BridgeTables, record: string): Promise<void> {
    const { context } = this.#shared
    try {
      if (!(await isSettled(tables, record))) await settle(context, tables, record)
    } catch (error) {
      const mapping = mappingOfRecord(context, record)
      if (isOwnFailure(error) || !mapping) throw error
      const seqs = runSeqs(await tables.transaction.record(record))
      await bury(context, tables, {
        record,
        mapping,
        wish: { action: 'none' },
        reason: reasonOf(error),
        fields: [],
        seqs,
      })
    }
  }
}
