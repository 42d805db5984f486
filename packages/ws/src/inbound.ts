/**
 * The receiving half that both transports share: nothing is delivered before `bind`, a message above the limit ends the transport, an empty
 * message is a beat and not the session's, and `closed` is told exactly once and after every message.
 */
import type { TransportEvents } from '@skerry/core'
import { CLOSE_TOO_LARGE } from './close-code.ts'
import { HANDSHAKE_MESSAGE_BYTES_MAX, MESSAGE_BYTES_MAX } from './limits.ts'

export class Inbound {
  /** Bytes; messages above end the transport. */
  messageBytesMax = HANDSHAKE_MESSAGE_BYTES_MAX
  private readonly refuse: (code: number, reason: string) => void
  private events: TransportEvents | undefined
  /** Arrived before `bind`, at most HANDSHAKE_MESSAGE_BYTES_MAX bytes together. */
  private early: Uint8Array[] = []
  private earlyBytes = 0
  private flushed = false
  private ended: { code: number; reason: string } | undefined

  constructor(refuse: (code: number, reason: string) => void) {
    this.refuse = refuse
  }

  get open(): boolean {
    return this.ended === undefined
  }

  allow(bytesMax: number): void {
    this.messageBytesMax = Math.min(bytesMax, MESSAGE_BYTES_MAX)
  }

  bind(events: TransportEvents): void {
    if (this.events) throw new Error('bind: this transport was bound before; a transport carries one session')
    this.events = events
    queueMicrotask(() => this.flush())
  }

  /** @returns true when it was a beat */
  message(bytes: Uint8Array): boolean {
    if (!this.open) return false
    if (bytes.length === 0) return true
    if (bytes.length > this.messageBytesMax)
      this.refuse(CLOSE_TOO_LARGE, `message of ${bytes.length} bytes, at most ${this.messageBytesMax} now`)
    else if (this.flushed) this.events?.message(bytes)
    else this.keep(bytes)
    return false
  }

  drained(): void {
    if (this.open && this.flushed) this.events?.drained()
  }

  /** The first call counts. */
  end(code: number, reason: string): void {
    if (this.ended) return
    this.ended = { code, reason }
    if (this.flushed) queueMicrotask(() => this.events?.closed(code, reason))
  }

  private keep(bytes: Uint8Array): void {
    this.earlyBytes += bytes.length
    if (this.earlyBytes > HANDSHAKE_MESSAGE_BYTES_MAX)
      this.refuse(
        CLOSE_TOO_LARGE,
        `${this.earlyBytes} bytes before a session began, at most ${HANDSHAKE_MESSAGE_BYTES_MAX}`,
      )
    else this.early.push(bytes)
  }

  private flush(): void {
    for (const bytes of this.early) if (this.open) this.events?.message(bytes)
    this.early = []
    this.flushed = true
    if (this.ended) this.events?.closed(this.ended.code, this.ended.reason)
  }
}
