/**
 * The transport port: delivers whole messages in order until it breaks. A WebSocket is one, two queues in memory are another.
 * Reconnecting, back-off, heartbeats and TLS belong to the transport's package; a session lives on one transport and ends with it.
 */
export interface Transport {
  /** Queue a message. Never throws; after close it is dropped. */
  send(message: Uint8Array): void
  /** Bytes queued here and not yet handed to the network; the session stops sending data above SEND_BUFFER_BYTES_MAX. */
  readonly bufferedBytes: number
  /** Called once, before anything is delivered. `drained` is called when `bufferedBytes` fell. */
  bind(events: TransportEvents): void
  /** Ends the link. `code` is a WebSocket close code (4000–4999 are ours, see SPEC.md), `reason` at most 123 bytes of UTF-8. */
  close(code: number, reason: string): void
  /** From now on messages up to this size are accepted (before a session is authenticated the transport allows fewer). */
  allowMessageBytes(bytesMax: number): void
}

export interface TransportEvents {
  message(bytes: Uint8Array): void
  drained(): void
  /** Called exactly once, also after our own `close`. */
  closed(code: number, reason: string): void
}
