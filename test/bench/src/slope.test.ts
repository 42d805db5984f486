import { expect, it } from 'vitest'
import { slope } from './slope.ts'

it('is that of the line through the points, and of the closest one when they are on none', () => {
  expect(
    slope([
      [0, 1],
      [1, 3],
      [3, 7],
    ]),
  ).toBeCloseTo(2)
  expect(
    slope([
      [0, 0],
      [1, 2],
      [2, 1],
      [3, 3],
    ]),
  ).toBeCloseTo(0.8)
})

it('is 0 where there is no line', () => {
  expect(slope([[5, 5]])).toBe(0)
  expect(slope([])).toBe(0)
})
