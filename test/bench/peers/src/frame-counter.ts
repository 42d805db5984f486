/** Counts whole WebSocket messages in a stream of frames, however it is cut (RFC 6455, section 5.2). Payloads are skipped, not read. */

const HEAD_BYTES = 2
const MASK_BYTES = 4
/** Opcodes from here on are of control frames. */
const CONTROL = 8

export class FrameCounter {
  messages = 0
  #head = Buffer.alloc(0)
  #payloadLeft = 0

  push(bytes: Buffer): void {
    let rest = bytes
    while (rest.length > 0) {
      const skipped = Math.min(this.#payloadLeft, rest.length)
      this.#payloadLeft -= skipped
      rest = rest.subarray(skipped)
      if (this.#payloadLeft === 0) rest = this.#readHead(rest)
    }
  }

  /** Takes what belongs to the next frame's head; gives what follows. */
  #readHead(bytes: Buffer): Buffer {
    const before = this.#head.length
    const head = Buffer.concat([this.#head, bytes.subarray(0, 14 - before)])
    const needed = headBytesOf(head)
    if (head.length < needed) {
      this.#head = head
      return bytes.subarray(head.length - before)
    }
    this.#head = Buffer.alloc(0)
    this.#payloadLeft = payloadBytesOf(head)
    const first = head[0]!
    if (first >= 0x80 && (first & 0x0f) < CONTROL) this.messages += 1
    return bytes.subarray(needed - before)
  }
}

function headBytesOf(head: Buffer): number {
  if (head.length < HEAD_BYTES) return HEAD_BYTES
  const second = head[1]!
  const short = second & 0x7f
  const extended = short === 127 ? 8 : short === 126 ? 2 : 0
  return HEAD_BYTES + extended + (second >= 0x80 ? MASK_BYTES : 0)
}

function payloadBytesOf(head: Buffer): number {
  const short = head[1]! & 0x7f
  if (short === 127) return Number(head.readBigUInt64BE(HEAD_BYTES))
  return short === 126 ? head.readUInt16BE(HEAD_BYTES) : short
}
