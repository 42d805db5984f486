/**
 * How much of a message has arrived that is not complete yet. ws takes one `maxPayload` for a socket's whole life and shows nothing before a
 * message is whole, so before authentication a stranger could make it hold MESSAGE_BYTES_MAX. There is no public way to lower the limit of
 * a receiver for a while (`_maxPayload` is private), so bytes are counted as the socket delivers them, and the transport closes when a
 * message that is still unfinished has passed what is allowed now. The count may be short of a chunk (64 KiB), never above the truth by more
 * than the framing.
 */

/** Bytes a WebSocket frame of this length has in front of its content (RFC 6455, 5.2). */
function frameHeaderBytes(length: number, masked: boolean): number {
  return 2 + (length > 65_535 ? 8 : length > 125 ? 2 : 0) + (masked ? 4 : 0)
}

export class Unfinished {
  bytes = 0
  private readonly masked: boolean
  private completed = false

  constructor(masked: boolean) {
    this.masked = masked
  }

  /** A message, ping or pong was complete; called before `arrived` for the chunk in which it ended. */
  complete(length: number): void {
    this.bytes -= length + frameHeaderBytes(length, this.masked)
    this.completed = true
  }

  /** A chunk arrived, and every message that ended in it was told to `complete`. */
  arrived(chunkBytes: number): void {
    this.bytes += chunkBytes
    // The headers of a message in several frames were not subtracted; what is left can only be the end of this chunk.
    if (this.completed) this.bytes = Math.min(this.bytes, chunkBytes)
    this.bytes = Math.max(0, this.bytes)
    this.completed = false
  }
}
