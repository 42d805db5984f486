// @vitest-environment happy-dom
/** Which replica of this browser is open, and what lies beside it. */
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { FIRST_REPLICA } from './replica-name.ts'
import {
  broughtBack,
  followOpened,
  keyOf,
  noteAuthority,
  ownReplica,
  readReplicas,
  turnedTo,
  without,
  writeReplicas,
} from './replicas.ts'

const ofA = 'aa'.repeat(32)
const ofB = 'bb'.repeat(32)
const left = { subject: 'tech:ana', undelivered: { edits: 2, photos: false }, leftAt: 1 }

beforeEach(() => localStorage.clear())

test('a browser that knows nothing has the first one open, and notes whose it is at the first sign-in', () => {
  expect(readReplicas()).toEqual({ open: { name: FIRST_REPLICA }, beside: [] })
  noteAuthority(ofA)
  expect(readReplicas().open).toEqual({ name: FIRST_REPLICA, authority: ofA })
})

test('another authority gets a replica of its own, and what was left lies beside with what was never delivered', () => {
  const turned = turnedTo({ open: { name: FIRST_REPLICA, authority: ofA }, beside: [] }, ofB, left)
  expect(turned.open.authority).toBe(ofB)
  expect(turned.open.name).not.toBe(FIRST_REPLICA)
  expect(turned.beside).toEqual([{ name: FIRST_REPLICA, authority: ofA, ...left }])
})

test('an authority that comes back finds its own replica, by itself or brought back by its user', () => {
  const first = { open: { name: FIRST_REPLICA, authority: ofA }, beside: [] }
  const turned = turnedTo(first, ofB, left)
  const again = { ...left, undelivered: { edits: 0, photos: true }, leftAt: 2 }
  for (const back of [turnedTo(turned, ofA, again), broughtBack(turned, FIRST_REPLICA, again)]) {
    expect(back.open).toEqual(first.open)
    expect(back.beside).toEqual([{ ...turned.open, ...again }])
  }
  expect(broughtBack(turned, 'none of ours', again)).toBe(turned)
})

test('one that is deleted is known no more, and nothing else changes', () => {
  const turned = turnedTo({ open: { name: FIRST_REPLICA, authority: ofA }, beside: [] }, ofB, left)
  expect(without(turned, FIRST_REPLICA)).toEqual({ open: turned.open, beside: [] })
  expect(without(turned, 'none of ours')).toEqual(turned)
})

test('what a page remembers is of its replica alone', () => {
  const { name } = turnedTo({ open: { name: FIRST_REPLICA }, beside: [] }, ofB, left).open
  expect(keyOf('field.touched', FIRST_REPLICA)).toBe('field.touched')
  expect(keyOf('field.touched', name)).not.toBe('field.touched')
})

test.each([
  ['another window opened it', () => new StorageEvent('storage', { key: 'field.replicas' })],
  ['this page did, and its reload was ended by another address', () => new HashChangeEvent('hashchange')],
])('a page begins anew when another replica is open than its own: %s', (_, event) => {
  const own = ownReplica()
  let reloads = 0
  onTestFinished(followOpened(() => reloads++))
  window.dispatchEvent(event())
  expect(reloads).toBe(0)
  writeReplicas({ open: { name: `${own}-other` }, beside: [] })
  window.dispatchEvent(event())
  expect(reloads).toBe(1)
})
