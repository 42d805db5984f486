/** What writing streams can be refused for, as a closed set, besides what a reading itself may have wrong (`SegmentError`). */

/**
 * - `backlog-full`: more than `READINGS_WAITING_MAX` readings are not durable yet; `cause` says why storing failed, if it did
 * - `too-many-streams`: more than `STREAMS_WRITTEN_MAX`
 * - `closed`: written to after `close`
 */
export type StreamsErrorCode = 'backlog-full' | 'too-many-streams' | 'closed'

export class StreamsError extends Error {
  override readonly name = 'StreamsError'
  readonly code: StreamsErrorCode

  constructor(code: StreamsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
