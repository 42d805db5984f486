import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { startEngine } from '../replica/replica.test-support.ts'
import * as lens from './lens.ts'
import type { Peer } from './peer.test-support.ts'
import { keyed, text } from './shape.ts'
import {
  assignAs,
  atOnce,
  editAs,
  meet,
  of,
  set,
  shownBy,
  steps,
  storedIn,
  two,
} from './versions.test-support.ts'

beforeAll(startEngine)

describe('V-5: replace', () => {
  const name = z.object({ name: z.string().optional(), m: z.number().optional() })
  const old = of(name)
  const now = steps(
    z.object({ first: z.string().optional(), last: z.string().optional(), m: z.number().optional() }),
    lens.replace({
      was: { name: z.string() },
      now: ['first', 'last'],
      forward: ({ name: whole }) => {
        const [first, last] = (whole ?? '').split(' ')
        return { first: first || undefined, last }
      },
      backward: ({ first, last }) => (first || last ? { name: [first, last].filter(Boolean).join(' ') } : {}),
    }),
  )

  test('the older field is seen until the newer ones are written, and then follows them', () => {
    two((a, b) => {
      assignAs(old, a, { name: 'ana li' })
      meet(a, b)
      expect(shownBy(now, b)).toEqual({ first: 'ana', last: 'li' })
      editAs(now, b, set('m', 1))
      expect(storedIn(b, now)).toEqual({ name: 'ana li', m: 1 })
      // No older form tells that this is one last name.
      editAs(now, b, set('last', 'de la cruz'))
      meet(a, b)
      expect(shownBy(now, a)).toEqual({ first: 'ana', last: 'de la cruz', m: 1 })
      expect(shownBy(old, a)).toMatchObject({ name: 'ana de la cruz' })
    })
  })

  test('an older version that writes after that is seen again', () => {
    two((a) => {
      assignAs(now, a, { first: 'ana', last: 'de la cruz' })
      editAs(old, a, set('name', 'ben ek'))
      expect(shownBy(now, a)).toEqual({ first: 'ben', last: 'ek' })
      editAs(now, a, set('last', 'ek de'))
      expect(shownBy(now, a)).toEqual({ first: 'ben', last: 'ek de' })
      editAs(old, a, (draft) => {
        delete draft.name
      })
      expect(shownBy(now, a)).toEqual({})
    })
  })

  test('at once: all versions show the same one of the two', () => {
    const shown = atOnce([old, now], { name: 'x y' }, set('name', 'old one'), set('last', 'new two'))
    expect([
      [{ first: 'old', last: 'one' }, 'old one'],
      [{ first: 'x', last: 'new two' }, 'x new two'],
    ]).toContainEqual([shown[1], shown[0].name])
  })

  test('of two of the newer version at once one wins whole, whatever else they wrote', () => {
    for (const [left, right] of [
      [1, 0],
      [0, 1],
      [2, 2],
    ] as const)
      two((a, b) => {
        // Stored between the fields that are written together.
        assignAs(now, a, { first: 'a', last: 'b', m: 5 })
        meet(a, b)
        const write = (peer: Peer, who: string, others: number) =>
          editAs(now, peer, (draft) => {
            draft.first = who
            draft.last = `de ${who}`
            if (others > 0) draft.m = others
          })
        write(a, 'left', left)
        write(b, 'right', right)
        meet(a, b)
        const { first, last } = shownBy(now, a)
        expect(last).toBe(`de ${first}`)
        expect(shownBy(old, b)).toMatchObject({ name: `${first} ${last}` })
      })
  })

  test('another kind under the same name: text becomes a value, and letters of older versions are seen', () => {
    const texts = of(z.object({ notes: text().optional() }))
    const plain = steps(
      z.object({ notes: z.string().optional() }),
      lens.replace({
        was: { notes: text() },
        now: ['notes'],
        forward: ({ notes }) => ({ notes }),
        backward: ({ notes }) => ({ notes: notes as string | undefined }),
      }),
    )
    const [older, newer] = atOnce(
      [texts, plain],
      { notes: 'pump' },
      set('notes', 'pump leaks'),
      set('notes', 'the pump'),
    )
    expect(older.notes).toBe('the pump leaks')
    expect(newer).toEqual({ notes: 'the pump leaks' })
  })

  test('wrap: one value becomes a list; what an older version puts is first, and the rest stays', () => {
    const one = of(z.object({ who: z.string().nullable().optional() }))
    const many = steps(
      z.object({ who: z.array(z.string()).optional() }),
      lens.wrap('who', z.string().nullable().optional()),
    )
    two((a, b) => {
      assignAs(one, a, { who: 'ana' })
      meet(a, b)
      editAs(many, b, set('who', ['ana', 'ben']))
      meet(a, b)
      expect(shownBy(one, a)).toMatchObject({ who: 'ana' })
      editAs(one, a, set('who', 'eve'))
      meet(a, b)
      expect(shownBy(many, b)).toEqual({ who: ['eve', 'ben'] })
      editAs(one, a, set('who', 'ben'))
      expect(shownBy(many, a)).toEqual({ who: ['ben', 'ana'] })
      editAs(one, a, set('who', null))
      expect(shownBy(many, a)).toEqual({ who: [] })
      editAs(many, a, set('who', ['zoe']))
      expect(shownBy(one, a)).toMatchObject({ who: 'zoe' })
      editAs(many, a, set('who', []))
      expect(shownBy(one, a).who).toBeUndefined()
    })
  })

  test('a value becomes rows that merge', () => {
    const one = of(z.object({ tech: z.string().optional() }))
    const crew = keyed('id', z.object({ id: z.string(), role: z.string().optional() }))
    const rows = steps(
      z.object({ crew: crew.optional() }),
      lens.replace({
        was: { tech: z.string() },
        now: ['crew'],
        forward: ({ tech }, before) => {
          const list = (before?.crew ?? []) as { id: string }[]
          const others = list.filter(({ id }) => id !== tech)
          const lead = list.find(({ id }) => id === tech)
          return { crew: tech === undefined ? undefined : [lead ?? { id: tech }, ...others] }
        },
        backward: ({ crew: list }) => ({ tech: (list as { id: string }[] | undefined)?.[0]?.id }),
      }),
    )
    two((a, b) => {
      assignAs(one, a, { tech: 'ana' })
      meet(a, b)
      editAs(rows, a, set('crew', [{ id: 'ana', role: 'lead' }, { id: 'ben' }]))
      editAs(rows, b, set('crew', [{ id: 'ana' }, { id: 'eve' }]))
      meet(a, b)
      expect((shownBy(rows, a).crew as { id: string }[]).map(({ id }) => id).sort()).toEqual([
        'ana',
        'ben',
        'eve',
      ])
      editAs(one, a, set('tech', 'eve'))
      meet(a, b)
      expect((shownBy(rows, b).crew as { id: string }[])[0]).toEqual({ id: 'eve' })
      expect((shownBy(rows, b).crew as { id: string }[]).find(({ id }) => id === 'ana')).toEqual({
        id: 'ana',
        role: 'lead',
      })
    })
  })

  test('a backward that gives another answer to its own answer is refused', () => {
    const drifting = steps(
      z.object({ b: z.string().optional() }),
      lens.replace({
        was: { a: z.string() },
        now: ['b'],
        forward: ({ a }) => ({ b: a }),
        backward: ({ b }, { a }) => ({ a: `${a ?? ''}${b as string}` }),
      }),
    )
    two((a) => {
      expect(() => assignAs(drifting, a, { b: 'x' })).toThrow(
        /^b: the migration's backward gives another old value/,
      )
    })
  })
})
