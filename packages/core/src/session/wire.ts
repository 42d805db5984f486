/**
 * A session's end of its transport: counts, refuses what is too large before it is looked at, cuts off a peer that asks and never reads,
 * and says BYE once (E1).
 */
import { closeReason, type Farewell, problemOf } from './ending.ts'
import { HANDSHAKE_MESSAGE_BYTES_MAX, MESSAGE_BYTES_MAX, UNREAD_BYTES_MAX } from './limits.ts'
import { type ControlName, encodeMessage, type MessageName, type MessageOf } from './messages.ts'
import { ProtocolError } from './port.ts'
import type { Transport, TransportEvents } from './transport.ts'

export interface Counters {
  bytesIn: number
  bytesOut: number
  messagesIn: number
  messagesOut: number
  /** Entries made durable or recognised here, and refused ones. */
  entriesIn: number
  /** Entries sent; not those that were left out because the peer has them. */
  entriesOut: number
  /** Presences sent and received, and those of them that were dropped. */
  presencesOut: number
  presencesIn: number
  presencesDropped: number
  /** Audits that were done from here. */
  audits: number
  /** Records that audits found to differ though nothing under way explained it. */
  diverged: number
  /** Milliseconds in which the peer was over its budget, and nothing of it was delivered. */
  slowedMs: number
}

export class Wire {
  readonly counters: Counters = {
    bytesIn: 0,
    bytesOut: 0,
    messagesIn: 0,
    messagesOut: 0,
    entriesIn: 0,
    entriesOut: 0,
    presencesOut: 0,
    presencesIn: 0,
    presencesDropped: 0,
    audits: 0,
    diverged: 0,
    slowedMs: 0,
  }
  readonly #transport: Transport
  readonly #said: (name: MessageName) => void
  #messageBytesMax = HANDSHAKE_MESSAGE_BYTES_MAX

  /** `said` hears of each message sent. */
  constructor(transport: Transport, said: (name: MessageName) => void) {
    this.#transport = transport
    this.#said = said
  }

  get bufferedBytes(): number {
    return this.#transport.bufferedBytes
  }

  start(events: TransportEvents): void {
    this.#transport.bind(events)
    this.#transport.allowMessageBytes(this.#messageBytesMax)
  }

  /** Large messages may come from here on. */
  open(): void {
    this.#messageBytesMax = MESSAGE_BYTES_MAX
    this.#transport.allowMessageBytes(MESSAGE_BYTES_MAX)
  }

  /** @throws ProtocolError frame-too-large */
  received(message: Uint8Array): void {
    this.counters.messagesIn += 1
    this.counters.bytesIn += message.length
    if (message.length > this.#messageBytesMax) {
      throw new ProtocolError(
        'frame-too-large',
        `a message of ${message.length} bytes, limit ${this.#messageBytesMax}`,
      )
    }
  }

  /** @throws ProtocolError too-many when the peer does not read */
  send<N extends ControlName>(message: MessageOf<N>): void {
    const waiting = this.#transport.bufferedBytes
    if (waiting > UNREAD_BYTES_MAX) {
      throw new ProtocolError(
        'too-many',
        `${waiting} bytes wait for a peer that does not read, limit ${UNREAD_BYTES_MAX}`,
      )
    }
    this.#said(message.type)
    this.#put(encodeMessage(message))
  }

  sendFrame(message: Uint8Array, entries: number): void {
    this.counters.entriesOut += entries
    this.#said('frame')
    this.#put(message)
  }

  /** Says why, and closes. */
  end(goodbye: Farewell): void {
    this.#put(encodeMessage({ type: 'bye', code: goodbye.code, problem: problemOf(goodbye) }))
    this.close(goodbye.closeCode, goodbye.code)
  }

  close(closeCode: number, reason: string): void {
    this.#transport.close(closeCode, closeReason(reason))
  }

  #put(message: Uint8Array): void {
    this.counters.messagesOut += 1
    this.counters.bytesOut += message.length
    this.#transport.send(message)
  }
}
