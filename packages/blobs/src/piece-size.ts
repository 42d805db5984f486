/** How much is sent at once: what the line carries in a few seconds, so that edits need not wait and a cut costs little (SPEC.md, BL-32). */
import { PIECE_BYTES_MAX, PIECE_BYTES_MIN, PIECE_MS_GOAL } from './limits.ts'

export class PieceSize {
  #bytes = PIECE_BYTES_MIN

  get bytes(): number {
    return this.#bytes
  }

  /** Milliseconds that a piece took; undefined when it did not arrive. */
  took(ms: number | undefined): void {
    if (ms === undefined || ms > 2 * PIECE_MS_GOAL) this.#bytes = Math.max(PIECE_BYTES_MIN, this.#bytes / 2)
    else if (ms < PIECE_MS_GOAL / 2) this.#bytes = Math.min(PIECE_BYTES_MAX, this.#bytes * 2)
  }
}
