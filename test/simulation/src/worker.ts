/** One thread of `--jobs`: every n-th seed of the range. It tells its parent of each seed, and of failures by their text. */
import { parentPort, workerData } from 'node:worker_threads'
import { startEngine } from './machine/engine.ts'
import { runSeeds } from './run-seeds.ts'
import { everyNth, type Share } from './share.ts'

export type Said = { kind: 'done'; seed: number } | { kind: 'failed'; seed: number; message: string }

const port = parentPort
if (!port) throw new Error('worker.ts is started by main.ts --jobs')
await startEngine()
await runSeeds(everyNth(workerData as Share), {
  done: (seed) => port.postMessage({ kind: 'done', seed } satisfies Said),
  failed: ({ seed, error }) =>
    port.postMessage({ kind: 'failed', seed, message: String(error) } satisfies Said),
  goesOn: () => true,
})
