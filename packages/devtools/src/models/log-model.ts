/** The log as it is shown: the newest page, which is told again and again, and older ones as they were asked for. */
import type { Inspect, LoggedItem, LogPage, Stop } from '@skerry/live'
import { Changing } from './changing.ts'

/** Entries of a page: two screens of a large window. */
const PAGE_ENTRIES = 100
/** Entries shown: more rows make a page of a phone slow, and nobody reads them. */
export const SHOWN_ENTRIES_MAX = 2_000

export interface LogState {
  entries: readonly LoggedItem[]
  head: number
  older: number | undefined
  isPaused: boolean
  /** Told while it was paused, and not shown. */
  waiting: number
  failed: string | undefined
}

export class LogModel {
  readonly state = new Changing<LogState>({
    entries: [],
    head: 0,
    older: undefined,
    isPaused: false,
    waiting: 0,
    failed: undefined,
  })
  readonly #inspect: Inspect
  #latest: LogPage | undefined

  constructor(inspect: Inspect) {
    this.#inspect = inspect
  }

  start(): Stop {
    return this.#inspect.watchLog(
      PAGE_ENTRIES,
      (page) => this.#told(page),
      ({ message }) => this.#set({ failed: message }),
    )
  }

  pause(isPaused: boolean): void {
    this.#set({ isPaused })
    if (!isPaused && this.#latest) this.#show(this.#latest)
  }

  /** Resolves when older entries are shown, if there are any. */
  async more(): Promise<void> {
    const { older } = this.state.value
    if (older === undefined) return
    try {
      const page = await this.#inspect.log(older, PAGE_ENTRIES)
      const { entries } = this.state.value
      const last = entries.at(-1)?.seq ?? Number.POSITIVE_INFINITY
      this.#set({
        entries: [...entries, ...page.entries.filter(({ seq }) => seq < last)],
        older: page.older,
        failed: undefined,
      })
    } catch (error) {
      this.#set({ failed: (error as Error).message })
    }
  }

  #told(page: LogPage): void {
    this.#latest = page
    const { isPaused, head } = this.state.value
    if (isPaused)
      this.#set({ waiting: page.entries.filter(({ seq }) => seq > head).length, failed: undefined })
    else this.#show(page)
  }

  /** What stood among the newest and does so no more was taken out of the log, or compacted; what stands below them stays as it was read. */
  #show(page: LogPage): void {
    const last = page.entries.at(-1)?.seq ?? 0
    const before = this.state.value
    const below = page.older === undefined ? [] : before.entries.filter(({ seq }) => seq < last)
    const isJoined = before.entries.length === 0 || (before.entries[0]?.seq ?? 0) >= last
    const kept = isJoined ? below : []
    const entries = [...page.entries, ...kept].slice(0, SHOWN_ENTRIES_MAX)
    const isCut = entries.length < page.entries.length + kept.length
    const older = kept.length === 0 ? page.older : isCut ? entries.at(-1)?.seq : before.older
    this.#set({ entries, head: page.head, older, waiting: 0, failed: undefined })
  }

  #set(change: Partial<LogState>): void {
    this.state.set({ ...this.state.value, ...change })
  }
}

/** Those that have each word of the search somewhere: record, kind, author, actor, place in the log. */
export function filtered(entries: readonly LoggedItem[], search: string): readonly LoggedItem[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return entries
  return entries.filter(({ seq, kind, record, author = '', actor = '' }) => {
    const text = `${seq} ${kind} ${record} ${author} ${actor}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
