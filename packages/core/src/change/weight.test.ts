import { describe, expect, it } from 'vitest'
import { parseBatch } from './batch.ts'
import {
  compressChange,
  craftBody,
  craftChange,
  manyNulls,
  threeNulls,
  threeNullsBut,
} from './craft.test-support.ts'
import { Automerge, host, runActor, seeded } from './engine.test-support.ts'
import { defaultChangeLimits } from './limits.ts'
import { parseChange } from './parse.ts'
import { isWithin, type Weight, weighChunk, weightOf } from './weight.ts'

const parse = (bytes: Uint8Array) => parseChange(bytes, host, defaultChangeLimits)
const weigh = (bytes: Uint8Array) => weighChunk(bytes, host, defaultChangeLimits)

describe('C-60: the weight of a change', () => {
  it('is the same from its chunk, compressed or not, as from the change that was opened', () => {
    const next = seeded(5)
    let doc = Automerge.init<Record<string, unknown>>({ actor: runActor(1) })
    for (let i = 0; i < 20; i++)
      doc = Automerge.change(doc, { message: 'm'.repeat(next(300)) }, (d) => {
        for (let k = next(40); k >= 0; k--)
          d[`k${next(9)}`] = next(2) === 0 ? next(99) : 'text'.repeat(next(99))
      })
    for (const bytes of Automerge.getAllChanges(doc)) {
      const change = parse(bytes)
      expect(weigh(bytes)).toEqual(weightOf(change))
      expect(weigh(compressChange(change.body))).toEqual(weightOf(change))
    }
  })

  it('counts operations and predecessors by their runs, without writing them out', () => {
    const bytes = craftChange({ columns: manyNulls(50_000) })
    expect(bytes.length).toBeLessThan(120)
    expect(weigh(bytes)).toMatchObject({ changes: 1, operations: 50_000, predecessors: 0 })
    const replacing = craftChange({ columns: threeNullsBut({ 112: '03 02', 113: '06 00', 115: '06 01' }) })
    expect(weigh(replacing)).toMatchObject({ operations: 3, predecessors: 6 })
  })

  it('is of the inflated body', () => {
    const body = craftBody({ columns: threeNulls, message: 'a'.repeat(4_000) })
    expect(weigh(compressChange(body)).bytes).toBe(body.length)
  })

  it('operations and predecessors count together against a ceiling, each part on both sides', () => {
    const ceiling: Weight = { changes: 2, operations: 10, predecessors: 0, bytes: 100 }
    expect(isWithin(ceiling, ceiling)).toBe(true)
    expect(isWithin({ ...ceiling, operations: 4, predecessors: 6 }, ceiling)).toBe(true)
    for (const more of [
      { changes: 3 },
      { operations: 11 },
      { operations: 4, predecessors: 7 },
      { bytes: 101 },
    ])
      expect(isWithin({ ...ceiling, ...more }, ceiling)).toBe(false)
  })
})

describe('C-61: the changes of one entry together', () => {
  const batch = (chunks: Uint8Array[], over = {}) =>
    parseBatch(chunks, host, defaultChangeLimits, { operationsMax: 100, inflatedBytesMax: 10_000, ...over })
  const code = (run: () => unknown) => {
    try {
      return run() && 'fine'
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  it('fault C1: operations that each change has too few of are counted together', () => {
    const bomb = craftChange({ columns: manyNulls(50) })
    expect(batch([bomb, bomb])).toHaveLength(2)
    expect(code(() => batch([bomb, bomb, craftChange({ columns: manyNulls(2) })]))).toBe(
      'too-many-operations',
    )
  })

  it('fault C2: bytes are counted inflated, and no more is inflated than goes one change beyond', () => {
    const body = craftBody({ message: 'a'.repeat(4_000) })
    const bomb = compressChange(body)
    expect(bomb.length).toBeLessThan(200)
    expect(code(() => batch([bomb], { inflatedBytesMax: body.length }))).toBe('fine')
    let inflated = 0
    const counting = {
      ...host,
      inflateRaw(...of: Parameters<typeof host.inflateRaw>) {
        inflated += 1
        return host.inflateRaw(...of)
      },
    }
    const limits = { operationsMax: 1_000, inflatedBytesMax: body.length }
    expect(code(() => parseBatch([bomb, bomb, bomb, bomb], counting, defaultChangeLimits, limits))).toBe(
      'inflate-bomb',
    )
    expect(inflated).toBe(2)
  })
})
