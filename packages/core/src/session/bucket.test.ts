import { describe, expect, it } from 'vitest'
import { Bucket } from './bucket.ts'

const rate = { perSecond: 10, burst: 100 }

describe('B1: a bucket', () => {
  it('allows its burst at once, and the next only when what is owed has come in again', () => {
    const bucket = new Bucket(rate)
    bucket.spend(100, 0)
    expect(bucket.waitMs(0)).toBe(0)
    bucket.spend(1, 0)
    expect(bucket.waitMs(0)).toBe(100)
    expect(bucket.waitMs(99)).toBe(1)
    expect(bucket.waitMs(100)).toBe(0)
  })

  it('fills up to its burst and no further', () => {
    const bucket = new Bucket(rate)
    bucket.spend(100, 0)
    expect(bucket.isFull(9_999)).toBe(false)
    expect(bucket.isFull(10_000)).toBe(true)
    bucket.spend(101, 1_000_000)
    expect(bucket.waitMs(1_000_000)).toBe(100)
    bucket.earn(1_000)
    bucket.spend(100, 1_000_000)
    expect(bucket.waitMs(1_000_000)).toBe(0)
  })

  it('T3: a clock that steps back neither gives nor takes, and what is owed is paid from there', () => {
    const bucket = new Bucket(rate)
    bucket.spend(110, 3_600_000)
    expect(bucket.waitMs(0)).toBe(1000)
    expect(bucket.waitMs(500)).toBe(500)
    expect(bucket.waitMs(1000)).toBe(0)
  })
})
