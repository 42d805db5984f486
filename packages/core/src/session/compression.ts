/**
 * Whether to deflate a frame. Small changes together shrink five times, so bodies of a few KiB always are; large ones only on a line that
 * is slower than deflating. The speed of the line is what the peer acknowledged per millisecond while it had something to acknowledge.
 */
import * as limit from './limits.ts'

export function shouldDeflate(bodyBytes: number, lineIsSlow: boolean): boolean {
  if (bodyBytes < limit.DEFLATE_BYTES_MIN) return false
  return bodyBytes <= limit.DEFLATE_ALWAYS_BYTES_MAX || lineIsSlow
}

/** Measures a line. Times are milliseconds of any clock; a clock that steps back costs a sample, nothing else. */
export class LineSpeed {
  #bytes = 0
  #busyMs = 0
  #since: number | undefined

  /** Data went out. */
  sent(nowMs: number): void {
    this.#since ??= nowMs
  }

  /** So many bytes were acknowledged; `idle` when nothing more is under way. */
  acknowledged(bytes: number, nowMs: number, idle: boolean): void {
    this.#bytes += bytes
    this.#busyMs += Math.max(0, nowMs - (this.#since ?? nowMs))
    this.#since = idle ? undefined : nowMs
    if (this.#bytes > limit.LINE_SAMPLE_BYTES_MAX) {
      this.#bytes /= 2
      this.#busyMs /= 2
    }
  }

  get isSlow(): boolean {
    return (
      this.#bytes >= limit.LINE_SAMPLE_BYTES_MIN && this.#bytes < this.#busyMs * limit.SLOW_LINE_BYTES_PER_MS
    )
  }
}
