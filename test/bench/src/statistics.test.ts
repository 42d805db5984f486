import { describe, expect, it } from 'vitest'
import { median, percentile } from './statistics.ts'

describe('median', () => {
  it('is the middle value, of an even number the mean of the middle two', () => {
    expect(median([10, 9, 100])).toBe(10)
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(() => median([])).toThrow(RangeError)
  })
})

describe('percentile', () => {
  it('is the smallest value that so many do not exceed', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i)
    expect(percentile(hundred, 0.5)).toBe(50)
    expect(percentile(hundred, 0.99)).toBe(99)
    expect(percentile(hundred, 1)).toBe(100)
    expect(percentile([7], 0.01)).toBe(7)
    expect(() => percentile([], 0.5)).toThrow(RangeError)
  })
})
