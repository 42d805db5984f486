import { describe, expect, test } from 'vitest'
import { nearest } from './nearest.ts'

describe('nearest', () => {
  test.each([
    ['prot', 'port'],
    ['Port', 'port'],
    ['stroe', 'store'],
    ['trustedProxy', 'trustedProxies'],
    ['colections', 'collections'],
  ])('%s probably means %s', (word, meant) => {
    expect(nearest(word, ['port', 'store', 'trustedProxies', 'collections'])).toBe(meant)
  })

  test('what is far from everything means nothing', () => {
    expect(nearest('telemetry', ['port', 'store'])).toBeUndefined()
    expect(nearest('x', [])).toBeUndefined()
  })
})
