import { expect, test } from 'vitest'
import { Ahead, type LogEvent } from './log-pages.ts'

let place = 0
const told = (id: string, xid: string, gone = false) =>
  placed({ kind: 'told', told: { key: [id], gone } }, xid)
const commit = (at: string, xid: string) => placed({ kind: 'commit', at }, xid)

function placed<Event extends LogEvent>(event: Event, xid: string) {
  place += 2
  return { ...event, xid, place }
}

function pageOf(ahead: Ahead, skip: number, limit: number) {
  const page = ahead.page(skip, limit)
  if (typeof page === 'string') return page
  return {
    ids: page.told.map(({ key }) => key[0]),
    xids: page.xids,
    mark: page.mark,
    complete: page.complete,
  }
}

test('SQ-36 pages end where transactions end, and the rest is kept for the next one', () => {
  place = 0
  const events = [
    told('1', 'a'),
    told('2', 'a'),
    commit('0/2', 'a'),
    told('3', 'b'),
    told('4', 'b'),
    commit('0/4', 'b'),
  ]
  const ahead = new Ahead('0/0', events, 'all')
  const first = { ids: ['1', '2'], xids: ['a'], mark: { at: '0/2', skip: 0 }, complete: false }
  expect(pageOf(ahead, 0, 3)).toEqual(first)
  const rest = ahead.from('0/2', 0)!
  expect(pageOf(rest, 0, 3)).toEqual({
    ids: ['3', '4'],
    xids: ['b'],
    mark: { at: '0/4', skip: 0 },
    complete: true,
  })
  expect(rest.from('0/4', 0)).toBeUndefined()
  expect(ahead.from('0/3', 0)).toBeUndefined()
})

test('SQ-36 a transaction larger than a page is cut, and told to its end', () => {
  place = 0
  const events = [told('1', 'a'), told('2', 'a'), told('3', 'a'), commit('0/3', 'a')]
  const ahead = new Ahead('0/0', events, 'all')
  const first = { ids: ['1', '2'], xids: ['a'], mark: { at: '0/0', skip: 4 }, complete: false }
  expect(pageOf(ahead, 0, 2)).toEqual(first)
  const rest = ahead.from('0/0', 4)!
  expect(pageOf(rest, 4, 2)).toEqual({
    ids: ['3'],
    xids: ['a'],
    mark: { at: '0/3', skip: 0 },
    complete: true,
  })
})

test('SQ-36 behind a commit, places are of no use: a large transaction is decoded from its beginning', () => {
  place = 0
  const events = [
    told('1', 'a'),
    commit('0/1', 'a'),
    told('2', 'b'),
    told('3', 'b'),
    told('4', 'b'),
    commit('0/4', 'b'),
  ]
  const rest = new Ahead('0/0', events, 'all').from('0/1', 0)!
  expect(pageOf(rest, 0, 2)).toBe('undecoded')
  expect(pageOf(rest, 0, 3)).toMatchObject({ ids: ['2', '3', '4'], mark: { at: '0/4' } })
})

test('SQ-37 a table that was emptied ends the page before it, and is told by itself', () => {
  place = 0
  const emptied = placed({ kind: 'emptied' }, 'b')
  const ahead = new Ahead('0/0', [told('1', 'a'), commit('0/1', 'a'), emptied, commit('0/2', 'b')], 'all')
  expect(pageOf(ahead, 0, 5)).toMatchObject({ ids: ['1'], mark: { at: '0/1' }, complete: false })
  expect(pageOf(ahead.from('0/1', 0)!, 0, 5)).toBe('emptied')
})

test('SQ-36 where more is to be decoded, the mark moves on even if none of it was ours', () => {
  place = 0
  expect(pageOf(new Ahead('0/0', [], 401), 0, 5)).toEqual({
    ids: [],
    xids: [],
    mark: { at: '0/0', skip: 401 },
    complete: false,
  })
  const events = [told('1', 'a'), commit('0/1', 'a')]
  expect(pageOf(new Ahead('0/0', events, 401), 0, 5)).toMatchObject({
    mark: { at: '0/1', skip: 0 },
    complete: false,
  })
})

test('SQ-36 where two transactions end at one place, nothing is left behind it, and what came since is decoded', () => {
  place = 0
  const ahead = new Ahead('0/0', [told('1', 'a'), commit('0/1', 'a'), commit('0/1', 'b')], 'all')
  expect(pageOf(ahead, 0, 5)).toMatchObject({ ids: ['1'], mark: { at: '0/1', skip: 0 }, complete: true })
  expect(ahead.from('0/1', 0)).toBeUndefined()
})
