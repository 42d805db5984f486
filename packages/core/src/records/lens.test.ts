import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { startEngine } from '../replica/replica.test-support.ts'
import { DraftError } from './edits.ts'
import * as lens from './lens.ts'
import { counter, keyed, text } from './shape.ts'
import { assignAs, editAs, meet, of, set, shownBy, steps, storedIn, two } from './versions.test-support.ts'

beforeAll(startEngine)

describe('V-1: rename', () => {
  const old = of(z.object({ site: z.string().optional(), n: z.number().optional() }))
  const now = steps(
    z.object({ place: z.string().optional(), n: z.number().optional() }),
    lens.rename('site', 'place'),
  )

  test('both versions edit one stored field', () => {
    two((a, b) => {
      assignAs(old, a, { site: 'SEA' })
      meet(a, b)
      expect(shownBy(now, b)).toEqual({ place: 'SEA' })
      editAs(now, b, set('place', 'PDX'))
      meet(a, b)
      expect(shownBy(old, a)).toEqual({ site: 'PDX' })
      editAs(old, a, (draft) => {
        delete draft.site
      })
      expect(shownBy(now, a)).toEqual({})
      expect(storedIn(a, now)).toEqual({})
    })
  })

  test('R-10: fields come in order of the names they are shown by', () => {
    two((a) => {
      assignAs(old, a, { n: 1, site: 'SEA' })
      const first = steps(
        z.object({ a: z.string().optional(), n: z.number().optional() }),
        lens.rename('site', 'a'),
      )
      expect([Object.keys(shownBy(first, a)), Object.keys(shownBy(now, a))]).toEqual([
        ['a', 'n'],
        ['n', 'place'],
      ])
    })
  })

  test('a value that somebody wrote under the new name is no field, and harms none', () => {
    two((a) => {
      assignAs(old, a, { site: 'SEA' })
      a.document.put('_root', 'place', 'nowhere')
      a.document.commit(1)
      expect(shownBy(now, a)).toEqual({ place: 'SEA' })
      editAs(now, a, set('place', 'PDX'))
      expect(shownBy(old, a)).toEqual({ place: 'nowhere', site: 'PDX' })
    })
  })
})

describe('V-2: add', () => {
  const old = of(z.object({ title: z.string().optional() }))
  const now = steps(
    z.object({
      title: z.string().optional(),
      rank: z.number().nullable().default(3),
      hours: counter().default(0),
      tags: z.array(z.string()).default([]),
    }),
    lens.add('rank', 3),
    lens.add('hours', 0),
    lens.add('tags', []),
  )

  test('records that lack it show the value, and nothing is written for that', () => {
    two((a, b) => {
      assignAs(old, a, { title: 't' })
      meet(a, b)
      expect(shownBy(now, b)).toEqual({ title: 't', rank: 3, hours: 0, tags: [] })
      editAs(now, b, set('title', 'u'))
      expect(storedIn(b, now)).toEqual({ title: 'u' })
      editAs(now, b, (draft) => {
        draft.hours = 2
        draft.tags = ['x']
        draft.rank = null
      })
      expect(storedIn(b, now)).toEqual({ title: 'u', rank: null, hours: 2, tags: ['x'] })
      expect(shownBy(now, b)).toEqual({ title: 'u', rank: null, hours: 2, tags: ['x'] })
    })
  })

  test('a new record writes it, like all that it says', () => {
    two((a) => {
      assignAs(now, a, { title: 't', rank: 3, hours: 0, tags: [] })
      expect(storedIn(a, now)).toEqual({ title: 't', rank: 3, hours: 0, tags: [] })
    })
  })

  test('two that both begin it add up', () => {
    two((a, b) => {
      assignAs(old, a, { title: 't' })
      meet(a, b)
      for (const peer of [a, b]) editAs(now, peer, set('hours', 2))
      meet(a, b)
      expect(shownBy(now, a)).toMatchObject({ hours: 4 })
    })
  })

  test('it cannot be absent, and a draft that says so is refused', () => {
    two((a) => {
      assignAs(old, a, { title: 't' })
      const gone = { title: 't', hours: 0, tags: [] }
      expect(() => assignAs(now, a, gone)).toThrow(DraftError)
      expect(() => assignAs(now, a, gone)).toThrow(/^rank: without a value it would show 3 again/)
    })
  })

  test('a name that was taken before gets a key of its own', () => {
    const third = of(z.object({ name: z.string().optional(), title: z.number().optional() }), 2, {
      2: [lens.rename('title', 'name'), lens.add('title')],
    })
    two((a) => {
      assignAs(old, a, { title: 'words' })
      editAs(third, a, set('title', 7))
      expect(shownBy(third, a)).toEqual({ name: 'words', title: 7 })
      expect(shownBy(old, a)).toEqual({ title: 'words', 'title~2': 7 })
      editAs(third, a, (draft) => {
        delete draft.title
      })
      expect(storedIn(a, third)).toEqual({ title: 'words' })
    })
  })
})

describe('V-3: remove', () => {
  const old = of(z.object({ title: z.string(), colour: z.string(), notes: text().optional() }))
  const now = steps(
    z.object({ title: z.string() }),
    lens.remove('colour', z.string(), 'none'),
    lens.remove('notes', text().optional()),
  )

  test('it is not shown, and stays through every edit', () => {
    two((a, b) => {
      assignAs(old, a, { title: 't', colour: 'red', notes: 'n' })
      meet(a, b)
      expect(shownBy(now, b)).toEqual({ title: 't' })
      editAs(now, b, set('title', 'u'))
      editAs(old, a, set('notes', 'nn'))
      meet(a, b)
      expect(shownBy(old, b)).toEqual({ title: 'u', colour: 'red', notes: 'nn' })
      expect(() => editAs(now, b, set('colour', 'blue'))).toThrow(/colour: the schema has no such field/)
    })
  })

  test('new records leave what older versions need', () => {
    two((a) => {
      assignAs(now, a, { title: 't' })
      expect(shownBy(old, a)).toEqual({ title: 't', colour: 'none' })
      editAs(now, a, set('title', 'u'))
      expect(old.parse(shownBy(old, a))).toHaveProperty('value')
    })
  })

  test('a field that older versions cannot do without needs such a value', () => {
    expect(() => lens.remove('colour', z.string())).toThrow(/older versions cannot do without this field/)
    expect(() => lens.remove('colour', z.string().optional())).not.toThrow()
  })
})

describe('V-4: convert', () => {
  const hours = z.object({ hours: z.number().optional() })
  const old = of(hours)
  const now = steps(
    z.object({ minutes: z.number().optional() }),
    lens.rename('hours', 'minutes'),
    lens.convert('minutes', {
      was: z.number(),
      forward: (value) => value * 60,
      backward: (value) => Math.round(value) / 60,
    }),
  )

  test('both versions write one stored value, in the older form', () => {
    two((a, b) => {
      assignAs(old, a, { hours: 1.5 })
      meet(a, b)
      expect(shownBy(now, b)).toEqual({ minutes: 90 })
      editAs(now, b, set('minutes', 30))
      meet(a, b)
      expect(shownBy(old, a)).toEqual({ hours: 0.5 })
      expect(storedIn(a, now)).toEqual({ hours: 0.5 })
    })
  })

  test('what the older form cannot hold is refused', () => {
    two((a) => {
      assignAs(old, a, { hours: 1 })
      expect(() => editAs(now, a, set('minutes', 0.3))).toThrow(DraftError)
      expect(() => editAs(now, a, set('minutes', 0.3))).toThrow(
        /^minutes: 0.3 cannot be kept in the form of an older version; it would be read as 0/,
      )
      expect(shownBy(now, a)).toEqual({ minutes: 60 })
    })
  })

  test('V-14: what the document holds and cannot be read is absent, and stays', () => {
    const strict = steps(
      z.object({ hours: z.number().optional(), n: z.number().optional() }),
      lens.convert('hours', {
        was: z.string(),
        forward: (value) => value.length,
        backward: (value) => 'x'.repeat(value),
      }),
      lens.add('n'),
    )
    two((a) => {
      a.document.put('_root', 'hours', null)
      a.document.commit(1)
      expect(shownBy(strict, a)).toEqual({})
      editAs(strict, a, set('n', 1))
      expect(storedIn(a, strict)).toEqual({ hours: null, n: 1 })
    })
  })

  test.each<[string, () => unknown]>([
    ['no JSON', () => undefined],
    ['no number that JSON knows', () => Number.NaN],
    ['another kind', () => ['x']],
  ])('V-14: a forward that gives %s shows nothing', (_, forward) => {
    const odd = steps(
      hours,
      lens.convert('hours', { was: z.string(), forward: forward as never, backward: () => 'x' }),
    )
    two((a) => {
      assignAs(of(z.object({ hours: z.string() })), a, { hours: 'x' })
      expect(shownBy(odd, a)).toEqual({})
    })
  })

  test('V-14: its functions cannot change what they are shown', () => {
    const lists = z.object({ tags: z.array(z.string()).optional() })
    const sorting = steps(
      lists,
      lens.convert('tags', {
        was: z.array(z.string()),
        forward: (value) => value.sort(),
        backward: (value, before) => {
          before?.splice(0)
          return value
        },
      }),
    )
    two((a) => {
      assignAs(of(lists), a, { tags: ['b', 'a'] })
      expect(shownBy(sorting, a)).toEqual({ tags: ['a', 'b'] })
      editAs(sorting, a, set('tags', ['a', 'b', 'c']))
      expect(shownBy(of(lists), a)).toEqual({ tags: ['a', 'b', 'c'] })
    })
  })

  test('V-14: a backward that throws refuses the draft', () => {
    const failing = steps(
      hours,
      lens.convert('hours', {
        was: z.string(),
        forward: (value) => Number(value),
        backward: () => {
          throw new Error('no idea')
        },
      }),
    )
    two((a) => {
      expect(() => assignAs(failing, a, { hours: 1 })).toThrow(
        /^hours: the migration's backward failed: no idea/,
      )
    })
  })

  test('unwrap: a list becomes its first value, and the rest stays', () => {
    const lists = of(z.object({ tags: z.array(z.string()).optional() }))
    const single = steps(
      z.object({ tag: z.string().optional() }),
      lens.unwrap('tags', z.array(z.string())),
      lens.rename('tags', 'tag'),
    )
    two((a, b) => {
      assignAs(lists, a, { tags: ['x', 'y'] })
      meet(a, b)
      expect(shownBy(single, b)).toEqual({ tag: 'x' })
      editAs(single, b, set('tag', 'z'))
      editAs(lists, a, (draft) => {
        draft.tags = ['x', 'y', 'w']
      })
      meet(a, b)
      expect(shownBy(lists, a)).toEqual({ tags: ['z', 'y', 'w'] })
      editAs(single, b, (draft) => {
        delete draft.tag
      })
      expect(shownBy(lists, b)).toEqual({})
    })
  })
})

describe('V-6: within', () => {
  const part = z.object({ sku: z.string(), qty: z.number().optional() })
  const old = of(
    z.object({
      parts: keyed('sku', part).optional(),
      address: z.object({ city: z.string().optional() }).optional(),
      rooms: z.record(z.string(), z.object({ size: z.number().optional() })).optional(),
    }),
  )
  const now = steps(
    z.object({
      parts: keyed(
        'sku',
        z.object({ sku: z.string(), count: z.number().optional(), unit: z.string() }),
      ).optional(),
      address: z.object({ town: z.string().optional(), zip: z.string().default('?') }).optional(),
      rooms: z.record(z.string(), z.object({ area: z.number().optional() })).optional(),
    }),
    lens.within('parts', lens.rename('qty', 'count'), lens.add('unit', 'piece')),
    lens.within('address', lens.rename('city', 'town'), lens.add('zip', '?')),
    lens.within('rooms', lens.rename('size', 'area')),
  )

  test('rows, objects and dictionaries are edited by both versions', () => {
    two((a, b) => {
      assignAs(old, a, {
        parts: [{ sku: 'x', qty: 1 }],
        address: { city: 'SEA' },
        rooms: { attic: { size: 9 } },
      })
      meet(a, b)
      expect(shownBy(now, b)).toEqual({
        parts: [{ sku: 'x', count: 1, unit: 'piece' }],
        address: { town: 'SEA', zip: '?' },
        rooms: { attic: { area: 9 } },
      })
      editAs(now, b, (draft) => {
        draft.parts = [
          { sku: 'y', count: 2, unit: 'litre' },
          { sku: 'x', count: 1, unit: 'piece' },
        ]
        draft.address = { town: 'PDX', zip: '97201' }
        draft.rooms = { attic: { area: 9 }, hall: { area: 30 } }
      })
      editAs(old, a, (draft) => {
        draft.parts = [{ sku: 'x', qty: 5 }]
      })
      meet(a, b)
      expect(shownBy(old, a)).toEqual({
        parts: [
          { sku: 'y', qty: 2, unit: 'litre' },
          { sku: 'x', qty: 5 },
        ],
        address: { city: 'PDX', zip: '97201' },
        rooms: { attic: { size: 9 }, hall: { size: 30 } },
      })
      expect(shownBy(now, b).parts).toEqual([
        { sku: 'y', count: 2, unit: 'litre' },
        { sku: 'x', count: 5, unit: 'piece' },
      ])
    })
  })

  test('a new row leaves what older versions need, an old one is left alone', () => {
    const without = steps(
      z.object({ parts: keyed('sku', z.object({ sku: z.string() })).optional() }),
      lens.within('parts', lens.remove('qty', z.number(), 1)),
      lens.remove('address', z.object({}).optional()),
      lens.remove('rooms', z.record(z.string(), z.object({})).optional()),
    )
    two((a) => {
      assignAs(old, a, { parts: [{ sku: 'x' }] })
      editAs(without, a, set('parts', [{ sku: 'x' }, { sku: 'y' }]))
      expect(shownBy(old, a).parts).toEqual([{ sku: 'x' }, { sku: 'y', qty: 1 }])
    })
  })
})
