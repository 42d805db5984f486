/** Texts as bytes, whatever is in them (rule S-1): keys are compared by UTF-16 code units, and UTF-8 has no lone surrogates. */
import { type ByteReader, type ByteWriter, decodeUtf8, encodeUtf8 } from '@skerry/core'

export interface TextBytes {
  bytes: Uint8Array
  isUtf16: boolean
}

export function textBytes(text: string): TextBytes {
  if (text.isWellFormed()) return { bytes: encodeUtf8(text), isUtf16: false }
  const bytes = new Uint8Array(2 * text.length)
  const view = new DataView(bytes.buffer)
  for (let at = 0; at < text.length; at += 1) view.setUint16(2 * at, text.charCodeAt(at), true)
  return { bytes, isUtf16: true }
}

/** Undefined where these are not the bytes of a text. */
export function textOf({ bytes, isUtf16 }: TextBytes): string | undefined {
  if (!isUtf16) return decodeUtf8(bytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let text = ''
  for (let at = 0; at + 1 < bytes.length; at += 2) text += String.fromCharCode(view.getUint16(at, true))
  return text
}

export function writeText(writer: ByteWriter, text: string): void {
  const { bytes, isUtf16 } = textBytes(text)
  writer.varint(2 * bytes.length + (isUtf16 ? 1 : 0)).raw(bytes)
}

export function readText(reader: ByteReader): string {
  const sized = reader.varint()
  const isUtf16 = sized % 2 === 1
  const text = textOf({ bytes: reader.raw((sized - (isUtf16 ? 1 : 0)) / 2), isUtf16 })
  if (text === undefined) throw new RangeError(`a text in a head, ending at ${reader.offset}, is not UTF-8`)
  return text
}

/** Many texts, read far quicker than one by one: their lengths in code units, and one text of all. */
export function writeTexts(writer: ByteWriter, texts: readonly string[]): void {
  writer.varint(texts.length)
  for (const text of texts) writer.varint(text.length)
  writeText(writer, texts.join(''))
}

export function readTexts(reader: ByteReader): string[] {
  const lengths: number[] = []
  for (let left = reader.varint(); left > 0; left -= 1) lengths.push(reader.varint())
  const all = readText(reader)
  let at = 0
  return lengths.map((length) => {
    at += length
    return all.slice(at - length, at)
  })
}
