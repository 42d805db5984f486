import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../testing/seeded-random.ts'
import { DraftError, diffViews } from './edits.ts'
import { graphemesOf } from './graphemes.ts'
import { rebase } from './rebase.ts'
import { mergeSequence, REBASE_COMPARISONS_MAX, REBASE_EDITS_MAX } from './rebase-sequence.ts'
import type { JsonObject } from './shape.ts'
import { PROPERTY, thing, thingShape } from './things.test-support.ts'

const rebased = (base: JsonObject, wanted: JsonObject, current: JsonObject) =>
  rebase(thingShape, base, wanted, current)

describe('R-60: what the page did not touch is left as it is now', () => {
  test('nothing touched leaves the current record, nothing happened since leaves what is wanted', () => {
    fc.assert(
      fc.property(thing, thing, (one, other) => {
        expect(rebased(one, one, other)).toEqual(other)
        expect(rebased(one, other, one)).toEqual(other)
      }),
      PROPERTY,
    )
  })

  test('field by field, at every depth', () => {
    const base = { title: 'a', done: false, place: { city: 'SEA', at: { lat: 1 } } }
    const wanted = { title: 'b', done: false, place: { city: 'SEA', at: { lat: 2 } } }
    const current = { title: 'a', done: true, place: { city: 'PDX', at: { lat: 1, visits: 4 } }, size: 3 }
    expect(rebased(base, wanted, current)).toEqual({
      title: 'b',
      done: true,
      size: 3,
      place: { city: 'PDX', at: { lat: 2, visits: 4 } },
    })
  })

  test('what comes out is a draft that the record takes, whatever three records went in', () => {
    fc.assert(
      fc.property(thing, thing, thing, (base, wanted, current) => {
        expect(() => diffViews(thingShape, current, rebased(base, wanted, current))).not.toThrow()
      }),
      { ...PROPERTY, numRuns: 300 },
    )
  })
})

describe('R-61: scalars', () => {
  test('that the page changed or took away are as it wanted', () => {
    expect(rebased({ title: 'a' }, { title: 'b' }, { title: 'c' })).toEqual({ title: 'b' })
    expect(rebased({ title: 'a' }, {}, { title: 'c' })).toEqual({})
    expect(rebased({}, { size: null }, { size: 4 })).toEqual({ size: null })
  })
})

describe('R-62: counters', () => {
  test('move by what the page moved them by', () => {
    expect(rebased({ hours: 2 }, { hours: 5 }, { hours: 10 })).toEqual({ hours: 13 })
    expect(rebased({}, { hours: 1 }, { hours: 1 })).toEqual({ hours: 2 })
    expect(rebased({ hours: 2 }, { hours: 3 }, {})).toEqual({ hours: 1 })
  })
})

describe('R-63: texts', () => {
  const notes = (base: string, wanted: string, current: string) =>
    rebased({ notes: base }, { notes: wanted }, { notes: current }).notes

  test('keep what both typed, also in two places each', () => {
    expect(notes('the pump leaks', 'the old pump leaks', 'the pump leaks at night')).toBe(
      'the old pump leaks at night',
    )
    expect(notes('one two three', 'One two Three', 'one and two, three')).toBe('One and two, Three')
    expect(notes('cat', 'dog', 'cats')).toBe('dogs')
    expect(notes('', 'mine', 'theirs ')).toBe('minetheirs ')
  })

  test('R-66: words typed letter by letter stay whole where another one types at the same place', () => {
    let [page, record] = ['before the old', 'before the old']
    const at = 'before the '.length
    for (const [i, letter] of [...'MAST '].entries()) {
      const wanted = page.slice(0, at + i) + letter + page.slice(at + i)
      record = notes(page, wanted, record) as string
      page = wanted
      // The colleague's words stand where this page's next letter will.
      if (i === 0) record = record.replace('M', 'Mana replaces the ')
    }
    expect(record).toBe('before the MAST ana replaces the old')
  })

  test('begin again where the text is gone, with what the page wrote', () => {
    expect(rebased({ notes: 'ab' }, { notes: 'abc' }, {})).toEqual({ notes: 'c' })
  })

  test('are never cut within a character', () => {
    const random = new SeededRandom(3)
    const text = () =>
      Array.from({ length: random.below(7) }, () => random.pick(['a', '😀', '😁', '\u{1FA00}'])).join('')
    for (let i = 0; i < 2_000; i++)
      expect((notes(text(), text(), text()) as string).isWellFormed()).toBe(true)
  })
})

describe('R-64: keyed lists', () => {
  const row = (sku: string, more: JsonObject = {}) => ({ sku, ...more })
  const parts = (base: JsonObject[], wanted: JsonObject[], current: JsonObject[]) =>
    rebased({ parts: base }, { parts: wanted }, { parts: current }).parts

  test('are brought over row by row, and field by field in a row', () => {
    const base = [row('a', { qty: 1, used: 1 }), row('b')]
    const wanted = [row('a', { qty: 2, used: 2 }), row('b'), row('mine')]
    const current = [row('theirs'), row('a', { qty: 1, used: 5, note: 'n' }), row('b')]
    expect(parts(base, wanted, current)).toEqual([
      row('theirs'),
      row('a', { qty: 2, used: 6, note: 'n' }),
      row('b'),
      row('mine'),
    ])
  })

  test('a row that one of the two removed is gone, one that both made is one', () => {
    const base = [row('a'), row('b')]
    expect(parts(base, [row('b')], [row('a', { qty: 1 }), row('b')])).toEqual([row('b')])
    expect(parts(base, [row('a', { qty: 1 }), row('b')], [row('b')])).toEqual([row('b')])
    expect(parts([], [row('c', { qty: 1 })], [row('c', { note: 'n' })])).toEqual([
      row('c', { qty: 1, note: 'n' }),
    ])
  })

  test('a row that was moved stands once', () => {
    const base = [row('a'), row('b'), row('c')]
    expect(parts(base, [row('c'), row('a'), row('b')], [...base, row('d')])).toEqual([
      row('c'),
      row('a'),
      row('b'),
      row('d'),
    ])
    expect(parts(base, [row('c'), row('a'), row('b')], [row('b'), row('c'), row('a')])).toHaveLength(3)
  })
})

describe('R-65: what cannot be kept is passed on, and refused as a draft', () => {
  test.each([
    ['two rows of one key', { parts: [{ sku: 'x' }, { sku: 'x' }] }],
    ['a counter that is none', { hours: 'many' }],
    ['a text that is none', { notes: 4 }],
    ['a field that the schema does not name', { other: 1 }],
  ])('%s', (_, wanted) => {
    const current = { title: 't', hours: 1, notes: 'n', parts: [{ sku: 'a' }] }
    const merged = rebased({}, wanted as JsonObject, current)
    expect(() => diffViews(thingShape, current, merged)).toThrow(DraftError)
  })

  test('a key that would be lost is refused at once', () => {
    const wanted = JSON.parse('{"labels":{"__proto__":"x"}}') as JsonObject
    expect(() => rebased({}, wanted, {})).toThrow(DraftError)
  })
})

describe('R-63: letters of a text', () => {
  /** Letters, emoji and flags that have parts in common. */
  const LETTERS = [
    'a',
    'e',
    'e\u0301',
    'o\u0301\u0323',
    '\u{1F600}',
    '\u{1F601}',
    '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}',
    '\u{1F468}\u200D\u{1F469}\u200D\u{1F466}',
    '\u{1F469}\u{1F3FD}\u200D\u{1F527}',
    '\u{1F469}\u{1F3FE}\u200D\u{1F527}',
    '\u{1F1E9}\u{1F1EA}',
    '\u{1F1EB}\u{1F1F7}',
    '\u1112\u1161\u11AB',
  ]
  const text = fc.array(fc.constantFrom(...LETTERS), { maxLength: 12 }).map((letters) => letters.join(''))

  test('are whole, whatever two people made of them', () => {
    fc.assert(
      fc.property(text, text, text, (base, ours, theirs) => {
        const { notes } = rebased({ notes: base }, { notes: ours }, { notes: theirs })
        const letters = graphemesOf(String(notes))
        expect(letters.filter((letter) => !LETTERS.includes(letter))).toEqual([])
        const from = [...graphemesOf(ours), ...graphemesOf(theirs)]
        expect(letters.every((letter) => from.includes(letter))).toBe(true)
      }),
      { ...PROPERTY, numRuns: 500 },
    )
  })

  test('an emoji that both changed is there as each wanted it', () => {
    const [base, ours, theirs] = [LETTERS[6], LETTERS[7], LETTERS[8]]
    const { notes } = rebased({ notes: `x${base}y` }, { notes: `x${ours}y` }, { notes: `x${theirs}y` })
    expect(notes).toBe(`x${ours}${theirs}y`)
  })
})

describe('R-66: two changes of one sequence', () => {
  const LETTERS = [...'abcdefghijklmnopqrstuvwxyz']
  const changed = (random: SeededRandom, base: readonly string[], own: readonly string[]) => {
    const rest = [...own]
    const items = base.flatMap((letter) => {
      const inserted = random.below(4) === 0 ? rest.splice(0, 1) : []
      return [...inserted, ...(random.below(3) === 0 ? [] : [letter])]
    })
    return [...items, ...(random.below(2) === 0 ? rest.splice(0, 1) : [])]
  }

  test('what either removed is gone, what either inserted is there, in the order of each', () => {
    const random = new SeededRandom(4)
    for (let i = 0; i < 2_000; i++) {
      const base = LETTERS.slice(0, random.below(20))
      const ours = changed(random, base, [...'ABCDEFGH'])
      const theirs = changed(random, base, [...'123456789'])
      const merged = mergeSequence(base, ours, theirs)
      const stays = (letter: string) =>
        !base.includes(letter) || (ours.includes(letter) && theirs.includes(letter))
      expect(merged.filter((letter) => ours.includes(letter))).toEqual(ours.filter(stays))
      expect(merged.filter((letter) => theirs.includes(letter))).toEqual(theirs.filter(stays))
      expect(merged).toHaveLength(new Set([...ours, ...theirs].filter(stays)).size)
    }
  })

  test('REBASE_COMPARISONS_MAX: of what repeats itself no more than so many items are compared', () => {
    const strewn = (seed: number) => {
      const random = new SeededRandom(seed)
      const items = new Array<string>(200_000).fill('a')
      for (let i = 0; i < 450; i++) items[random.below(items.length)] = 'b'
      return items
    }
    let compared = 0
    const ours = strewn(2)
    // The search looks at a part of it.
    ours.slice = (...range) =>
      new Proxy(strewn(2).slice(...range), {
        get(items, key, receiver) {
          if (key !== 'length') compared += 1
          return Reflect.get(items, key, receiver)
        },
      })
    expect(mergeSequence(strewn(1), ours, strewn(1))).toEqual(strewn(2))
    // And what it found is copied once.
    expect(compared).toBeLessThan(REBASE_COMPARISONS_MAX + 2 * ours.length)
  })

  test.each([0, 1])('REBASE_EDITS_MAX: the edit is told item by item up to it (%i beyond)', (beyond) => {
    const base = Array.from({ length: REBASE_EDITS_MAX + beyond }, (_, i) => i)
    const ours = base.filter((i) => i % 2 === 0).concat(-1)
    // Removed: a half; inserted: the last, and as many as make up the limit.
    const more = REBASE_EDITS_MAX - (base.length - (ours.length - 1)) - 1 + beyond
    const wanted = [...ours, ...Array.from({ length: more }, (_, i) => -2 - i)]
    const merged = mergeSequence(base, wanted, [-1_000_000, ...base.slice(0, 4), 0.5, ...base.slice(4)])
    const between = merged.indexOf(0.5)
    expect(merged[between - 1] === 2, 'the other change stands where it was made').toBe(beyond === 0)
    expect(merged).toContain(-1_000_000)
  })
})
