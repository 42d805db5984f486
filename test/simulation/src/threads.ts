/** Seeds spread over threads; with one job they run in this thread. */
import { Worker } from 'node:worker_threads'
import type { Progress } from './progress.ts'
import { runSeeds } from './run-seeds.ts'
import { everyNth } from './share.ts'
import type { Said } from './worker.ts'

export interface ThreadsOptions {
  first: number
  count: number
  jobs: number
  keepGoing: boolean
  progress: Progress
}

/** @returns what failed, by seed */
export async function runInThreads(options: ThreadsOptions): Promise<Map<number, string>> {
  const { first, count, jobs, keepGoing, progress } = options
  const failures = new Map<number, string>()
  const fail = (seed: number, message: string) => {
    failures.set(seed, message)
    progress.failed(seed, message)
  }
  if (jobs === 1) {
    await runSeeds(everyNth({ first, count, nth: 0, of: 1 }), {
      done: () => progress.done(),
      failed: ({ seed, error }) => fail(seed, String(error)),
      goesOn: () => keepGoing || failures.size === 0,
    })
    return failures
  }
  const workers = Array.from(
    { length: jobs },
    (_, nth) =>
      new Worker(new URL('./worker.ts', import.meta.url), { workerData: { first, count, nth, of: jobs } }),
  )
  const stopAll = () => Promise.all(workers.map((worker) => worker.terminate()))
  await Promise.all(
    workers.map(
      (worker) =>
        new Promise<void>((resolve, reject) => {
          worker.on('message', (said: Said) => {
            if (said.kind === 'done') progress.done()
            else fail(said.seed, said.message)
            if (!keepGoing && failures.size > 0) void stopAll()
          })
          worker.on('error', reject)
          worker.on('exit', () => resolve())
        }),
    ),
  )
  return failures
}
