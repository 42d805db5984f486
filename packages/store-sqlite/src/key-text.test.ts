import { describe, expect, it } from 'vitest'
import { afterPrefix, fromKeyText, toKeyText } from './key-text.ts'

const units = [
  '\u0000',
  'a',
  '~',
  '\ud7fe',
  '\ud7ff',
  '\ud800',
  '\udbff',
  '\udc00',
  '\udfff',
  '\ue000',
  '\uffff',
]
const keys = units.flatMap((first) =>
  ['', ...units].flatMap((second) => ['', 'z'].map((third) => first + second + third)),
)

/** As SQLite compares: bytes of UTF-8. */
const byUtf8 = (left: string, right: string) => Buffer.compare(Buffer.from(left), Buffer.from(right))

describe('key text', () => {
  it('comes back as it was, also through UTF-8', () => {
    for (const key of keys) {
      expect(fromKeyText(toKeyText(key))).toBe(key)
      expect(Buffer.from(toKeyText(key)).toString()).toBe(toKeyText(key))
    }
  })

  it('leaves keys of common characters as they are', () => {
    for (const key of ['', 'job/1', 'région:nord', '日本']) expect(toKeyText(key)).toBe(key)
  })

  it('has in UTF-8 the order that the keys have in code units', () => {
    const ordered = keys.toSorted((left, right) => (left < right ? -1 : 1))
    expect(ordered.map(toKeyText).toSorted(byUtf8).map(fromKeyText)).toEqual(ordered)
  })

  it('keeps prefixes, and afterPrefix stands above all that start so and below the rest', () => {
    for (const prefix of keys) {
      for (const key of keys) {
        const text = toKeyText(key)
        const isWithin =
          byUtf8(text, toKeyText(prefix)) >= 0 && byUtf8(text, afterPrefix(toKeyText(prefix))) < 0
        expect(isWithin).toBe(key.startsWith(prefix))
      }
    }
  })
})
