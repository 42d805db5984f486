import { expect, test } from 'vitest'
import { BULK_WRITES_MAX, LOOKED_UP_MAX } from '../limits.ts'
import { formFor, type Means, type Waits } from './form.ts'

const one = { compareAndSet: true, replayMs: 0, freshListing: true }
const batches = { ...one, batch: { writesMax: 100, readsMax: 30 } }
const jobs = { ...batches, bulk: { writesMin: 500, writesMax: 20_000 } }
const means: Means = {
  capabilities: jobs,
  batchSize: 80,
  costOf: () => undefined,
  isProbing: false,
  mayJob: true,
}
const waits: Waits = { tier: 'operational', kind: 'update', due: 1, most: Number.POSITIVE_INFINITY }

const form = (what: Partial<Waits>, how: Partial<Means> = {}) => {
  const { name, count, pools } = formFor({ ...waits, ...what }, { ...means, ...how })
  return [name, count, pools.join(' ')]
}

test('API-5: B-55 one goes alone, several in a batch, very many by a job', () => {
  expect(form({ due: 1 })).toEqual(['single', 1, 'write'])
  expect(form({ due: 2 })).toEqual(['batch', 2, 'write'])
  expect(form({ due: 499 })).toEqual(['batch', 80, 'write'])
  expect(form({ due: 500 })).toEqual(['bulk', 500, 'bulk'])
})

test('API-8: B-55 what the adapter takes is never passed', () => {
  expect(form({ due: 9 }, { capabilities: one })).toEqual(['single', 1, 'write'])
  expect(form({ due: 9_999 }, { capabilities: batches, batchSize: 200 })).toEqual(['batch', 100, 'write'])
  expect(form({ due: BULK_WRITES_MAX + 1 })).toEqual(['bulk', BULK_WRITES_MAX, 'bulk'])
  const small = { ...jobs, bulk: { writesMin: 500, writesMax: 600 } }
  expect(form({ due: 700 }, { capabilities: small })).toEqual(['bulk', 600, 'bulk'])
})

test('B-55 nothing critical goes by a job, nor what it would cost more for', () => {
  expect(form({ due: 9_999, tier: 'critical' })[0]).toBe('batch')
  const costs = (job: number) => ({ costOf: (name: string) => (name === 'bulk' ? job : 1) })
  // 800 writes are ten batches of 80.
  expect(form({ due: 800 }, costs(10))[0]).toBe('bulk')
  expect(form({ due: 800 }, costs(11))[0]).toBe('batch')
  expect(form({ due: 800 }, { mayJob: false })[0]).toBe('batch')
})

test('B-57 B-60 what was in a call without an answer goes in smaller ones, and a probe is a single write', () => {
  expect(form({ due: 900, most: 40 })).toEqual(['batch', 40, 'write'])
  expect(form({ due: 900, most: 1 })).toEqual(['single', 1, 'write'])
  expect(form({ due: 900 }, { isProbing: true })).toEqual(['single', 1, 'write'])
})

test('B-58 where this side looks first, no more go together than are looked at together', () => {
  const looking = { capabilities: { ...jobs, compareAndSet: false } }
  expect(form({ due: 1 }, looking)).toEqual(['single', 1, 'write read'])
  expect(form({ due: 200 }, looking)).toEqual(['batch', 30, 'write read'])
  expect(form({ due: 200, kind: 'create' }, looking)).toEqual(['batch', LOOKED_UP_MAX, 'write read'])
  expect(form({ due: 500 }, looking)).toEqual(['bulk', 500, 'bulk read'])
  expect(form({ due: 500, kind: 'create' }, looking)[0]).toBe('batch')
})
