/**
 * Edits that are made once, however often they are asked for: whoever holds a replica over a line gives each an id, which becomes durable with the edit, in the same commit. So a worker that is asked by a page whose last worker
 * died before it answered knows whether it was done. What the page has heard the answers of is forgotten with its next edit, so that a page has about one row here.
 */
import type { EditOptions, ReplicaBase } from '@skerry/core'
import type { Once } from '../port.ts'

const TABLE = 'edits-made'
/** Rows kept: what pages that ended without another edit left behind, one each, and what all tabs of a browser may have under way. Beyond it the oldest half goes. */
export const ONCE_ROWS_MAX = 20_000

type Parts = Pick<ReplicaBase, 'table' | 'tableRows'>

export class OnceEdits {
  readonly #replica: Parts
  readonly #now: () => number
  #leftBehind: Promise<readonly string[]> | undefined
  /** When all that were asked for so far are begun. */
  #begun: Promise<unknown> = Promise.resolve()

  constructor(replica: Parts, now: () => number) {
    this.#replica = replica
    this.#now = now
  }

  /**
   * Edits are begun in the order in which they were asked for, whether they have an id to look for or not: from there on the replica keeps it.
   * @param edit makes it, with these rows beside; it is not called for what was done
   */
  async make<T>(once: Once | undefined, edit: (options: EditOptions) => Promise<T>): Promise<T | undefined> {
    const before = this.#begun
    const begun = Promise.all([this.#besideOf(once), before]).then(([beside]) => ({
      made: beside && edit({ beside }),
    }))
    this.#begun = Promise.allSettled([before, begun]).then(() => undefined)
    const { made } = await begun
    return made
  }

  /** Undefined of what was done. */
  async #besideOf(once: Once | undefined): Promise<EditOptions['beside']> {
    if (!once) return []
    if ((await this.#replica.table(TABLE, once.id)) !== undefined) return undefined
    const forgotten = [...once.settled, ...(await this.#excess())]
    return [
      ...forgotten.map((key) => ({ table: TABLE, key, value: undefined })),
      { table: TABLE, key: once.id, value: new TextEncoder().encode(String(this.#now())) },
    ]
  }

  /** Looked for once, since few are ever left behind. */
  async #excess(): Promise<readonly string[]> {
    this.#leftBehind ??= this.#read().catch((error: unknown) => {
      // A store that cannot be read now may be read later.
      this.#leftBehind = undefined
      throw error
    })
    const keys = await this.#leftBehind
    this.#leftBehind = Promise.resolve([])
    return keys
  }

  async #read(): Promise<string[]> {
    const rows = await this.#replica.tableRows(TABLE, { limit: ONCE_ROWS_MAX + 1 })
    if (rows.length <= ONCE_ROWS_MAX) return []
    const madeAt = ({ value }: { value: Uint8Array }) => Number(new TextDecoder().decode(value))
    const oldest = rows.sort((a, b) => madeAt(a) - madeAt(b)).slice(0, rows.length - ONCE_ROWS_MAX / 2)
    return oldest.map(({ key }) => key)
  }
}
