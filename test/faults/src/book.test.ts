/** The book must see what it is there for: a check that cannot fail proves nothing. */
import { expect, test } from 'vitest'
import { Book } from './book.ts'
import { type Visit, visitMarking } from './visits.ts'

/** A visit with these marks, made as the rounds make it. */
function visit(first: string, ...more: string[]): Visit {
  const made = visitMarking.newRecord(first)
  for (const mark of more) visitMarking.markRecord(made, mark)
  return made
}

function bookOf(...marks: string[]): Book {
  const book = new Book()
  for (const mark of marks) {
    book.begin({ record: 'v', mark })
    book.acknowledge({ record: 'v', mark }, 'here')
  }
  return book
}

test('what was acknowledged and is there once is neither lost nor duplicated', () => {
  expect(bookOf('a', 'b').check(new Map([['v', visit('a', 'b')]]), 'here')).toEqual({
    lost: [],
    duplicated: [],
  })
})

test('what was begun may be there or not', () => {
  const book = bookOf('a')
  book.begin({ record: 'v', mark: 'b' })
  for (const found of [visit('a'), visit('a', 'b')])
    expect(book.check(new Map([['v', found]]), 'here')).toEqual({ lost: [], duplicated: [] })
})

test('an acknowledged edit that is not there is lost, and so is one whose record is gone', () => {
  expect(bookOf('a', 'b').check(new Map([['v', visit('a')]]), 'here').lost).toEqual(['b of v'])
  expect(bookOf('a').check(new Map(), 'here').lost).toEqual(['a of v'])
})

test('an edit that was applied twice is found by its counter and by its log', () => {
  const twice = visit('a', 'b', 'b')
  expect(bookOf('a', 'b').check(new Map([['v', twice]]), 'here').duplicated).toEqual([
    'v: 2 marks and a counter of 3',
  ])
  const inLog = { ...twice, edits: 2 }
  expect(bookOf('a', 'b').check(new Map([['v', inLog]]), 'here').duplicated).toEqual([
    'v: marks a b and a log of a b b',
  ])
})

test('an edit that nobody began is found', () => {
  expect(bookOf('a').check(new Map([['v', visit('a', 'x')]]), 'here').duplicated).toEqual([
    'x of v, which nobody began',
  ])
})

test('each place is held against what was acknowledged there', () => {
  const book = bookOf('a', 'b')
  book.acknowledge({ record: 'v', mark: 'a' }, 'there')
  book.acknowledge({ record: 'v', mark: 'a' }, 'there')
  expect([book.count('here'), book.count('there')]).toEqual([2, 1])
  expect(book.check(new Map([['v', visit('a')]]), 'there').lost).toEqual([])
})
