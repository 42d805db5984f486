/** Which orders a search finds, in which order, and how it stands in the address. */
import { newWorkOrder } from '@skerry/field-service/new-work-order'
import { expect, test } from 'vitest'
import { arranged, filterOf, isFiltered, queryOf, searchOf } from './filter.ts'
import type { Order } from './order.ts'

function order(id: string, fields: Partial<Order>): Order {
  return { ...newWorkOrder({ title: id, site: 'Oakland', state: 'CA', ...fields }), id }
}

const orders = [
  order('a', { title: 'Zeta', due: '2027-05-04' }),
  order('b', { title: 'Beta', due: '2027-05-03', status: 'done' }),
  order('c', { title: 'Alpha 10', priority: 'high', notes: 'Bring the LADDER' }),
  order('d', { title: 'Alpha 9', priority: 'high' }),
]

const ids = (found: readonly Order[]) => found.map(({ id }) => id).join('')

test.each([
  ['due', 'adcb'],
  ['priority', 'dcab'],
  ['title', 'dcab'],
] as const)('sorted by %s: %s; what is done comes last', (sort, wanted) => {
  expect(ids(arranged(orders, { words: '', sort }, 'en'))).toBe(wanted)
})

test('every word must be somewhere in title, site or notes, whatever its case', () => {
  expect(ids(arranged(orders, { words: 'ladder oak', sort: 'due' }, 'en'))).toBe('c')
  expect(ids(arranged(orders, { words: 'ladder zeta', sort: 'due' }, 'en'))).toBe('')
})

test('status, priority and state are asked of the replica, words are not', () => {
  const filter = filterOf(new URLSearchParams('q=mast&status=open&priority=high&state=OR&sort=title'))
  expect(queryOf(filter).where).toEqual({
    status: { wanted: 'open' },
    priority: { wanted: 'high' },
    state: { wanted: 'OR' },
  })
  expect(searchOf(filter).toString()).toBe('q=mast&status=open&priority=high&state=OR&sort=title')
})

test('what no filter says in the address is left out of it', () => {
  const filter = filterOf(new URLSearchParams('status=lost&sort=colour'))
  expect(isFiltered(filter)).toBe(false)
  expect(searchOf(filter).toString()).toBe('')
})
