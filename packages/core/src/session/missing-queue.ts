/** What a reconciliation found the peer to lack, on its way: goes before the stream, in frames of its own (Q11). */
import { type FrameItem, itemBytesMax } from './frame.ts'
import { FRAME_BYTES_MAX } from './limits.ts'

export class MissingQueue {
  #items: FrameItem[] = []
  #bytes = 0
  /** Those who wait until so many bytes are left. */
  #waiting: { bytesMax: number; resolve: () => void }[] = []

  get size(): number {
    return this.#items.length
  }

  add(items: readonly FrameItem[]): void {
    for (const item of items) {
      this.#items.push(item)
      this.#bytes += itemBytesMax(item)
    }
  }

  /** Resolves when at most so many bytes are left to be sent. */
  until(bytesMax: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ bytesMax, resolve })
      this.#tell()
    })
  }

  /** The items of the next frame; at least one, if there is one. */
  take(): FrameItem[] {
    let bytes = 0
    let count = 0
    for (const item of this.#items) {
      bytes += itemBytesMax(item)
      if (count > 0 && bytes > FRAME_BYTES_MAX) break
      count += 1
    }
    const taken = this.#items.splice(0, count)
    for (const item of taken) this.#bytes -= itemBytesMax(item)
    this.#tell()
    return taken
  }

  clear(): void {
    this.#items = []
    this.#bytes = 0
    this.#tell()
  }

  #tell(): void {
    const due = this.#waiting.filter(({ bytesMax }) => this.#bytes <= bytesMax)
    this.#waiting = this.#waiting.filter(({ bytesMax }) => this.#bytes > bytesMax)
    for (const { resolve } of due) resolve()
  }
}
