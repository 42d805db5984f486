import { describe, expect, it } from 'vitest'
import { readOptions } from './options.ts'

const names = ['first-sync', 'memory']

describe('options', () => {
  it('measure everything in full unless told otherwise', () => {
    expect(readOptions([], names)).toEqual({
      only: names,
      quick: false,
      json: false,
      results: true,
      profile: undefined,
    })
    expect(readOptions(['--only', 'memory', '--quick', '--json'], names)).toMatchObject({
      only: ['memory'],
      quick: true,
      json: true,
      results: false,
    })
  })

  it('keep the results of a whole run, and of another one when told to', () => {
    expect(readOptions(['--quick'], names).results).toBe(false)
    expect(readOptions(['--only', 'memory'], names).results).toBe(false)
    expect(readOptions(['--quick', '--results'], names).results).toBe(true)
  })

  it('refuse what there is not, and say what there is', () => {
    expect(() => readOptions(['--only', 'memory,speed'], names)).toThrow(
      '--only speed: there is no such measurement; there are first-sync, memory',
    )
    expect(() => readOptions(['--slow'], names)).toThrow(TypeError)
  })
})
