import { describe, expect, it } from 'vitest'
import { Arrivals } from './arrivals.ts'

describe('arrivals', () => {
  it('of an edit are awaited until each record has that mark', async () => {
    const arrivals = new Arrivals()
    const told = arrivals.of([1, 2], 7)
    arrivals.heard(1, 7)
    arrivals.heard(2, 6)
    arrivals.heard(3, 7)
    expect(told.missing).toBe(1)
    arrivals.heard(2, 7)
    await told.all
    expect(told.missing).toBe(0)
  })

  it('that came before count', async () => {
    const arrivals = new Arrivals()
    arrivals.heard(1, 7)
    await arrivals.of([1], 7).all
    await arrivals.of([], 8).all
    await arrivals.all(1)
  })

  it('of all are of so many different records', async () => {
    const arrivals = new Arrivals()
    let came = false
    const all = arrivals.all(2).then(() => {
      came = true
    })
    arrivals.heard(1, 0)
    arrivals.heard(1, 1)
    await Promise.resolve()
    expect(came).toBe(false)
    arrivals.heard(2, 0)
    await all
  })

  it('may have ended', async () => {
    const arrivals = new Arrivals()
    expect(await arrivals.more(1)).toBe(false)
    const more = arrivals.more(10_000)
    arrivals.heard(1, 0)
    expect(await more).toBe(true)
  })
})
