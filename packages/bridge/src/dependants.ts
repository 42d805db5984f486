/**
 * What waited for another record or row, looked at again when anything becomes of that (SPEC B-81, B-83), or for a record to leave quarantine (B-169). Who waits stands in the outbox and in the table `waits`, so a node that dies
 * here finds them again when it starts.
 */
import type { Shared } from './bridge-life.ts'
import { stamp } from './ids.ts'
import { RECORDS_PER_PAGE } from './limits.ts'
import { settleSafely } from './settle.ts'
import { allRows } from './table-rows.ts'
import { type BridgeTables, decodeWait, recordOfLink, tableOf } from './tables.ts'

export class Dependants {
  readonly #shared: Shared
  /** Records of which something became. */
  readonly #parents = new Set<string>()
  /** Links that came, of those that rows wait for. */
  readonly #links = new Set<string>()
  readonly #waitedFor = new Set<string>()
  /** Links that stand for records in quarantine. */
  readonly #quarantined = new Set<string>()

  constructor(shared: Shared) {
    this.#shared = shared
  }

  get isIdle(): boolean {
    return this.#parents.size === 0 && this.#links.size === 0
  }

  /** Once, after the index: what came while this node was not there. */
  async load(): Promise<void> {
    const { context, index, replica } = this.#shared
    for (const parent of index.waitedFor()) this.#parents.add(parent)
    for await (const { key } of allRows(replica, tableOf(context.system, 'waits')))
      this.#waitFor(decodeWait(key).link)
    for (const link of this.#waitedFor) this.#links.add(link)
    this.lookAtQuarantine()
  }

  /** To be called after commits of the replica. @returns whether there is something to do */
  lookAtQuarantine(): boolean {
    for (const link of this.#quarantined) if (!this.#isQuarantined(link)) this.#links.add(link)
    return !this.isIdle
  }

  #waitFor(link: string): void {
    const links = recordOfLink(link) === undefined ? this.#waitedFor : this.#quarantined
    links.add(link)
  }

  #isQuarantined(link: string): boolean {
    const record = recordOfLink(link)
    return record !== undefined && this.#shared.replica.isQuarantined(record)
  }

  /** What a durable append was about. @returns whether there is something to do */
  heard({ stirred, newLinks, newWaits }: BridgeTables): boolean {
    for (const link of newWaits) this.#waitFor(link)
    for (const link of newLinks) if (this.#waitedFor.has(link)) this.#links.add(link)
    for (const record of stirred)
      if (this.#shared.index.dependants(record).length > 0) this.#parents.add(record)
    return this.lookAtQuarantine()
  }

  async run(): Promise<undefined> {
    await takeEach(this.#parents, (parent) => this.#settleDependants(parent))
    await takeEach(this.#links, (link) => this.#readWaiting(link))
  }

  async #settleDependants(parent: string): Promise<void> {
    const { context, index } = this.#shared
    const records = index.dependants(parent)
    for (let from = 0; from < records.length; from += RECORDS_PER_PAGE)
      await this.#shared.transact(async (tables) => {
        for (const record of records.slice(from, from + RECORDS_PER_PAGE))
          await settleSafely(context, tables, record)
      })
  }

  async #readWaiting(link: string): Promise<void> {
    for (let more = true; more; ) more = await this.#shared.transact((tables) => this.#readPage(tables, link))
  }

  /** @returns whether there are more */
  async #readPage(tables: BridgeTables, link: string): Promise<boolean> {
    const { context } = this.#shared
    const record = recordOfLink(link)
    const isThere =
      record === undefined ? (await tables.linkedBy(link)) !== undefined : !this.#isQuarantined(link)
    if (!isThere) return false
    const waiting = await tables.waiting(link, RECORDS_PER_PAGE)
    for (const row of waiting) {
      if (row) tables.putHint({ ...row, stamp: stamp(context) })
      else if (record !== undefined) await settleSafely(context, tables, record)
      tables.dropWait(link, row)
    }
    const hasMore = waiting.length === RECORDS_PER_PAGE
    if (!hasMore) this.#quarantined.delete(link)
    return hasMore
  }
}

/** What is heard of again while it is looked at comes again, and so does what failed. */
async function takeEach(keys: Set<string>, work: (key: string) => Promise<void>): Promise<void> {
  for (const key of keys) {
    keys.delete(key)
    try {
      await work(key)
    } catch (error) {
      keys.add(key)
      throw error
    }
  }
}
