/** Writes a journal until somebody kills the browser; looks into it afterwards. */

import { exposed } from '@skerry/browser-test/page'
import { memoryStore } from '@skerry/core'
import { journalBatch, journalLength, journalText } from './journal.ts'
import { storeInWorker } from './store-in-worker.ts'

const NAME = 'journal'
/** Commits handed over and not resolved: so that one is always under way. */
const UNDER_WAY = 3
const PAUSE_COMMITS = 5

declare global {
  /** Of the test in Node: this commit was acknowledged. */
  function acknowledged(n: number): void
}

function newRun(): string {
  return crypto.randomUUID().replaceAll('-', '')
}

/** Goes on with what is there, without end. */
async function write(): Promise<void> {
  const { store } = storeInWorker({ name: NAME })
  await store.open(newRun())
  const commits: Promise<void>[] = []
  for (let n = (await journalLength(store)) + 1; ; n += 1) {
    commits.push(store.commit(journalBatch(n)).then(() => acknowledged(n)))
    // Once in a while none waits, so that frames are merged.
    if (n % PAUSE_COMMITS === 0) await Promise.all(commits.splice(0))
    else if (commits.length >= UNDER_WAY) await commits.shift()
  }
}

/** How many commits there are, and whether the store tells what one in memory tells that got the same. */
async function inspect(): Promise<{ commits: number; isWhole: boolean }> {
  const { store, kill } = storeInWorker({ name: NAME })
  await store.open(newRun())
  const commits = await journalLength(store)
  const model = memoryStore()
  await model.open(newRun())
  for (let n = 1; n <= commits; n += 1) await model.commit(journalBatch(n))
  const isWhole = (await journalText(store)) === (await journalText(model))
  await store.close()
  kill()
  return { commits, isWhole }
}

exposed({
  start: () => {
    write().catch((error: unknown) => console.error(error))
  },
  inspect,
})
