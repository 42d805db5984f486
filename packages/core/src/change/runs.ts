// Walks one run-length encoded column, run by run, and refuses every spelling but the one Automerge itself
// writes.
//
//   n > 1   n times the value that follows          n < 0   -n values, no neighbours equal
//   n = 0   as many nulls as the number that follows
//
// Two reasons. A run of millions costs three bytes: whoever writes out rows before adding up runs is at the
// sender's mercy. And a document does not keep a change's columns, it encodes them anew when it is loaded: a
// change in any other spelling is accepted, gets another hash on loading, and makes the saved record
// unloadable ("mismatching heads", measured on 3.5.0 with one split run in 90 bytes).

import { ByteReader } from '../bytes/reader.ts'
import { ChangeRefused } from './refused.ts'

/** How a column writes one value. */
export type RunValue = 'unsigned' | 'signed' | 'text'

/**
 * Stands on one run after each `next()` that returns true. For 'text', `value` is the offset of the first
 * byte and `byteLength` its size. Throws `ChangeRefused` 'not-canonical' or 'malformed', `BytesError` where
 * the bytes end.
 */
export class RunCursor {
  value = 0
  byteLength = 0
  isNull = false
  /** Rows this run stands for. */
  count = 0
  /** False until a value was seen: a column of nulls only is left out by an honest encoder. */
  hasValue = false

  readonly #bytes: Uint8Array
  readonly #reader: ByteReader
  readonly #kind: RunValue
  #literalsLeft = 0
  #afterLiteral = false
  #started = false

  constructor(kind: RunValue, bytes: Uint8Array, start: number, end: number) {
    this.#kind = kind
    this.#bytes = bytes
    this.#reader = new ByteReader(bytes, start, end)
  }

  next(): boolean {
    if (this.#literalsLeft > 0) {
      this.#literalsLeft--
      this.#readValue()
      return true
    }
    if (this.#reader.remaining === 0) return false
    const header = this.#reader.signedVarint()
    if (header === 0) this.#readNulls()
    else if (header > 0) this.#readRepeated(header)
    else this.#readLiterals(-header)
    return true
  }

  #readNulls(): void {
    if (this.#started && this.isNull) throw this.#notCanonical('nulls after nulls')
    this.count = this.#reader.varint()
    if (this.count === 0) throw this.#notCanonical('a run of no nulls')
    this.isNull = true
    this.#started = true
    this.#afterLiteral = false
  }

  #readRepeated(count: number): void {
    if (count === 1) throw this.#notCanonical('a run of one')
    this.#readValue()
    this.count = count
    this.#afterLiteral = false
  }

  #readLiterals(count: number): void {
    if (this.#afterLiteral) throw this.#notCanonical('literals after literals')
    this.#literalsLeft = count - 1
    this.#readValue()
    this.#afterLiteral = true
  }

  /** Reads one value and compares it with the one before. */
  #readValue(): void {
    const comparable = this.#started && !this.isNull
    const previous = this.value
    const previousLength = this.byteLength
    if (this.#kind === 'text') {
      this.byteLength = this.#reader.varint()
      this.value = this.#reader.offset
      this.#reader.skip(this.byteLength)
    } else {
      this.value = this.#kind === 'unsigned' ? this.#reader.varint() : this.#reader.signedVarint()
    }
    if (comparable && this.#equals(previous, previousLength))
      throw this.#notCanonical('a value equal to the one before')
    this.count = 1
    this.isNull = false
    this.hasValue = true
    this.#started = true
  }

  #equals(previous: number, previousLength: number): boolean {
    if (this.#kind !== 'text') return this.value === previous
    if (this.byteLength !== previousLength) return false
    for (let i = 0; i < previousLength; i++)
      if (this.#bytes[this.value + i] !== this.#bytes[previous + i]) return false
    return true
  }

  #notCanonical(what: string): ChangeRefused {
    return new ChangeRefused(
      'not-canonical',
      `column at offset ${this.#reader.offset}: ${what}, Automerge writes it differently`,
    )
  }
}
