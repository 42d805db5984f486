/** A process that commits or reads in a loop still serves its sockets and timers. */
import { sqliteStore } from '@skerry/store-sqlite'
import { expect, it, onTestFinished } from 'vitest'
import { temporaryDirectory } from './directory.ts'
import { numberedBatch } from './numbered.ts'

it('gives the event loop a turn at each commit', async () => {
  const directory = temporaryDirectory()
  onTestFinished(() => directory.remove())
  const store = sqliteStore({ path: directory.path('log.db') })
  await store.open('1'.repeat(32))
  let turns = 0
  const count = () => {
    turns += 1
    if (turns < 10) setImmediate(count)
  }
  setImmediate(count)
  for (let number = 1; number <= 10; number += 1) await store.commit(numberedBatch(number))
  expect(turns).toBeGreaterThanOrEqual(9)
  await store.close()
})

it('gives the event loop a turn when reads have held it up', async () => {
  const directory = temporaryDirectory()
  onTestFinished(() => directory.remove())
  const store = sqliteStore({ path: directory.path('log.db') })
  await store.open('1'.repeat(32))
  await store.commit(numberedBatch(1))
  let isServed = false
  setTimeout(() => {
    isServed = true
  })
  const began = performance.now()
  // Far longer than READ_MS_MAX, and it ends at once when the timer is served.
  while (!isServed && performance.now() - began < 2_000) await store.get('none', 'none')
  expect(isServed).toBe(true)
  await store.close()
})
