import { expect, test } from 'vitest'
import { BLOB_TYPES, typeOf } from './blob-type.ts'

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0))

test.each([
  ['image/jpeg', '\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01'],
  ['image/png', '\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR'],
  ['image/gif', 'GIF89a'],
  ['image/webp', 'RIFF\x24\x00\x00\x00WEBPVP8 '],
  ['image/avif', '\x00\x00\x00\x20ftypavif'],
  ['image/heic', '\x00\x00\x00\x18ftypheic'],
  ['application/pdf', '%PDF-1.7'],
])('BL-20: %s is known by its first bytes', (type, head) => {
  expect(typeOf(bytes(head))).toBe(type)
  expect(BLOB_TYPES).toContain(type)
})

test.each([
  '',
  'GIF',
  '<svg xmlns="http://www.w3.org/2000/svg">',
  'MZ\x90\x00',
  'RIFF\x24\x00\x00\x00WAVE',
  'PK\x03\x04',
])('BL-20: %j is none of those taken', (head) => expect(typeOf(bytes(head))).toBeUndefined())
