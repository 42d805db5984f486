import { describe, expect, it } from 'vitest'
import { readBridgeOptions } from './options.ts'

const names = ['calls', 'ring']
const read = (...args: string[]) => readBridgeOptions(args, names)

describe('the options of the benchmark of the bridge', () => {
  it('are all parts at full size, written down, unless told otherwise', () => {
    expect(read()).toEqual({ only: names, scale: 1, results: true, profile: undefined })
    expect(read('--only', 'ring')).toMatchObject({ only: ['ring'], results: false })
    expect(read('--only', 'ring', '--results')).toMatchObject({ results: true })
  })

  it('never write down a part of the size', () => {
    expect(read('--scale', '0.01')).toMatchObject({ scale: 0.01, results: false })
    expect(() => read('--scale', '0.5', '--results')).toThrow(/only a run of full size/)
  })

  it('refuse a part and a size that there is not', () => {
    expect(() => read('--only', 'rings')).toThrow(
      /--only rings: there is no such part; there are calls, ring/,
    )
    for (const scale of ['0', '2', 'x', '-1']) expect(() => read(`--scale=${scale}`)).toThrow(/want a share/)
  })
})
