/** Reads the log onwards and settles what it touched (SPEC B-01). */
import { collectionOf, type Follower, type LoggedEntry, type Seq } from '@skerry/core'
import type { Shared } from './bridge-life.ts'
import { ENTRIES_PER_PAGE_MAX, ENTRIES_UNSAVED_MAX, ENTRY_PAGE_BYTES_MAX } from './limits.ts'
import { settleSafely } from './settle.ts'

export class LogFollower {
  readonly #shared: Shared
  readonly #follower: Follower
  readonly #collections: ReadonlySet<string>
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

  get follower(): Follower {
    return this.#follower
  }

  async run(): Promise<undefined> {
    if (this.#position === undefined) this.#position = this.#saved = await this.#follower.position()
    for (;;) {
      const page = await this.#follower.read(this.#position, {
        entries: ENTRIES_PER_PAGE_MAX,
        bytes: ENTRY_PAGE_BYTES_MAX,
      })
      const last = page.at(-1)
      if (!last) return
      const records = this.#touched(page)
      if (records.length > 0 || last.seq - this.#saved >= ENTRIES_UNSAVED_MAX)
        await this.#page(records, last.seq)
      this.#position = last.seq
    }
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
      for (const record of records) {
        await settleSafely(this.#shared.context, tables, record)
        tables.stirred.add(record)
      }
      this.#follower.advance(tables.transaction, seq)
    })
    this.#saved = seq
  }
}
