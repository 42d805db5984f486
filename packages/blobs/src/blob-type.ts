/** What a blob's first bytes say it is. A name or a browser's word for it is only a claim. */

/** Bytes that must be known to tell. */
export const TYPE_BYTES = 16

interface Magic {
  type: string
  /** Bytes at an offset, as Latin letters. */
  parts: readonly (readonly [at: number, text: string])[]
}

/** Pictures and documents that are shown, not run. SVG is not among them: it is a program. */
const magics: readonly Magic[] = [
  { type: 'image/jpeg', parts: [[0, '\xff\xd8\xff']] },
  { type: 'image/png', parts: [[0, '\x89PNG\r\n\x1a\n']] },
  { type: 'image/gif', parts: [[0, 'GIF8']] },
  {
    type: 'image/webp',
    parts: [
      [0, 'RIFF'],
      [8, 'WEBP'],
    ],
  },
  { type: 'image/avif', parts: [[4, 'ftypavif']] },
  { type: 'image/heic', parts: [[4, 'ftypheic']] },
  { type: 'image/heic', parts: [[4, 'ftypheix']] },
  { type: 'image/heic', parts: [[4, 'ftypmif1']] },
  { type: 'application/pdf', parts: [[0, '%PDF-']] },
]

export const BLOB_TYPES: readonly string[] = [...new Set(magics.map(({ type }) => type))]

/** Undefined for none of BLOB_TYPES. */
export function typeOf(head: Uint8Array): string | undefined {
  const letters = String.fromCharCode(...head.subarray(0, TYPE_BYTES))
  return magics.find(({ parts }) => parts.every(([at, text]) => letters.startsWith(text, at)))?.type
}
