import { describe, expect, it } from 'vitest'
import { readOptions } from './options.ts'

const names = ['ours', 'other']

describe('options', () => {
  it('leave everything open unless told otherwise', () => {
    expect(readOptions([], names)).toEqual({ only: undefined, sizes: undefined })
    expect(readOptions(['--only', 'other,ours', '--sizes', '1,100000'], names)).toEqual({
      only: ['other', 'ours'],
      sizes: [1, 100_000],
    })
  })

  it('refuse what there is not, and say what there is', () => {
    expect(() => readOptions(['--only', 'ours,mine'], names)).toThrow(
      '--only mine: there is no such contender; there are ours, other',
    )
    for (const size of ['0', '100001', '1.5', 'many', ''])
      expect(() => readOptions(['--sizes', `200,${size}`], names)).toThrow(`--sizes ${size}: `)
    expect(() => readOptions(['--slow'], names)).toThrow(TypeError)
  })
})
