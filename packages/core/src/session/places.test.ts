import { describe, expect, it } from 'vitest'
import { VirtualWorld } from '../testing/virtual-host.ts'
import { connect, scene, settle, turn } from './pair.test-support.ts'
import { Places } from './places.ts'

describe('O16: places', () => {
  const open = (most: number) => {
    const world = new VirtualWorld(1)
    const places = new Places(world.host(), most)
    const begun: number[] = []
    const ends: (() => void)[] = []
    const begin = (number: number) =>
      places.during(() => {
        begun.push(number)
        return new Promise<void>((resolve) => ends.push(resolve))
      })
    return { world, places, begun, ends, begin }
  }

  it('are given at once while there are some, then in order, each in a turn of its own', async () => {
    const { world, places, begun, ends, begin } = open(2)
    const all = [1, 2, 3, 4].map(begin)
    expect(begun).toEqual([1, 2])
    expect([places.taken, places.waiting]).toEqual([2, 2])
    ends[0]!()
    await turn()
    expect(begun).toEqual([1, 2])
    world.clock.advance(0)
    await turn()
    expect(begun).toEqual([1, 2, 3])
    for (const number of [1, 2, 3]) {
      ends[number]!()
      await turn()
      world.clock.advance(0)
      await turn()
    }
    await Promise.all(all)
    expect([begun, places.taken, places.waiting]).toEqual([[1, 2, 3, 4], 0, 0])
  })

  it('are given back by work that fails', async () => {
    const { places } = open(1)
    await expect(places.during(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(places.taken).toBe(0)
  })

  it('sessions read with a place until they are in step for the first time, and without one afterwards', async () => {
    const s = await scene()
    await s.hub.write({ record: 'r/1', channels: ['a'], text: 'one' })
    const places = new Places(s.hub.host, 1)
    let release: () => void = () => undefined
    const taken = places.during(() => new Promise<void>((resolve) => (release = resolve)))
    const met = connect(s, { hub: { firstReads: places } })
    await settle(met.link)
    expect([met.initiator.state, await s.edge.texts()]).toEqual(['open', []])
    release()
    await taken
    s.world.clock.advance(0)
    await settle(met.link)
    expect(await s.edge.texts()).toEqual(['one'])
    void places.during(() => new Promise(() => undefined))
    await s.hub.write({ record: 'r/1', channels: ['a'], text: 'two' })
    await settle(met.link)
    expect(await s.edge.texts()).toEqual(['one', 'two'])
  })

  it('a session that ended while it waited reads nothing', async () => {
    const s = await scene()
    await s.hub.write({ record: 'r/1', channels: ['a'], text: 'one' })
    const places = new Places(s.hub.host, 1)
    let release: () => void = () => undefined
    const taken = places.during(() => new Promise<void>((resolve) => (release = resolve)))
    const met = connect(s, { hub: { firstReads: places } })
    await settle(met.link)
    let reads = 0
    const { readChannels } = s.hub
    s.hub.readChannels = (after, page) => {
      reads += 1
      return readChannels.call(s.hub, after, page)
    }
    met.acceptor.close()
    release()
    await taken
    s.world.clock.advance(0)
    await turn()
    expect([reads, places.taken]).toEqual([0, 0])
  })
})
