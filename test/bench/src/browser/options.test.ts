import { expect, it } from 'vitest'
import { readBrowserOptions } from './options.ts'

const names = ['skerry', 'rxdb']

it('everything at full size is a whole run', () => {
  expect(readBrowserOptions([], names)).toEqual({ only: names, scale: 1, profile: undefined, isWhole: true })
})

it.each([[['--only', 'rxdb']], [['--scale', '0.5']]])('%j is none', (args) => {
  expect(readBrowserOptions(args, names).isWhole).toBe(false)
})

it.each([
  [['--only', 'skerry,dexie'], '--only dexie: there is no such contender; there are skerry, rxdb'],
  [['--scale', '0'], '--scale 0: want a share above 0 and at most 1'],
  [['--scale', '1.1'], '--scale 1.1: want a share above 0 and at most 1'],
])('%j is refused in words', (args, words) => {
  expect(() => readBrowserOptions(args, names)).toThrow(new TypeError(words))
})

it('what there is not is refused', () => {
  expect(() => readBrowserOptions(['--results'], names)).toThrow(TypeError)
})
