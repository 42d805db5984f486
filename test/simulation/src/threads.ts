/** Seeds spread over threads; with one job they run in this thread. */
import { Worker } from 'node:worker_threads'
import type { Progress } from './progress.ts'
import { runSeeds } from './run-seeds.ts'
import { everyNth, type Share } from './share.ts'
import type { Said } from './worker.ts'

export interface ThreadsOptions {
  first: number
  count: number
  jobs: number
  keepGoing: boolean
  progress: Pick<Progress, 'done' | 'failed'>
  /** What a thread runs; absent: the simulator. */
  script?: URL
}

/** @returns what failed, by seed */
export async function runInThreads(options: ThreadsOptions): Promise<Map<number, string>> {
  const { first, count, jobs, keepGoing, progress } = options
  const script = options.script ?? new URL('./worker.ts', import.meta.url)
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
  const workers = new Set<Worker>()
  let isStopped = false
  const stopAll = () => {
    isStopped = true
    return Promise.all([...workers].map((worker) => worker.terminate()))
  }
  /** Resolves with the seed that the thread ended in; undefined when it had done all of them. */
  const runShare = (share: Share) =>
    new Promise<number | undefined>((resolve, reject) => {
      const left = [...everyNth(share)]
      const worker = new Worker(script, { workerData: share })
      workers.add(worker)
      worker.on('message', (said: Said) => {
        if (said.kind === 'failed') fail(said.seed, said.message)
        else {
          left.shift()
          progress.done()
        }
        if (!keepGoing && failures.size > 0) void stopAll()
      })
      worker.on('error', reject)
      worker.on('exit', () => resolve(left[0]))
    })
  const runAll = async (share: Share): Promise<void> => {
    const ended = await runShare(share)
    if (ended === undefined || isStopped) return
    fail(ended, 'the thread ended in the middle of it: it waits for something that never comes')
    progress.done()
    if (!keepGoing) {
      await stopAll()
      return
    }
    const next = ended + share.of
    await runAll({ ...share, first: next, count: share.first + share.count - next, nth: 0 })
  }
  await Promise.all(Array.from({ length: jobs }, (_, nth) => runAll({ first, count, nth, of: jobs })))
  return failures
}
