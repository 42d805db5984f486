/** Trials of records in worker threads: what a record does to the engine there, it does to nobody else. */
import { type Trial, TrialError, type TrialTask, type TrialVerdict } from '@skerry/core'
import {
  TRIAL_CPU_MS_MAX,
  TRIAL_ENGINE_BYTES_MAX,
  TRIALS_WAITING_BYTES_MAX,
  TRIALS_WAITING_MAX,
} from './limits.ts'
import { sizeOf } from './messages.ts'
import { TrialLane } from './trial-lane.ts'

export interface WorkerTrialOptions {
  /** Threads at once. Default 1: trials are rare, and a second core has other work. */
  threads?: number
  /** Milliseconds of one core for one trial. Default TRIAL_CPU_MS_MAX. */
  cpuMsMax?: number
  /** Bytes of the engine's memory in a trial. Default TRIAL_ENGINE_BYTES_MAX. */
  engineBytesMax?: number
}

export interface WorkerTrial extends Trial {
  /** Ends the threads; what is tried or waits is rejected with `no-trial`. */
  close(): Promise<void>
}

interface Waiting {
  task: TrialTask
  bytes: number
  resolve(verdict: TrialVerdict): void
  reject(error: unknown): void
}

/** Starts no thread before there is something to try. */
export function workerTrial(options: WorkerTrialOptions = {}): WorkerTrial {
  return new Pool(options)
}

class Pool implements WorkerTrial {
  readonly #free: TrialLane[]
  readonly #all: readonly TrialLane[]
  readonly #waiting: Waiting[] = []
  #waitingBytes = 0
  #closed = false

  constructor({
    threads = 1,
    cpuMsMax = TRIAL_CPU_MS_MAX,
    engineBytesMax = TRIAL_ENGINE_BYTES_MAX,
  }: WorkerTrialOptions) {
    this.#all = Array.from({ length: threads }, () => new TrialLane({ cpuMsMax, engineBytesMax }))
    this.#free = [...this.#all]
  }

  try(task: TrialTask): Promise<TrialVerdict> {
    const bytes = sizeOf(task)
    if (this.#closed) return Promise.reject(closedError(task))
    if (this.#waiting.length >= TRIALS_WAITING_MAX || this.#waitingBytes + bytes > TRIALS_WAITING_BYTES_MAX)
      return Promise.reject(
        new TrialError(
          'too-many-trials',
          `${task.record} cannot be tried now: ${this.#waiting.length} trials of ${this.#waitingBytes} bytes wait already; limits ${TRIALS_WAITING_MAX} and ${TRIALS_WAITING_BYTES_MAX} bytes; try it again later`,
        ),
      )
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, bytes, resolve, reject })
      this.#waitingBytes += bytes
      this.#next()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const { task, reject } of this.#waiting.splice(0)) reject(closedError(task))
    await Promise.all(this.#all.map((lane) => lane.end()))
  }

  #next(): void {
    if (this.#waiting.length === 0) return
    const lane = this.#free.pop()
    if (!lane) return
    const waiting = this.#waiting.shift()!
    this.#waitingBytes -= waiting.bytes
    void this.#run(lane, waiting)
  }

  async #run(lane: TrialLane, { task, resolve, reject }: Waiting): Promise<void> {
    try {
      const verdict = await lane.run(task)
      // A thread that was ended because of the closing says nothing of the record.
      if (this.#closed) reject(closedError(task))
      else resolve(verdict)
    } catch (error) {
      reject(error)
    }
    this.#free.push(lane)
    this.#next()
  }
}

function closedError({ record }: TrialTask): TrialError {
  return new TrialError('no-trial', `${record} is not tried: trials have ended here`)
}
