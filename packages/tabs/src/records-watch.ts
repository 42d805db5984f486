/**
 * A page's copy of what a watch of records has told, so that another server's first result can be told as what differs (O-3): whoever watches has then seen no gap, and renders what changed.
 */
import { equalJson } from '@skerry/core'
import type { LiveRecord, Splice } from '@skerry/live'
import { inParts } from './in-parts.ts'

export class RecordsWatch {
  readonly #told: (splice: Splice) => void
  #records: LiveRecord[] = []
  /** The last splice said that more comes. */
  #isPart = true
  /** What another server has told so far of its first result. */
  #renewing: LiveRecord[] | undefined

  constructor(told: (splice: Splice) => void) {
    this.#told = told
  }

  /** Another server tells from now on. What was told of nothing yet goes on as it is, in parts. */
  begin(): void {
    if (this.#records.length > 0 || !this.#isPart) this.#renewing = []
  }

  /** The page was told all that the server of now has said. */
  get isWhole(): boolean {
    return this.#renewing === undefined && !this.#isPart
  }

  tell(splice: Splice): void {
    if (!this.#renewing) {
      apply(this.#records, splice)
      this.#isPart = splice.more === true
      this.#told(splice)
      return
    }
    apply(this.#renewing, splice)
    if (splice.more) return
    const difference = differenceOf(this.#records, this.#renewing)
    const isFirst = this.#isPart
    this.#records = this.#renewing
    this.#renewing = undefined
    this.#isPart = false
    if (!isFirst && difference.removed === 0 && difference.inserted.length === 0) return
    for (const part of inParts(difference)) this.#told(part)
  }
}

/** Without spreading what may be long: a call takes only so many arguments. */
function apply(records: LiveRecord[], { at, removed, inserted }: Splice): void {
  const after = records.splice(at).slice(removed)
  for (const record of inserted) records.push(record)
  for (const record of after) records.push(record)
}

/** One splice: what stands between their common beginning and their common end. */
function differenceOf(before: readonly LiveRecord[], after: readonly LiveRecord[]): Splice {
  const shorter = Math.min(before.length, after.length)
  let at = 0
  while (at < shorter && equalJson(before[at], after[at])) at++
  let end = 0
  while (end < shorter - at && equalJson(before[before.length - 1 - end], after[after.length - 1 - end]))
    end++
  return { at, removed: before.length - at - end, inserted: after.slice(at, after.length - end) }
}
