/**
 * A process that commits numbered batches and prints the number of each once it is durable, until it is killed or a commit fails.
 * `node committing-process.ts <path> <run> [bytes per entry]`. After a failure it prints one line of JSON about what it can still do, and ends.
 */
import { writeSync } from 'node:fs'
import { StoreError } from '@skerry/core'
import { sqliteStore } from '@skerry/store-sqlite'
import { missingParts, newestBatch, numberedBatch } from './numbered.ts'

const [, , path = '', run = '', entryBytes = '300'] = process.argv
const STDOUT = 1
/** Straight to the pipe: what is printed is out, whatever happens to the process next. */
const print = (line: string) => writeSync(STDOUT, `${line}\n`)

const store = sqliteStore({ path, ballastBytes: 0 })
await store.open(run)
print('open')
let number = await newestBatch(store)
try {
  for (;;) {
    await store.commit(numberedBatch(number + 1, Number(entryBytes)))
    number += 1
    print(`${number}`)
  }
} catch (error) {
  if (!(error instanceof StoreError)) throw error
  // A batch small enough to fit even now: refusing it is a decision.
  const again = await store.commit(numberedBatch(number + 1, 10)).catch((second: unknown) => second)
  const missing = await missingParts(store, number)
  await store.close()
  print(
    JSON.stringify({ first: error.code, again: again instanceof StoreError ? again.code : null, missing }),
  )
}
