/** A thread that does nothing for its seeds, and waits for ever in the fifth. */
import { parentPort, workerData } from 'node:worker_threads'
import { everyNth, type Share } from './share.ts'
import type { Said } from './worker.ts'

for (const seed of everyNth(workerData as Share)) {
  if (seed === 5) await new Promise(() => undefined)
  parentPort!.postMessage({ kind: 'done', seed } satisfies Said)
}
