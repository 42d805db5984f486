import { ByteReader, ByteWriter } from '@skerry/core'
import { expect, it } from 'vitest'
import { readText, textBytes, textOf, writeText } from './text.ts'

it.each(['', 'a', 'Ärger', '\u{1f6e0}', '\ufeff', '\u0000', '\ud800', 'a\udc00b', '\ud7ff\ue000\uffff'])(
  'S-1: %j is read as it was written',
  (text) => {
    expect(textOf(textBytes(text))).toBe(text)
    const writer = new ByteWriter()
    writeText(writer, text)
    writeText(writer, 'next')
    const reader = new ByteReader(writer.finish())
    expect([readText(reader), readText(reader), reader.remaining]).toEqual([text, 'next', 0])
  },
)

it('what is no text is told', () => {
  expect(textOf({ bytes: new Uint8Array([0xff]), isUtf16: false })).toBeUndefined()
  expect(() => readText(new ByteReader(new Uint8Array([2, 0xff])))).toThrow(/not UTF-8/)
})
