/**
 * What a reconciliation found the peer to lack, on its way: goes before the stream, in frames of its own (Q11). What a full frame leaves here is due at once: it may be the rest of a record, and the
 * stream would go on before that, however long it takes until more is found.
 */
import { type FrameItem, itemBytesMax } from './frame.ts'
import { FRAME_BYTES_MAX } from './limits.ts'

export class MissingQueue {
  #items: FrameItem[] = []
  #bytes = 0
  /** All of it was added. */
  #isWhole = false
  /** The last frame did not hold all there was. */
  #goesOn = false
  /** Those who wait until so many bytes are left. */
  #waiting: { bytesMax: number; resolve: () => void }[] = []

  get size(): number {
    return this.#items.length
  }

  /** A frame is full, or goes on where the last one ended, or nothing more is to come. */
  get isDue(): boolean {
    return this.#bytes >= FRAME_BYTES_MAX || this.#goesOn || (this.#isWhole && this.#items.length > 0)
  }

  add(items: readonly FrameItem[]): void {
    this.#isWhole = false
    for (const item of items) {
      this.#items.push(item)
      this.#bytes += itemBytesMax(item)
    }
  }

  /** Resolves when there is room for more: while the last frame fills. */
  room(): Promise<void> {
    return this.#until(2 * FRAME_BYTES_MAX)
  }

  /** Resolves when all is sent, though the last frame is not full. */
  sent(): Promise<void> {
    this.#isWhole = true
    return this.#until(0)
  }

  #until(bytesMax: number): Promise<void> {
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
    this.#goesOn = this.#items.length > 0
    for (const item of taken) this.#bytes -= itemBytesMax(item)
    this.#tell()
    return taken
  }

  #tell(): void {
    const due = this.#waiting.filter(({ bytesMax }) => this.#bytes <= bytesMax)
    this.#waiting = this.#waiting.filter(({ bytesMax }) => this.#bytes > bytesMax)
    for (const { resolve } of due) resolve()
  }
}
