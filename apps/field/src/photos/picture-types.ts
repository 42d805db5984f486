/** What is taken as a photo: the kinds of picture that every browser shows. HEIC is none of them, and a document is no picture. */
export const PICTURE_TYPES: readonly string[] = [
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/webp',
  'image/avif',
]
