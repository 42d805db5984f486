/** The primitives of packages/core/src/log/SPEC.md, read by somebody who has that page and nothing else: nothing here is shared with the code. */
export class Fields {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  raw(length: number): Uint8Array {
    if (length > this.left) throw new Error(`${length} bytes at ${this.#at}, and ${this.left} are left`)
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  u8(): number {
    return this.raw(1)[0]!
  }

  varint(): number {
    const start = this.#at
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = this.u8()
      value += (byte & 127) * scale
      if (value > Number.MAX_SAFE_INTEGER) throw new Error(`a varint at ${start} above 2^53 - 1`)
      if (byte >= 128) continue
      if (byte === 0 && this.#at - start > 1) throw new Error(`a varint at ${start} that is spelled too long`)
      return value
    }
  }

  bytes(): Uint8Array {
    return this.raw(this.varint())
  }

  string(): string {
    return new TextDecoder('utf-8', { fatal: true }).decode(this.bytes())
  }

  hex(length: number): string {
    return Buffer.from(this.raw(length)).toString('hex')
  }

  list<T>(one: () => T): T[] {
    return Array.from({ length: this.varint() }, one)
  }

  /** Nothing may follow the last field. */
  done<T>(value: T): T {
    if (this.left > 0) throw new Error(`${this.left} bytes after the last field`)
    return value
  }
}

/** Each part as the page says it is written. */
export const written = {
  varint(value: number): Uint8Array {
    const bytes: number[] = []
    for (let left = value; ; left = Math.floor(left / 128)) {
      if (left < 128) return Uint8Array.from([...bytes, left])
      bytes.push((left % 128) + 128)
    }
  },
  bytes: (content: Uint8Array) => Buffer.concat([written.varint(content.length), content]),
  string: (text: string) => written.bytes(Buffer.from(text)),
}
