/** A record's history under a slider: the change that is chosen, what the record was then, and what it was before. */
import type { HistoryItem, JsonObject } from '@skerry/core'
import type { LiveReplica } from '@skerry/live'
import { Changing } from './changing.ts'
import { type Difference, differences } from './diff.ts'
import type { Chosen } from './records-model.ts'

/** Values kept, so that the slider goes back at once. */
const KEPT_MAX = 100

export interface Moment {
  item: HistoryItem
  /** Undefined: it was deleted then. */
  value: JsonObject | undefined
  /** From the change before to this one, in the order of the list. */
  differences: readonly (Difference & {
    /** The change did not touch that field: the one before was made beside it, by somebody who did not know of it. */
    isOfOther: boolean
  })[]
}

export interface HistoryState {
  items: readonly HistoryItem[]
  /** Place of the change chosen; -1: there is none. */
  index: number
  /** Undefined while it is read. */
  moment: Moment | undefined
  isLoading: boolean
  failed: string | undefined
}

const NOTHING: HistoryState = { items: [], index: -1, moment: undefined, isLoading: true, failed: undefined }

export class HistoryModel {
  readonly state = new Changing<HistoryState>(NOTHING)
  readonly #replica: LiveReplica
  readonly #kept = new Map<string, JsonObject | undefined>()
  #chosen: Chosen | undefined
  /** Rises with every question: answers to an older one are late. */
  #asked = 0

  constructor(replica: LiveReplica) {
    this.#replica = replica
  }

  /** Reads it anew; the slider stays at its change, and at the end where it stood there. */
  async show(chosen: Chosen): Promise<void> {
    const isOther = chosen.collection !== this.#chosen?.collection || chosen.id !== this.#chosen.id
    if (isOther) {
      this.#kept.clear()
      this.state.set(NOTHING)
    }
    this.#chosen = chosen
    const asked = ++this.#asked
    try {
      const items = await this.#replica.history(chosen.collection, chosen.id)
      if (asked !== this.#asked) return
      const { index, items: before } = this.state.value
      const hash = index === before.length - 1 ? undefined : before[index]?.hash
      const found = items.findIndex((item) => item.hash === hash)
      this.state.set({ ...this.state.value, items, isLoading: false, failed: undefined })
      await this.choose(found < 0 ? items.length - 1 : found)
    } catch (error) {
      if (asked === this.#asked)
        this.state.set({ ...NOTHING, isLoading: false, failed: (error as Error).message })
    }
  }

  async choose(index: number): Promise<void> {
    const { items } = this.state.value
    const item = items[index]
    const asked = ++this.#asked
    this.state.set({ ...this.state.value, index: item ? index : -1, failed: undefined })
    if (!item) return
    try {
      const before = items[index - 1]
      const [was, value] = await Promise.all([before && this.#at(before.hash), this.#at(item.hash)])
      if (asked !== this.#asked) return
      const all = differences(was, value).map((one) => ({ ...one, isOfOther: !touches(item, one.path) }))
      this.state.set({ ...this.state.value, moment: { item, value, differences: all } })
    } catch (error) {
      if (asked === this.#asked)
        this.state.set({ ...this.state.value, moment: undefined, failed: (error as Error).message })
    }
  }

  async #at(hash: string): Promise<JsonObject | undefined> {
    if (this.#kept.has(hash)) return this.#kept.get(hash)
    const { collection, id } = this.#chosen!
    const seen = await this.#replica.at(collection, id, hash)
    const { id: _, ...value } = seen ?? {}
    this.#kept.set(hash, seen && value)
    if (this.#kept.size > KEPT_MAX) this.#kept.delete(this.#kept.keys().next().value!)
    return seen && value
  }
}

/** By the field of the record, which is what histories name at least. */
function touches({ fields }: HistoryItem, [name]: readonly string[]): boolean {
  return fields.some((field) => field[0] === name)
}
