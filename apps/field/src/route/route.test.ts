/** Addresses: each page's own, both ways. */
import { expect, test } from 'vitest'
import { hashOf, parseRoute } from './route.ts'

test.each([
  '#/',
  '#/?q=mast&status=open',
  '#/order/01abc',
  '#/order/01abc/history',
  '#/outbox',
  '#/decide',
  '#/storage',
  '#/settings',
  '#/enrol',
  '#/new',
])('%s leads to a page that has this address', (hash) => {
  const route = parseRoute(hash)
  expect(route.page).not.toBe('unknown')
  expect(hashOf(route)).toBe(hash)
})

test('an enrolment link has its code', () => {
  expect(parseRoute('#enrol=7K3M-9QXT-2BHF')).toEqual({ page: 'enrol', code: '7K3M-9QXT-2BHF' })
})

test('no address is today', () => {
  expect(parseRoute('').page).toBe('today')
})

test.each(['#/nothing', '#/order', '#/order/', '#/order/1/2', '#/order/1/history/3', '#//x'])(
  '%s is no page',
  (hash) => {
    expect(parseRoute(hash).page).toBe('unknown')
  },
)

test('a broken escape is taken as it stands', () => {
  expect(parseRoute('#/order/50%')).toEqual({ page: 'order', id: '50%' })
})
