import { collection, keyed } from '@skerry/core'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { blobRef, formatRef, parseRef, refersTo } from './blob-ref.ts'
import { REF_LENGTH_MAX } from './limits.ts'

const sha256 = 'ab'.repeat(32)
const other = 'cd'.repeat(32)
const full = {
  sha256,
  bytes: 4_711,
  type: 'image/jpeg',
  name: 'Mast & "Süd" 100 %?.jpg',
  thumbnail: { sha256: other, bytes: 900 },
}

test('BL-1: a reference says what it was made of, and stands in every shape of a record', () => {
  expect(parseRef(formatRef(full))).toEqual(full)
  const bare = { sha256, bytes: 1, type: 'application/pdf' }
  expect(parseRef(formatRef(bare))).toEqual(bare)
  const orders = collection(
    'orders',
    z.object({
      signature: blobRef().optional(),
      photos: keyed('id', z.object({ id: z.string(), photo: blobRef() })),
      plans: z.array(blobRef()),
    }),
  )
  const value = {
    signature: formatRef(full),
    photos: [{ id: 'a', photo: formatRef(bare) }],
    plans: [formatRef(bare)],
  }
  expect(orders.parse(value)).toMatchObject({ value })
  expect(orders.parse({ ...value, signature: 'blob:sha256:ab' })).toHaveProperty('issues')
})

test.each([
  ['', 'nothing'],
  ['blob:sha256:', 'no hash'],
  [`blob:sha256:${sha256}`, 'no size'],
  [`blob:sha256:${sha256}?bytes=0&type=image/jpeg`, 'no bytes'],
  [`blob:sha256:${sha256}?bytes=-1&type=image/jpeg`, 'less than none'],
  [`blob:sha256:${sha256}?bytes=1e3&type=image/jpeg`, 'another way to write a number'],
  [`blob:sha256:${sha256}?bytes=1`, 'no type'],
  [`blob:sha256:${sha256.toUpperCase()}?bytes=1&type=image/jpeg`, 'another way to write the hash'],
  [`blob:sha256:${sha256}?bytes=1&type=<script>`, 'no type that is one'],
  [`${formatRef(full)}&name=${'x'.repeat(REF_LENGTH_MAX)}`, 'too long'],
])('BL-1: %s is no reference (%s)', (text) => {
  expect(parseRef(text)).toBeUndefined()
})

test('BL-1: a name that is too long is cut, so that every reference is one', () => {
  const ref = formatRef({ ...full, name: 'ü'.repeat(5_000) })
  expect(ref.length).toBeLessThanOrEqual(REF_LENGTH_MAX)
  expect(parseRef(ref)).toMatchObject({ sha256, thumbnail: full.thumbnail })
})

test('BL-2: a blob is found at any depth, as itself and as a thumbnail; what only mentions its hash does not refer to it', () => {
  const view = { a: [{ b: { c: formatRef(full) } }], notes: `see ${sha256}` }
  expect(refersTo(view, sha256)).toEqual({ bytes: 4_711, type: 'image/jpeg' })
  expect(refersTo(view, other)).toEqual({ bytes: 900, type: 'image/jpeg' })
  expect(refersTo({ notes: `see ${sha256}`, x: null, n: 7 }, sha256)).toBeUndefined()
  expect(refersTo({ notes: `blob:sha256:${other}?bytes=1&type=a/b&name=${sha256}` }, sha256)).toBeUndefined()
})
