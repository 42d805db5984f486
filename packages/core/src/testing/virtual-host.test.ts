import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SeededRandom } from './seeded-random.ts'
import { VirtualClock } from './virtual-clock.ts'
import { VirtualWorld } from './virtual-host.ts'

describe('virtual hosts', () => {
  it('repeat from a seed', async () => {
    const numbers = () => {
      const world = new VirtualWorld(42)
      return [world.host().random(8), world.host().random(8)]
    }
    expect(numbers()).toEqual(numbers())
    expect(numbers()[0]).not.toEqual(numbers()[1])
    expect(new VirtualWorld(43).host().random(8)).not.toEqual(numbers()[0])
  })

  it('sign with keys that every host of the world can check, and nobody else', async () => {
    const world = new VirtualWorld(1)
    const [one, other, stranger] = [world.host(), world.host(), new VirtualWorld(2).host()]
    const { secret, publicKey } = await one.createKey()
    const message = Uint8Array.of(1, 2, 3)
    const signature = await one.sign(secret, message)
    expect([publicKey.length, signature.length]).toEqual([32, 64])
    expect(await other.verify(publicKey, message, signature)).toBe(true)
    expect(await other.verify(publicKey, Uint8Array.of(1, 2, 4), signature)).toBe(false)
    signature[63]! ^= 1
    expect(await other.verify(publicKey, message, signature)).toBe(false)
    expect(await stranger.verify(publicKey, message, await one.sign(secret, message))).toBe(false)
  })

  it('inflate what they deflated, within the bound', () => {
    const { deflateRaw, inflateRaw } = new VirtualWorld(1).host()
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc.tuple(fc.nat(255), fc.nat(600)).map(([byte, n]) => new Uint8Array(n).fill(byte)),
    )
    fc.assert(
      fc.property(bytes, (one) => {
        expect(inflateRaw(deflateRaw(one), one.length)).toEqual(one)
        if (one.length > 0) expect(() => inflateRaw(deflateRaw(one), one.length - 1)).toThrow(RangeError)
      }),
      { seed: 1 },
    )
    expect(deflateRaw(new Uint8Array(1000)).length).toBeLessThan(20)
    expect(() => inflateRaw(Uint8Array.of(7), 10)).toThrow(RangeError)
  })

  it('share time, each with its own error', () => {
    const world = new VirtualWorld(1, 1000)
    const late = world.host({ skewMs: () => -300 })
    world.clock.advance(50)
    expect([world.host().now(), late.now()]).toEqual([1050, 750])
  })
})

describe('the virtual clock', () => {
  it('fires timers in order of time, also those set meanwhile', () => {
    const clock = new VirtualClock()
    const fired: string[] = []
    clock.timer(20, () => fired.push(`b ${clock.nowMs}`))
    clock.timer(10, () => {
      fired.push(`a ${clock.nowMs}`)
      clock.timer(5, () => fired.push(`c ${clock.nowMs}`))
    })
    const cancel = clock.timer(12, () => fired.push('never'))
    cancel()
    clock.advance(30)
    expect(fired).toEqual(['a 10', 'c 15', 'b 20'])
    expect([clock.nowMs, clock.timers, clock.nextMs]).toEqual([30, 0, undefined])
  })

  it('goes to the next timer', () => {
    const clock = new VirtualClock(100)
    const fired: number[] = []
    clock.timer(7, () => fired.push(1))
    clock.timer(7, () => fired.push(2))
    expect(clock.nextMs).toBe(107)
    expect([clock.advanceToNext(), clock.advanceToNext(), clock.advanceToNext()]).toEqual([true, true, false])
    expect(fired).toEqual([1, 2])
  })
})

describe('seeded random', () => {
  it('stays within its bounds and reaches them', () => {
    const random = new SeededRandom(9)
    const seen = new Set(Array.from({ length: 1000 }, () => random.below(10)))
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(() => random.pick([])).toThrow(RangeError)
    const heads = Array.from({ length: 10_000 }, () => random.chance(0.25)).filter(Boolean).length
    expect(heads).toBeGreaterThan(2300)
    expect(heads).toBeLessThan(2700)
  })
})
