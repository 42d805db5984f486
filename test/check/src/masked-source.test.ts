import { describe, expect, test } from 'vitest'
import { maskSource } from './masked-source.ts'

/** `§` stands for the dollar sign: a plain string that looks like a template is a lint warning. */
const dollars = (text: string): string => text.replaceAll('§', '$')

describe('maskSource', () => {
  test('keeps length and line breaks in all three texts', () => {
    const source = dollars("/* a\n b */ const x = 'y' // z\n`t\n§{x}`")
    for (const text of Object.values(maskSource(source))) {
      expect(text.length).toBe(source.length)
      expect(text.split('\n').length).toBe(source.split('\n').length)
    }
  })

  test.each([
    ["a('x // y')", "a('      ')"],
    ['a("it\\"s") + b', 'a("     ") + b'],
    ["a /* 'b */ + c", 'a          + c'],
    ['`x §{y + `in §{z}`} w` + v', '`  §{y + `   §{z}`}  ` + v'],
    ['`§{{ a: 1 }}x`+b', '`§{{ a: 1 }} `+b'],
    ["x = /['\"]/.test(y) + 'z'", "x =       .test(y) + ' '"],
    ['x = a / b / c', 'x = a / b / c'],
    ["return /[/']/g", 'return        '],
    ["x[0] / 2 + 'a'", "x[0] / 2 + ' '"],
  ])('reads %s', (source, code) => {
    expect(maskSource(dollars(source)).code).toBe(dollars(code))
  })

  test('a quote that is never closed ends with its line', () => {
    expect(maskSource("<p>Don't</p>\nimport 'x'").code).toBe("<p>Don'     \nimport ' '")
  })

  test('comments keep only comments, and commented keeps both without strings', () => {
    const source = "a('// no') // yes"
    expect(maskSource(source).comments).toBe('           // yes')
    expect(maskSource(source).commented).toBe("a('     ') // yes")
  })
})
