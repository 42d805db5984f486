import { describe, expect, test } from 'vitest'
import {
  compileExpression,
  EXPRESSION_DEPTH_MAX,
  EXPRESSION_LENGTH_MAX,
  EXPRESSION_SIZE_MAX,
  EXPRESSION_STEPS_MAX,
} from './expression.ts'
import { linearMatcher } from './linear-regex.ts'

const run = (text: string, input?: unknown) => compileExpression(text)(input)

test('MAP-1 B-77: an expression makes a value of what it is given', () => {
  expect(run('First & " " & Last', { First: 'Ada', Last: 'Lovelace' })).toBe('Ada Lovelace')
  expect(run('$ * 60', 2)).toBe(120)
  expect(run('Account.Name', { Account: { Name: 'ACME' } })).toBe('ACME')
  expect(run('$uppercase($)', undefined)).toBeUndefined()
  expect(run('$toMillis($)', '2026-01-01T00:00:00Z')).toBe(1_767_225_600_000)
  expect(run('$pad($, -6, "0")', '42')).toBe('000042')
  expect(run('$pad($, 4)', '42')).toBe('42  ')
})

test('B-77 nothing of one evaluation is there in the next', () => {
  const expression = compileExpression('($before := $x; $x := $; $before)')
  expect([expression(1), expression(2)]).toEqual([undefined, undefined])
})

describe('B-77 what would make two runs differ is refused when it is read, with the column', () => {
  test.each([
    ['$now()', 'at column 4: $now cannot be used in a mapping: it reads the clock'],
    ['$millis() - 5', '$millis cannot be used in a mapping: it reads the clock'],
    ['a + $random()', 'at column 11: $random cannot be used in a mapping: it is chance'],
    ['$shuffle(items)', 'it is chance'],
    ['$eval("$now()")', 'it runs a text that cannot be checked here'],
    ['($f := $now; $f())', 'it reads the clock'],
    ['$map(items, $random)', 'it is chance'],
    ['x ~> $now', 'it reads the clock'],
    ['$toMillis(x, "[H]:[m]")', 'what a picture leaves out comes from the clock'],
    ['$map(x, $toMillis)', 'what a picture leaves out comes from the clock'],
  ])('%s', (text, message) => {
    expect(() => compileExpression(text)).toThrow(message)
  })

  test('what cannot be read says where', () => {
    expect(() => compileExpression('a b')).toThrow(/at column 3: /)
    expect(() => compileExpression('(a')).toThrow(RangeError)
  })
})

describe('B-77 a run is bounded, whatever it is given', () => {
  test('steps', () => {
    const countTo = (n: number) => `($f := function($n) { $n = 0 ? "done" : $f($n - 1) }; $f(${n}))`
    expect(run(countTo(5_000))).toBe('done')
    expect(() => run(countTo(100_000))).toThrow(`more than ${EXPRESSION_STEPS_MAX} steps`)
  })

  test('depth', () => {
    const deep = (n: number) => `($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(${n}))`
    expect(run(deep(20))).toBe(20)
    expect(() => run(deep(EXPRESSION_DEPTH_MAX))).toThrow(`more than ${EXPRESSION_DEPTH_MAX} deep`)
  })

  test('size, of texts and lists on the way as well', () => {
    const doubled = (n: number) => `$length($reduce([1..${n}], function($text, $i) { $text & $text }, "x"))`
    expect(run(doubled(10))).toBe(1_024)
    expect(() => run(doubled(40))).toThrow(`limit ${EXPRESSION_SIZE_MAX}`)
    expect(() => run('$count([1..2000000])')).toThrow('made a list of 2000000')
    expect(run(`$length($pad("", ${EXPRESSION_SIZE_MAX}))`)).toBe(EXPRESSION_SIZE_MAX)
    expect(() => run(`$pad("", ${EXPRESSION_SIZE_MAX + 1})`)).toThrow('$pad to 1000001')
  })

  test('its own length', () => {
    const text = (length: number) => `"${'x'.repeat(length - 2)}"`
    expect(run(text(EXPRESSION_LENGTH_MAX))).toHaveLength(EXPRESSION_LENGTH_MAX - 2)
    expect(() => compileExpression(text(EXPRESSION_LENGTH_MAX + 1))).toThrow(`limit ${EXPRESSION_LENGTH_MAX}`)
  })

  test('a regular expression: one that JavaScript would think about for years is answered at once', () => {
    expect(run('$contains($, /^(a+)+$/)', `${'a'.repeat(5_000)}!`)).toBe(false)
    expect(() => compileExpression('$match($, /(?=a)b/)')).toThrow('its time could not be bounded')
    expect(() => compileExpression('$match($, /(a)\\1/)')).toThrow('its time could not be bounded')
  })
})

test('regular expressions find what JavaScript would find', () => {
  expect(run('$replace($, /[^0-9+]/, "")', '+49 (30) 12-34')).toBe('+49301234')
  expect(run('$split($, /,\\s*/)', 'a, b,c')).toEqual(['a', 'b', 'c'])
  expect(run('$string($match($, /([a-z])(\\d)?/i).groups)', 'A1b')).toBe('["A","1","b",null]')
  expect(run('$replace($, /(\\w+) (\\w+)/, "$2 $1")', 'Ada Lovelace')).toBe('Lovelace Ada')
  const texts = ['aXbX', '', 'ab\ncd', 'äöü 12', '😀 12', '2026-01-02']
  for (const regex of [/x/i, /^c/m, /\d+/, /[^\s]+/, /(\d{4})-(\d\d)/])
    for (const text of texts) {
      const ours = linearMatcher(regex)(text)
      const theirs = new RegExp(regex).exec(text)
      expect(ours && [ours.start, ours.match, ...ours.groups]).toEqual(
        theirs ? [theirs.index, ...theirs] : undefined,
      )
    }
})
