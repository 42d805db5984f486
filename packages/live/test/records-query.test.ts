/** The words of a query, and that they are those of its collection. */
import { collection } from '@skerry/core'
import { atLeast, atMost, between, live } from '@skerry/live'
import { jobs } from '@skerry/live/testing'
import { describe, expect, expectTypeOf, test } from 'vitest'
import * as z from 'zod'

const all = live(undefined, jobs)

describe('a query', () => {
  test('is what it says, field by field', () => {
    const query = all
      .where({ status: 'open', site: ['SEA', 'PDX'], rank: between(1, 3) })
      .where({ id: 'one', notes: undefined })
      .orderBy('title')
      .orderBy('rank', 'descending')
      .limit(5)
    expect(query.asked).toEqual({
      collection: 'jobs',
      where: {
        status: { wanted: 'open' },
        site: { wanted: { oneOf: ['SEA', 'PDX'] } },
        rank: { wanted: { from: 1, to: 3 } },
        id: { wanted: 'one' },
      },
      orderBy: [
        { field: 'title', direction: 'ascending' },
        { field: 'rank', direction: 'descending' },
      ],
      limit: 5,
    })
  })

  test('has ranges that are open at one end', () => {
    expect(all.where({ rank: atLeast(2) }).asked.where.rank).toEqual({ wanted: { from: 2 } })
    expect(all.where({ title: atMost('m') }).asked.where.title).toEqual({ wanted: { to: 'm' } })
  })

  test('is not changed by one made from it, and leaves its limit to the page where that filters', () => {
    const limited = all.limit(2)
    const filtered = limited.filter(({ title }) => title !== '')
    expect([all.asked.limit, limited.asked.limit, filtered.asked.limit]).toEqual([undefined, 2, undefined])
    expect([filtered.limitHere, filtered.key === all.key, limited.key === all.key]).toEqual([2, true, false])
  })

  test('is typed by the collection', () => {
    type Shown = ReturnType<typeof all.get>['records'][number]
    expectTypeOf<Shown['title']>().toEqualTypeOf<string>()
    expectTypeOf<Shown['id']>().toEqualTypeOf<string>()
    expectTypeOf<Shown['status']>().toEqualTypeOf<'open' | 'done'>()
    // @ts-expect-error no such status
    all.where({ status: 'lost' })
    // @ts-expect-error no such field
    all.orderBy('colour')
    // @ts-expect-error a rank is a number
    all.where({ rank: atLeast('2') })
    const named = live(undefined, collection('named', z.object({ name: z.string().nullable() })))
    expect(named.where({ name: null }).asked.where.name).toEqual({ wanted: null })
  })
})
