/** A process of the story: started, listened to, and ended for certain. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** Milliseconds from start to ready. A cold start on a busy machine takes two seconds. */
const READY_MS_MAX = 20_000
/** Milliseconds from SIGTERM to SIGKILL: more than any of them takes to drain. */
const END_MS_MAX = 5_000
/** Lines kept of what a process said, for when something goes wrong. */
const LINES_KEPT_MAX = 400

export interface ChildOptions {
  /** For people. */
  name: string
  /** Script and its arguments; Node runs it. */
  args: readonly string[]
  env?: Record<string, string>
}

/** One of the two: a process ends by itself or by a signal. */
export interface Ending {
  code: number | null
  signal: NodeJS.Signals | null
}

/** `exit code 1`, `signal SIGKILL` */
export function wordsFor({ code, signal }: Ending): string {
  return signal ? `signal ${signal}` : `exit code ${code}`
}

export class Child {
  readonly name: string
  readonly lines: string[] = []
  readonly ended: Promise<Ending>
  readonly #process: ChildProcessWithoutNullStreams
  #isRunning = true
  readonly #listeners = new Set<(line: string) => void>()

  constructor({ name, args, env }: ChildOptions) {
    this.name = name
    // In a group of its own: Ctrl-C is for the conductor, which ends the others in order.
    this.#process = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: 'pipe',
      detached: true,
    })
    this.ended = new Promise((resolve, reject) => {
      this.#process.once('error', reject)
      this.#process.once('close', (code, signal) => {
        this.#isRunning = false
        resolve({ code, signal })
      })
    })
    // A process that was killed breaks its pipe; `ended` tells.
    this.#process.stdin.on('error', () => undefined)
    for (const stream of [this.#process.stdout, this.#process.stderr])
      createInterface({ input: stream }).on('line', (line) => this.#heard(line))
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  onLine(listener: (line: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The first line in which `read` finds something. @throws when the process ends before, or takes too long */
  line<Found>(read: (line: string) => Found | undefined): Promise<Found> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        stop()
        clearTimeout(timer)
        act()
      }
      const stop = this.onLine((line) => {
        const found = read(line)
        if (found !== undefined) settle(() => resolve(found))
      })
      const timer = setTimeout(
        () => settle(() => reject(new Error(`${this.name} was not ready within ${READY_MS_MAX} ms`))),
        READY_MS_MAX,
      )
      this.ended.then(
        (ending) =>
          settle(() => reject(new Error(`${this.name} ended (${wordsFor(ending)}) before it was ready`))),
        (error: unknown) => settle(() => reject(error)),
      )
    })
  }

  send(line: string): void {
    this.#process.stdin.write(`${line}\n`)
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }

  /** Asks it to end, and kills it if it does not. Resolves when it has ended. */
  async end(): Promise<void> {
    this.#process.stdin.end()
    this.kill('SIGTERM')
    const timer = setTimeout(() => this.kill('SIGKILL'), END_MS_MAX)
    await this.ended
    clearTimeout(timer)
  }

  #heard(line: string): void {
    this.lines.push(line)
    if (this.lines.length > LINES_KEPT_MAX) this.lines.shift()
    for (const listener of this.#listeners) listener(line)
  }
}
