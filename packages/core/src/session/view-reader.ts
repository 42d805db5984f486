/**
 * Reads the views that a peer is told before the stream (U1 to U3): channel after channel, page after page, each record once, until so many bytes. Like the reader of the log it reads
 * ahead, is told what was taken, and decides nothing about when to send.
 */
import type { Seq } from '../store/port.ts'
import { type ViewItem, viewBytesMax } from './frame.ts'
import { FRAME_BYTES_MAX, VIEWS_TOLD_BYTES_MAX } from './limits.ts'
import type { SessionReplica } from './port.ts'

export class ViewReader {
  readonly #replica: Pick<SessionReplica, 'readViews' | 'viewsMin'>
  readonly #channels: readonly string[]
  #channel = 0
  #after: Seq = 0
  #queue: ViewItem[] = []
  #queuedBytes = 0
  #found = 0
  #foundBytes = 0
  #isWhole = true
  /** The last frame was taken. */
  #isOver = false

  constructor(replica: Pick<SessionReplica, 'readViews' | 'viewsMin'>, channels: readonly string[]) {
    this.#replica = replica
    this.#channels = channels
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** Something is left to be read. */
  get isBehind(): boolean {
    return this.#channel < this.#channels.length
  }

  /** A frame is full, or the last one is complete. */
  get isDue(): boolean {
    if (this.isBehind) return this.#found >= this.#replica.viewsMin && this.#queuedBytes >= FRAME_BYTES_MAX
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
    for (const view of views) this.#add({ kind: 'view', ...view })
    this.#after = next ?? 0
    if (next === undefined) this.#channel += 1
    if (this.#foundBytes < VIEWS_TOLD_BYTES_MAX || !this.isBehind) return
    this.#isWhole = false
    this.#channel = this.#channels.length
  }

  /** The items of the next frame; `whole`: these are the last, and none was left out. */
  take(): { items: ViewItem[]; whole: boolean } {
    let bytes = 0
    let count = 0
    for (const item of this.#queue) {
      const more = viewBytesMax(item)
      if (count > 0 && bytes + more > FRAME_BYTES_MAX) break
      bytes += more
      count += 1
    }
    const items = this.#queue.splice(0, count)
    this.#queuedBytes -= bytes
    this.#isOver = !this.isBehind && this.#queue.length === 0
    return { items, whole: this.#isOver && this.#isWhole }
  }

  #add(item: ViewItem): void {
    const bytes = viewBytesMax(item)
    this.#queue.push(item)
    this.#queuedBytes += bytes
    this.#found += 1
    this.#foundBytes += bytes
  }
}
