/**
 * Reads the views that a peer is told before the stream (U1 to U3): channel after channel, page after page, each record once, until so many characters. Like the reader of the log it reads
 * ahead, is told what was taken, and decides nothing about when to send.
 */
import type { Seq } from '../store/port.ts'
import { VIEWS_FRAME_LENGTH_MAX, VIEWS_TOLD_LENGTH_MAX } from './limits.ts'
import type { SessionReplica, ToldView } from './port.ts'
import { viewLength } from './view-text.ts'

export class ViewReader {
  readonly #replica: Pick<SessionReplica, 'readViews' | 'viewsMin'>
  readonly #channels: readonly string[]
  #channel = 0
  #after: Seq = 0
  #queue: ToldView[] = []
  #queuedLength = 0
  #found = 0
  #foundLength = 0
  #isWhole = true
  /** The last frame was taken. */
  #isOver = false

  constructor(replica: Pick<SessionReplica, 'readViews' | 'viewsMin'>, channels: readonly string[]) {
    this.#replica = replica
    this.#channels = channels
  }

  /** Characters, which are bytes at least. */
  get queuedBytes(): number {
    return this.#queuedLength
  }

  /** Something is left to be read. */
  get isBehind(): boolean {
    return this.#channel < this.#channels.length
  }

  /** A frame is full, or the last one is complete. */
  get isDue(): boolean {
    if (this.isBehind)
      return this.#found >= this.#replica.viewsMin && this.#queuedLength >= VIEWS_FRAME_LENGTH_MAX
    return !this.isOver
  }

  get isOver(): boolean {
    return this.#isOver || (!this.isBehind && this.#found < this.#replica.viewsMin)
  }

  /** Whether all of it may be told to who is told these channels. */
  isWithin(channels: { has(channel: string): boolean }): boolean {
    return this.#channels.every((channel) => channels.has(channel))
  }

  /** Reads one page. One call at a time. @throws StoreError */
  async read(): Promise<void> {
    const told = new Set(this.#channels.slice(0, this.#channel))
    const { views, leftOut, next } = await this.#replica.readViews(
      this.#channels[this.#channel]!,
      this.#after,
      told,
    )
    if (leftOut) this.#isWhole = false
    for (const view of views) this.#add(view)
    this.#after = next ?? 0
    if (next === undefined) this.#channel += 1
    if (this.#foundLength < VIEWS_TOLD_LENGTH_MAX || !this.isBehind) return
    this.#isWhole = false
    this.#channel = this.#channels.length
  }

  /** The views of the next frame; `whole`: these are the last, and none was left out. */
  take(): { views: ToldView[]; whole: boolean } {
    let length = 0
    let count = 0
    for (const view of this.#queue) {
      const more = viewLength(view)
      if (count > 0 && length + more > VIEWS_FRAME_LENGTH_MAX) break
      length += more
      count += 1
    }
    const views = this.#queue.splice(0, count)
    this.#queuedLength -= length
    this.#isOver = !this.isBehind && this.#queue.length === 0
    return { views, whole: this.#isOver && this.#isWhole }
  }

  #add(view: ToldView): void {
    const length = viewLength(view)
    this.#queue.push(view)
    this.#queuedLength += length
    this.#found += 1
    this.#foundLength += length
  }
}
