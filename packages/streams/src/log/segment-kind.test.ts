import { createHash } from 'node:crypto'
import { Refused, type Tables } from '@skerry/core'
import { describe, expect, it } from 'vitest'
import { resealed } from '../../test/resealed.ts'
import { nodeCompressor } from '../compressor-node.ts'
import { encodeSegment } from '../segment.ts'
import { segmentKind } from './segment-kind.ts'

const compressor = nodeCompressor
const times = Float64Array.of(1_000, 2_000, 3_000)

function segment(number: number, values: number[], stream = 'gw-1/x'): Uint8Array {
  return encodeSegment({ stream, number, times, values: Float64Array.from(values) }, compressor)
}

/** One table for all, in a map. */
function tables(): Tables & { size: number } {
  const rows = new Map<string, Uint8Array>()
  return {
    get size() {
      return rows.size
    },
    get: async (table, key) => rows.get(`${table}/${key}`),
    put: (table, key, value) => value && rows.set(`${table}/${key}`, value),
    scan: async () => [],
  }
}

const handler = segmentKind({ compressor })

function asked(body: Uint8Array, record = '@streams/gw-1/x') {
  return { record, body, hash: new Uint8Array(createHash('sha256').update(body).digest()) }
}

async function admitted(own: Tables, body: Uint8Array, seq: number): Promise<readonly string[] | undefined> {
  const keeping = await handler.admit(own, asked(body))
  await keeping?.keep(own, seq)
  return keeping?.channels
}

const refusedWith = (code: string) => expect.objectContaining({ name: 'Refused', code })

describe('LOG-1: looked at whole, once', () => {
  it.each<[string, string, Uint8Array]>([
    ['bytes that end early', 'segment-truncated', segment(1, [1, 2, 3]).subarray(0, 40)],
    ['a body that was damaged', 'segment-bad-checksum', segment(1, [1, 2, 3]).fill(0xff, -2)],
    ['no segment', 'segment-malformed', new Uint8Array(200)],
    [
      'a header that disagrees with its readings',
      'segment-malformed',
      resealed(segment(1, [1, 2, 3]), (view) => view.setFloat64(64, 9, true)),
    ],
  ])('refuses %s', async (_, code, body) => {
    const own = tables()
    await expect(handler.admit(own, asked(body))).rejects.toEqual(refusedWith(code))
    expect(own.size).toBe(0)
  })

  it('refuses a segment under the record of another stream', async () => {
    for (const record of ['@streams/gw-2/x', '@streams/gw-1/x/y', 'work_orders/gw-1/x', 'gw-1/x'])
      await expect(handler.admit(tables(), asked(segment(1, [1, 2, 3]), record))).rejects.toEqual(
        refusedWith('segment-wrong-stream'),
      )
  })

  it('writes nothing before it is kept', async () => {
    const own = tables()
    const keeping = await handler.admit(own, asked(segment(1, [1, 2, 3])))
    expect(own.size).toBe(0)
    await keeping?.keep(own, 5)
    expect(own.size).toBe(3)
  })
})

describe('LOG-2: known by stream and number', () => {
  it('knows the same bytes again', async () => {
    const own = tables()
    expect(await admitted(own, segment(1, [1, 2, 3]), 1)).toEqual(['stream:gw-1'])
    expect(await admitted(own, segment(1, [1, 2, 3]), 2)).toBeUndefined()
    expect(await admitted(own, segment(2, [1, 2, 3]), 3)).toEqual(['stream:gw-1'])
  })

  it('refuses other bytes under a number that is taken, and keeps the first', async () => {
    const own = tables()
    await admitted(own, segment(1, [1, 2, 3]), 1)
    await expect(admitted(own, segment(1, [1, 2, 4]), 2)).rejects.toBeInstanceOf(Refused)
    await expect(admitted(own, segment(1, [1, 2, 4]), 2)).rejects.toEqual(refusedWith('duplicate-sequence'))
    expect(await admitted(own, segment(1, [1, 2, 3]), 3)).toBeUndefined()
  })
})

describe('LOG-3: channels', () => {
  it('asks the given function', async () => {
    const own = segmentKind({ compressor, channels: (stream) => [`all:${stream}`, 'ops'] })
    const keeping = await own.admit(tables(), asked(segment(1, [1, 2, 3])))
    expect(keeping?.channels).toEqual(['all:gw-1/x', 'ops'])
  })
})
