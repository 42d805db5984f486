/**
 * One thread for trials: started when it is needed, ended when a trial takes too long, replaced after every trial that ended badly, and given back when nobody needs it.
 *
 *   idle ──run──► starting ──ready──► trying ──┬─ sound, incomplete ──► idle, thread kept for a while
 *                     │                        └─ anything else ──────► idle, without a thread
 *                     └─ cannot start: TrialError
 */
import { Worker } from 'node:worker_threads'
import { TrialError, type TrialTask, type TrialVerdict } from '@skerry/core'
import { TRIAL_HEAP_MIB_MAX, TRIAL_IDLE_MS, TRIAL_WALL_MS_MAX, TRIAL_WATCH_MS } from './limits.ts'
import { requestOf, STAGES, type TrialAnswer, type TrialSetup } from './messages.ts'

export interface LaneOptions {
  cpuMsMax: number
  engineBytesMax: number
}

interface Thread {
  worker: Worker
  stage: Int32Array
  ready: Promise<void>
}

type Harm = Extract<TrialVerdict, { stage: unknown }>

export class TrialLane {
  readonly #options: LaneOptions
  #thread: Thread | undefined
  #idle: NodeJS.Timeout | undefined

  constructor(options: LaneOptions) {
    this.#options = options
  }

  /** One at a time. @throws TrialError */
  async run(task: TrialTask): Promise<TrialVerdict> {
    clearTimeout(this.#idle)
    this.#thread ??= this.#start()
    const thread = this.#thread
    thread.worker.ref()
    try {
      await thread.ready
      const verdict = await this.#try(thread, task)
      // What the engine refused it may have left half done.
      if ('stage' in verdict) await this.end()
      else this.#rest(thread)
      return verdict
    } catch (error) {
      await this.end()
      throw error
    }
  }

  /** Ends the thread, if there is one, in the middle of whatever it does. */
  async end(): Promise<void> {
    clearTimeout(this.#idle)
    const thread = this.#thread
    this.#thread = undefined
    await thread?.worker.terminate()
  }

  #rest(thread: Thread): void {
    thread.worker.unref()
    this.#idle = setTimeout(() => void this.end(), TRIAL_IDLE_MS).unref()
  }

  #start(): Thread {
    const stage = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
    const setup: TrialSetup = { stage, engineBytesMax: this.#options.engineBytesMax }
    const worker = new Worker(new URL('./trial-thread.ts', import.meta.url), {
      name: 'skerry-trial',
      workerData: setup,
      resourceLimits: { maxOldGenerationSizeMb: TRIAL_HEAP_MIB_MAX },
    })
    return { worker, stage: new Int32Array(stage), ready: isReady(worker) }
  }

  async #try({ worker, stage }: Thread, task: TrialTask): Promise<TrialVerdict> {
    const heard = new AbortController()
    const { signal } = heard
    const begunMs = await cpuMsOf(worker)
    try {
      return await new Promise<TrialVerdict>((resolve, reject) => {
        const harm = (kind: Harm['kind'], reason: string) =>
          resolve({ kind, stage: STAGES[Atomics.load(stage, 0)]!, reason })
        listen(worker, signal, {
          message: (said) => {
            const answer = said as TrialAnswer
            if (answer.kind === 'verdict') resolve(answer.verdict)
            else if (answer.kind === 'failed') reject(new TrialError('no-trial', answer.message))
          },
          error: (said) => {
            const { code, message } = said as Error & { code?: string }
            harm(code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'died', message)
          },
          exit: (code) => harm('died', `its thread ended with code ${code}`),
        })
        const { cpuMsMax } = this.#options
        watchTime(worker, signal, { begunMs, cpuMsMax }, (reason) => harm('deadline', reason))
        const request = requestOf(task)
        worker.postMessage(request, [request.history.bytes.buffer, request.changes.bytes.buffer])
      })
    } finally {
      heard.abort()
    }
  }
}

/** @throws TrialError */
function isReady(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(
        new TrialError('no-trial', `the thread that tries records cannot be started: ${cause}`, { cause }),
      )
    worker.once('error', fail)
    worker.once('exit', fail)
    worker.once('message', () => {
      worker.off('error', fail).off('exit', fail)
      resolve()
    })
  })
}

function listen(
  worker: Worker,
  signal: AbortSignal,
  listeners: Readonly<Record<'message' | 'error' | 'exit', (said: unknown) => void>>,
): void {
  for (const [event, listener] of Object.entries(listeners)) {
    worker.on(event, listener)
    signal.addEventListener('abort', () => worker.off(event, listener))
  }
}

/** Until `signal` says that it is over. Time is the thread's own; by the clock only where the thread does not tell it. */
function watchTime(
  worker: Worker,
  signal: AbortSignal,
  { begunMs, cpuMsMax }: { begunMs: number; cpuMsMax: number },
  late: (reason: string) => void,
): void {
  let isAsking = false
  const look = async () => {
    if (isAsking) return
    isAsking = true
    try {
      if ((await cpuMsOf(worker)) - begunMs > cpuMsMax)
        late(`it took more than ${cpuMsMax} ms of one core: limit ${cpuMsMax}`)
      isAsking = false
    } catch {
      // It has ended, of which its events tell.
    }
  }
  const looks = setInterval(() => void look(), TRIAL_WATCH_MS)
  const clock = setTimeout(
    () => late(`it took more than ${TRIAL_WALL_MS_MAX} ms: limit ${TRIAL_WALL_MS_MAX}`),
    TRIAL_WALL_MS_MAX,
  )
  signal.addEventListener('abort', () => {
    clearInterval(looks)
    clearTimeout(clock)
  })
}

async function cpuMsOf(worker: Worker): Promise<number> {
  const { user, system } = await worker.cpuUsage()
  return (user + system) / 1_000
}
