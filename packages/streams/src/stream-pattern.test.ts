import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkProperty } from '../test/check-property.ts'
import { matchesStream } from './stream-pattern.ts'

describe('THR-1: stream patterns', () => {
  it.each([
    ['gw-1/pressure', 'gw-1/pressure', true],
    ['gw-1/pressure', 'gw-1/pressures', false],
    ['gw-1/pressure', 'gw-1', false],
    ['gw-*/pressure', 'gw-17/pressure', true],
    ['gw-*/pressure', 'gw-/pressure', true],
    ['*', 'gw-1', true],
    ['*', 'gw-1/pressure', false],
    ['*/*', 'gw-1/pressure', true],
    ['*a*b', 'xaxbxab', true],
    ['*a*b', 'xaxbxa', false],
    ['**', 'anything', true],
    ['a.c', 'abc', false],
    ['', '', true],
  ])('%j over %j: %s', (pattern, stream, expected) => {
    expect(matchesStream(pattern, stream)).toBe(expected)
  })

  it('agree with the regular expression that they stand for', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 12 })
    checkProperty(
      fc.property(text, text, (pattern, stream) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '[^/]*')}$`)
        expect(matchesStream(pattern, stream)).toBe(expression.test(stream))
      }),
      1_000,
    )
  })

  it('of many stars take no more than pattern × name steps', () => {
    const start = performance.now()
    expect(matchesStream('*a'.repeat(128), 'a'.repeat(127).padEnd(256, 'b'))).toBe(false)
    expect(performance.now() - start).toBeLessThan(1_000)
  })
})
