/** A process that commits in a loop still serves its sockets and timers. */
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
