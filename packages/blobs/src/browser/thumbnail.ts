/** A small picture of a picture, made off the page: in a worker too. */
import { BlobError } from '../blob-error.ts'
import { THUMBNAIL_TYPE } from '../blob-ref.ts'
import { THUMBNAIL_PIXELS_MAX } from '../limits.ts'
import { hasJpegFrame } from './jpeg-frame.ts'

/** Between a photo that looks well at that size and its bytes: some 20 KB. */
const QUALITY = 0.8

/** As a JPEG; undefined for what this browser cannot read (HEIC, mostly) and for what is no picture. @throws BlobError `unreadable` for a JPEG in which there is none */
export async function thumbnailOf(
  picture: Uint8Array<ArrayBuffer>,
  type: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (!type.startsWith('image/')) return undefined
  const bitmap = await createImageBitmap(new Blob([picture], { type })).catch(() => undefined)
  if (!bitmap) {
    if (type === 'image/jpeg' && !hasJpegFrame(picture))
      throw new BlobError(
        'unreadable',
        'this file begins as a JPEG, and there is no picture in it: it is damaged',
      )
    return undefined
  }
  try {
    const scale = Math.min(1, THUMBNAIL_PIXELS_MAX / Math.max(bitmap.width, bitmap.height))
    const canvas = new OffscreenCanvas(
      Math.max(1, Math.round(bitmap.width * scale)),
      Math.max(1, Math.round(bitmap.height * scale)),
    )
    const context = canvas.getContext('2d')
    if (!context) return undefined
    // A signature is ink on nothing; JPEG has no nothing, and would show black.
    context.fillStyle = 'white'
    context.fillRect(0, 0, canvas.width, canvas.height)
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
    const small = await canvas.convertToBlob({ type: THUMBNAIL_TYPE, quality: QUALITY })
    return new Uint8Array(await small.arrayBuffer())
  } finally {
    bitmap.close()
  }
}
