import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { comparePositions, isPosition, POSITION_LENGTH_MAX, positionBetween } from './position.ts'
import { PROPERTY } from './things.test-support.ts'

const place = fc.stringMatching(/^[0-9A-Za-z]{0,6}[1-9A-Za-z]$/).filter((text) => isPosition(text))

describe('R-31: places', () => {
  test('between any two places there is one, with the one spelling', () => {
    fc.assert(
      fc.property(fc.option(place, { nil: '' }), fc.option(place, { nil: undefined }), (a, b) => {
        const [before, after] = b !== undefined && a > b ? [b, a] : [a, b]
        if (before === after) return
        const between = positionBetween(before, after)
        expect(isPosition(between)).toBe(true)
        expect(comparePositions(before, between)).toBe(-1)
        if (after !== undefined) expect(comparePositions(between, after)).toBe(-1)
      }),
      { ...PROPERTY, numRuns: 1000 },
    )
  })

  test('rows inserted anywhere, in any order, keep the order they were given', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 200 }), (picks) => {
        const places: string[] = []
        for (const pick of picks) {
          const at = pick % (places.length + 1)
          places.splice(at, 0, positionBetween(places[at - 1] ?? '', places[at]))
        }
        expect([...places].sort(comparePositions)).toEqual(places)
        expect(new Set(places).size).toBe(places.length)
      }),
      PROPERTY,
    )
  })

  const inserted = (times: number, next: (places: string[]) => [index: number, between: string]) => {
    const places: string[] = []
    for (let i = 0; i < times; i++) {
      const [index, between] = next(places)
      places.splice(index, 0, between)
    }
    expect([...places].sort(comparePositions)).toEqual(places)
    return Math.max(...places.map((one) => one.length))
  }

  test('places stay short: a thousand rows at the end, at the start, at one place in the middle', () => {
    expect(inserted(1000, (all) => [all.length, positionBetween(all.at(-1) ?? '', undefined)])).toBeLessThan(
      20,
    )
    expect(inserted(1000, (all) => [0, positionBetween('', all[0])])).toBeLessThan(20)
    const always = (at: (all: string[]) => number) =>
      inserted(1000, (all) => [at(all), positionBetween(all[at(all) - 1] ?? '', all[at(all)])])
    expect(always((all) => Math.min(1, all.length))).toBeLessThan(210)
    expect(always((all) => Math.max(0, all.length - 1))).toBeLessThan(210)
  })

  test.each([
    ['A', 'A'],
    ['B', 'A'],
    ['A', ''],
  ])('there is none after %j and before %j', (before, after) => {
    expect(() => positionBetween(before, after)).toThrow(RangeError)
  })

  test.each(['', '0', 'A0', '00', 'a b', '~', 'é', '-1', 'true0', 'A'.repeat(POSITION_LENGTH_MAX + 1)])(
    'R-32: %j is no place',
    (text) => {
      expect(isPosition(text)).toBe(false)
    },
  )

  test('R-32: a place may be as long as the limit', () => {
    expect(isPosition('A'.repeat(POSITION_LENGTH_MAX))).toBe(true)
  })
})
