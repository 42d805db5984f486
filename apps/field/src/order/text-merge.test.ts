/** Typing while others type: what is sent, what is shown, and where the caret is. */
import { expect, test } from 'vitest'
import { movedCaret, TextMerge } from './text-merge.ts'

test('what is typed is sent as the difference to what the replica has', () => {
  const merge = new TextMerge('dry')
  merge.typed('dry.')
  expect(merge.next()).toEqual({ base: 'dry', wanted: 'dry.' })
  expect(merge.next()).toBeUndefined()
  merge.typed('dry. Ok')
  expect(merge.next()).toBeUndefined()
  merge.told('dry.')
  merge.arrived()
  expect(merge.settle()).toBe(false)
  expect(merge.next()).toEqual({ base: 'dry.', wanted: 'dry. Ok' })
})

test("others' letters wait until nothing typed is on its way, and are shown then", () => {
  const merge = new TextMerge('dry')
  merge.typed('dry!')
  const sending = merge.next()
  expect(sending).toBeDefined()
  merge.told('Is dry')
  expect(merge.settle()).toBe(false)
  merge.told('Is dry!')
  merge.arrived()
  expect(merge.settle()).toBe(true)
  expect(merge.shown).toBe('Is dry!')
  merge.typed('Is dry!!')
  expect(merge.next()).toEqual({ base: 'Is dry!', wanted: 'Is dry!!' })
})

test('what was typed meanwhile is not overwritten by what is told', () => {
  const merge = new TextMerge('a')
  merge.typed('ab')
  merge.next()
  merge.typed('abc')
  merge.told('Xab')
  merge.arrived()
  expect(merge.settle()).toBe(false)
  expect(merge.shown).toBe('abc')
  // The replica brings the difference of the two over to what it has.
  expect(merge.next()).toEqual({ base: 'ab', wanted: 'abc' })
})

test('what was refused is sent again with the next letters', () => {
  const merge = new TextMerge('a')
  merge.typed('ab')
  const sending = merge.next()
  merge.refused(sending!)
  merge.typed('abc')
  expect(merge.next()).toEqual({ base: 'a', wanted: 'abc' })
})

test('who leaves sends all that is typed, whatever is on its way', () => {
  const merge = new TextMerge('')
  merge.typed('a')
  expect(merge.next()).toEqual({ base: '', wanted: 'a' })
  expect(merge.rest()).toBeUndefined()
  merge.typed('abc')
  expect(merge.next()).toBeUndefined()
  expect(merge.rest()).toEqual({ base: 'a', wanted: 'abc' })
  merge.told('a')
  merge.arrived()
  expect(merge.settle()).toBe(false)
  merge.told('abc')
  merge.arrived()
  expect(merge.settle()).toBe(false)
  merge.told('abcd')
  expect(merge.settle()).toBe(true)
})

test.each([
  ['before what changed', 'one two', 'one or two', 2, 2],
  ['after what was inserted', 'one two', 'one or two', 7, 10],
  ['at the end of what was taken away', 'one or two', 'one two', 10, 7],
  ['inside what was replaced', 'one two three', 'one 2 three', 6, 5],
  ['in a text that is all new', 'abc', 'xyz', 2, 3],
  ['at the beginning', 'abc', 'xabc', 0, 0],
])('the caret %s', (_, before, after, offset, moved) => {
  expect(movedCaret(before, after, offset)).toBe(moved)
})
