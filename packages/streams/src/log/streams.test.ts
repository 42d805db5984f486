import { MemoryDisk, StoreError } from '@skerry/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { type TestReplica, World } from '../../test/world.ts'
import { nodeCompressor } from '../compressor-node.ts'
import { openStreams, READINGS_WAITING_MAX, readStream, STREAMS_WRITTEN_MAX, streamTotals } from '../index.ts'
import { segmentsAbove } from './segment-index.ts'
import { tablesOf } from './table-reader.ts'

const compressor = nodeCompressor
const ALL_TIME = { fromMs: -(2 ** 50), toMs: 2 ** 50 }
const code = (expected: string) => expect.objectContaining({ code: expected })

let world: World
beforeEach(async () => {
  world = await World.start(2)
})

async function valuesOf(replica: TestReplica, stream = 'gw-1/x'): Promise<number[]> {
  return Array.from((await readStream(replica, stream, ALL_TIME, { compressor })).values)
}

/** Number and count of each segment. */
async function segmentsOf(replica: TestReplica, stream = 'gw-1/x'): Promise<[number, number][]> {
  const segments: [number, number][] = []
  for await (const { header } of segmentsAbove(tablesOf(replica), stream, 0))
    segments.push([header.number, header.count])
  return segments
}

/** Resolves once so many readings of gw-1/x are durable, looked at after each commit. */
function untilStored(replica: TestReplica, readings: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = async (): Promise<void> => {
      if (((await streamTotals(replica, 'gw-1/x'))?.readings ?? 0) < readings) return
      stop()
      resolve()
    }
    const stop = replica.onCommit(() => void look().catch(reject))
    look().catch(reject)
  })
}

describe('WRITE-1: what flush resolved after is durable, once', () => {
  it('survives a crash right after', async () => {
    const disk = new MemoryDisk()
    const streams = await openStreams(await world.gateway({ disk }), { compressor })
    streams.append('gw-1/x', 1, 10)
    streams.append('gw-1/y', 1, 20)
    expect(streams.readingsWaiting).toBe(2)
    await streams.flush()
    expect(streams.readingsWaiting).toBe(0)
    streams.append('gw-1/x', 2, 11)
    disk.crash()
    const reopened = await world.gateway({ disk })
    expect(await valuesOf(reopened)).toEqual([10])
    expect(await valuesOf(reopened, 'gw-1/y')).toEqual([20])
  })

  it('resolves for its own readings while others go on appending', async () => {
    const gateway = await world.gateway()
    const streams = await openStreams(gateway, { compressor })
    const flushes: Promise<void>[] = []
    for (let i = 0; i < 50; i += 1) {
      streams.append('gw-1/x', i, i)
      flushes.push(streams.flush())
    }
    await Promise.all(flushes)
    expect(await valuesOf(gateway)).toEqual(Array.from({ length: 50 }, (_, i) => i))
    expect(await segmentsOf(gateway)).toEqual(Array.from({ length: 50 }, (_, i) => [i + 1, 1]))
  })

  it('has nothing to do when nothing waits', async () => {
    const gateway = await world.gateway()
    const { head } = gateway
    await (await openStreams(gateway, { compressor })).flush()
    expect(gateway.head).toBe(head)
  })
})

describe('WRITE-2: numbers', () => {
  it('go on after a restart, as do the times', async () => {
    const disk = new MemoryDisk()
    for (let run = 0; run < 3; run += 1) {
      const streams = await openStreams(await world.gateway({ disk }), { compressor })
      if (run > 0) expect(() => streams.append('gw-1/x', run * 10 - 1, 0)).toThrow(code('unordered'))
      streams.append('gw-1/x', run * 10, run)
      streams.append('gw-1/x', run * 10 + 10, run)
      await streams.flush()
      disk.crash()
    }
    const gateway = await world.gateway({ disk })
    expect(await segmentsOf(gateway)).toEqual([
      [1, 2],
      [2, 2],
      [3, 2],
    ])
  })

  it('are not used up by a commit that failed, and no reading is lost or doubled by it', async () => {
    let isFull = false
    const beforeCommit = () => {
      if (isFull) throw new StoreError('full', 'the disk is full')
    }
    const gateway = await world.gateway({ beforeCommit })
    const streams = await openStreams(gateway, { compressor, policy: { readingsMax: 2 } })
    streams.appendMany('gw-1/x', [1, 2, 3], [1, 2, 3])
    await streams.flush()
    isFull = true
    streams.appendMany('gw-1/x', [4, 5, 6], [4, 5, 6])
    await expect(streams.flush()).rejects.toThrow(code('full'))
    expect(streams.readingsWaiting).toBe(3)
    isFull = false
    streams.append('gw-1/x', 7, 7)
    await streams.flush()
    expect(await valuesOf(gateway)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect((await segmentsOf(gateway)).map(([number]) => number)).toEqual([1, 2, 3, 4, 5])
  })

  it.each([1, 100])(
    'are tried again by themselves when nobody flushes again, %i a segment',
    async (readingsMax) => {
      let isFull = false
      const beforeCommit = () => {
        if (isFull) throw new StoreError('full', 'the disk is full')
      }
      const gateway = await world.gateway({ beforeCommit })
      const streams = await openStreams(gateway, { compressor, policy: { readingsMax } })
      isFull = true
      streams.append('gw-1/x', 1, 1)
      await expect(streams.flush()).rejects.toThrow(code('full'))
      isFull = false
      expect(world.virtual.clock.timers).toBe(1)
      world.virtual.clock.advanceToNext()
      await untilStored(gateway, 1)
      expect(await valuesOf(gateway)).toEqual([1])
    },
  )
})

describe('WRITE-3: when segments are sealed', () => {
  it('at readingsMax, without a flush', async () => {
    const gateway = await world.gateway()
    const streams = await openStreams(gateway, { compressor, policy: { readingsMax: 3 } })
    streams.appendMany('gw-1/x', [1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7])
    await untilStored(gateway, 6)
    expect(await segmentsOf(gateway)).toEqual([
      [1, 3],
      [2, 3],
    ])
  })

  it('spanMsMax after the first open reading came, whatever time it has', async () => {
    const gateway = await world.gateway()
    const streams = await openStreams(gateway, { compressor, policy: { spanMsMax: 1_000 } })
    streams.appendMany('gw-1/x', [0, 3_600_000, 7_200_000], [1, 2, 3])
    world.virtual.clock.advance(999)
    streams.append('gw-1/x', 9_000_000, 4)
    expect(await segmentsOf(gateway)).toEqual([])
    world.virtual.clock.advance(1)
    await untilStored(gateway, 4)
    expect(await segmentsOf(gateway)).toEqual([[1, 4]])
    expect(world.virtual.clock.timers).toBe(0)
  })

  it('at close, which takes no more and leaves no timer', async () => {
    const gateway = await world.gateway()
    const streams = await openStreams(gateway, { compressor })
    streams.append('gw-1/x', 1, 1)
    await streams.close()
    expect(await segmentsOf(gateway)).toEqual([[1, 1]])
    expect(() => streams.append('gw-1/x', 2, 2)).toThrow(code('closed'))
    expect(world.virtual.clock.timers).toBe(0)
  })
})

describe('clocks of gateways', () => {
  const TODAY = Date.UTC(2026, 5, 1)
  const YEARS = 10 * 366 * 86_400_000

  it('fault T1: readings of a clock at 1970 are taken under that time, and those after it was set follow in the same stream', async () => {
    const gateway = await world.gateway()
    const streams = await openStreams(gateway, { compressor })
    for (const [at, timeMs] of [0, 1_000, 2_000, TODAY, TODAY + 1_000].entries())
      streams.append('gw-1/x', timeMs, at)
    await streams.flush()
    expect(await valuesOf(gateway)).toEqual([0, 1, 2, 3, 4])
    const today = await readStream(gateway, 'gw-1/x', { fromMs: TODAY, toMs: 2 ** 50 }, { compressor })
    expect([...today.values]).toEqual([3, 4])
  })

  it('fault T2, T3: behind a time ahead, readings of a clock that was set right are refused by name, and taken where lateMsMax allows; nothing else waits', async () => {
    const gateway = await world.gateway()
    const streams = await openStreams(gateway, { compressor })
    streams.append('gw-1/x', TODAY + YEARS, 1)
    expect(() => streams.append('gw-1/x', TODAY, 2)).toThrow(/before its newest reading.*raise lateMsMax/)
    streams.append('gw-1/y', TODAY, 3)
    await streams.close()
    const patient = await openStreams(gateway, { compressor, policy: { lateMsMax: 2 * YEARS } })
    patient.append('gw-1/x', TODAY, 2)
    await patient.flush()
    expect(await valuesOf(gateway)).toEqual([2, 1])
    expect(await valuesOf(gateway, 'gw-1/y')).toEqual([3])
  })
})

describe('WRITE-4: refused readings', () => {
  it('change nothing, and those before them in appendMany are taken', async () => {
    const gateway = await world.gateway()
    const streams = await openStreams(gateway, { compressor })
    expect(() => streams.appendMany('gw-1/x', [1, 2, 1], [1, 2, 3])).toThrow(code('unordered'))
    expect(() => streams.appendMany('gw-1/x', [1], [1, 2])).toThrow(RangeError)
    expect(() => streams.append('', 1, 1)).toThrow(code('bad-input'))
    expect(() => streams.append('gw-1/x', 0.5, 1)).toThrow(code('bad-input'))
    await streams.flush()
    expect(await valuesOf(gateway)).toEqual([1, 2])
    await expect(openStreams(gateway, { compressor, policy: { readingsMax: 0 } })).rejects.toThrow(
      code('bad-input'),
    )
  })

  it('come when READINGS_WAITING_MAX wait, with the reason, and no earlier', async () => {
    let isFull = false
    const beforeCommit = () => {
      if (isFull) throw new StoreError('full', 'the disk is full')
    }
    const gateway = await world.gateway({ beforeCommit })
    const streams = await openStreams(gateway, { compressor, policy: { readingsMax: 65_536 } })
    isFull = true
    const block = Float64Array.from({ length: 65_536 })
    for (let i = 0; i < READINGS_WAITING_MAX / block.length; i += 1)
      streams.appendMany('gw-1/x', block.fill(i), block)
    await expect(streams.flush()).rejects.toThrow(code('full'))
    expect(streams.readingsWaiting).toBe(READINGS_WAITING_MAX)
    const full = expect.objectContaining({ code: 'backlog-full', cause: code('full') })
    expect(() => streams.append('gw-1/x', 1e6, 1)).toThrow(full)
    isFull = false
    await streams.flush()
    streams.append('gw-1/x', 1e6, 1)
    expect(await streamTotals(gateway, 'gw-1/x')).toMatchObject({ readings: READINGS_WAITING_MAX })
  })

  it('come for more than STREAMS_WRITTEN_MAX streams, and no earlier', async () => {
    const streams = await openStreams(await world.gateway(), { compressor })
    for (let i = 0; i < STREAMS_WRITTEN_MAX; i += 1) streams.append(`gw-1/${i}`, 1, 1)
    expect(() => streams.append('gw-1/more', 1, 1)).toThrow(code('too-many-streams'))
    streams.append('gw-1/0', 2, 1)
  })
})
