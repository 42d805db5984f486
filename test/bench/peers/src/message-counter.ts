/**
 * Counts the messages of one direction of a connection from its bytes: whole WebSocket messages after an upgrade; requests or answers of plain HTTP otherwise.
 * Pings, pongs and closes are no messages, nor is the upgrade.
 */
import { FrameCounter } from './frame-counter.ts'

/** Each head of a request and of an answer has it once; the records have it nowhere. */
const HEAD_SIGN = 'HTTP/1.1'
const HEAD_END = '\r\n\r\n'
/** Bytes: what Node accepts of a head. */
const HEAD_BYTES_MAX = 16 * 1024

export class MessageCounter {
  #messages = 0
  #frames: FrameCounter | undefined
  /** Of the first head, until it has ended. */
  #head: string | undefined = ''
  /** The last characters, in which a sign may have begun. */
  #tail = ''

  get messages(): number {
    return this.#frames?.messages ?? this.#messages
  }

  push(bytes: Buffer): void {
    if (this.#frames) this.#frames.push(bytes)
    else this.#readHttp(bytes.toString('latin1'))
  }

  #readHttp(text: string): void {
    this.#countSigns(text)
    if (this.#head !== undefined) this.#readHead(text)
  }

  #countSigns(text: string): void {
    const seen = this.#tail + text
    this.#messages += seen.split(HEAD_SIGN).length - 1
    this.#tail = seen.slice(1 - HEAD_SIGN.length)
  }

  #readHead(text: string): void {
    const head = this.#head + text
    const end = head.indexOf(HEAD_END)
    this.#head = end === -1 && head.length < HEAD_BYTES_MAX ? head : undefined
    if (end === -1 || !/^upgrade: *websocket\r$/im.test(head.slice(0, end + 1))) return
    this.#frames = new FrameCounter()
    this.#frames.push(Buffer.from(head.slice(end + HEAD_END.length), 'latin1'))
  }
}
