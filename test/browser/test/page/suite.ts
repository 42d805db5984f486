/** A suite as any package writes it, here run in a page. */
import '@skerry/browser-test/page/suite'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'

const seen: string[] = []

describe('a group', () => {
  beforeEach<{ made: number }>((context) => {
    context.made = 7
    return () => void seen.push('torn down')
  })

  describe('within it', () => {
    it<{ made: number }>('gets what was made for it', ({ made }) => {
      onTestFinished(() => void seen.push('finished'))
      expect(made).toBe(7)
      expect(location.protocol).toBe('http:')
    })
  })

  it('finds that the one before was cleared away', () => {
    expect(seen).toEqual(['finished', 'torn down'])
  })

  it.each([
    [1, 2],
    [3, 4],
  ])('compares as vitest does', async (left, right) => {
    expect({ left, right }).toEqual({ left: expect.any(Number), right: left + 1 })
    await expect(Promise.reject(new RangeError('above 2'))).rejects.toThrow(/above/)
  })
})

it('fails here', () => {
  expect([1, 2]).toEqual([1, 3])
})
