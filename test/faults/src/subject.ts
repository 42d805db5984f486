/**
 * The parent's side of a process that will be killed. The next one is started while the present one works: loading Node, the CRDT engine and SQLite takes longer than
 * a round, and all that matters for the round happens after the errand was given.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { within } from './within.ts'

/** Milliseconds for a process to load, on a machine that does much else. */
const STANDING_MS_MAX = 120_000
/** Milliseconds from SIGKILL until the kernel has closed its pipes. */
const KILLED_MS_MAX = 60_000

export class Subject<Line extends object> {
  readonly #child: ChildProcess
  readonly #standing: Promise<void>
  readonly #closed: Promise<void>
  #hear: (line: Line) => void = () => undefined
  #errors = ''
  #unfinished = ''
  #ended: string | undefined

  constructor(script: URL, compileCache: string) {
    this.#child = spawn(process.execPath, [fileURLToPath(script)], {
      stdio: 'pipe',
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    })
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
    })
    // A process that is gone breaks the pipe under its errand; that it is gone is told by `close`.
    this.#child.stdin!.on('error', () => undefined)
    this.#standing = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('close', () =>
        reject(new Error(`the process ended before its errand: ${this.#errors}`)),
      )
      // The first line says that it stands by.
      this.#hear = () => resolve()
    })
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => this.#heard(text))
    this.#closed = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#ended = signal ?? `code ${code}`
        resolve()
      })
    })
    // Told to whoever gives it an errand; a process that is dismissed before may end as it likes.
    this.#standing.catch(() => undefined)
  }

  /** Gives it its errand; `hear` is called with each line it tells. */
  async go(errand: object, hear: (line: Line) => void): Promise<void> {
    await within(STANDING_MS_MAX, 'a process to stand by', this.#standing)
    this.#hear = hear
    this.#child.stdin!.write(`${JSON.stringify(errand)}\n`)
  }

  /** A machine that sleeps: nothing of it runs until `wake`. */
  sleep(): void {
    this.#child.kill('SIGSTOP')
  }

  wake(): void {
    this.#child.kill('SIGCONT')
  }

  /** Resolves when it is gone and everything it told was heard. @throws when it had ended by itself */
  async kill(): Promise<void> {
    const endedBefore = this.#ended
    this.#child.kill('SIGKILL')
    await within(KILLED_MS_MAX, 'a killed process to be gone', this.#closed)
    if (endedBefore !== undefined || this.#ended !== 'SIGKILL')
      throw new Error(
        `the process ended by itself (${endedBefore ?? this.#ended}) before it was killed: ${this.#errors}`,
      )
  }

  /** Resolves when it has ended, however. */
  get closed(): Promise<void> {
    return this.#closed
  }

  /** What it tells within `ms` milliseconds. @throws Error with its last words when it ends before */
  hears<T>(ms: number, what: string, told: Promise<T>): Promise<T> {
    const ended = this.#closed.then(() => {
      throw new Error(`the process ended (${this.#ended}) while waiting for ${what}: ${this.#errors}`)
    })
    return within(ms, what, Promise.race([told, ended]))
  }

  #heard(text: string): void {
    const lines = (this.#unfinished + text).split('\n')
    // A line that the kill cut off was not told.
    this.#unfinished = lines.pop() ?? ''
    for (const line of lines) this.#hear(JSON.parse(line) as Line)
  }
}

/** Keeps one process standing by. */
export class Standby<Line extends object> {
  readonly #script: URL
  readonly #compileCache: string
  #next: Subject<Line>

  /** `compileCache`: a folder in which Node keeps compiled code between processes. */
  constructor(script: URL, compileCache: string) {
    this.#script = script
    this.#compileCache = compileCache
    this.#next = new Subject(script, compileCache)
  }

  take(): Subject<Line> {
    const taken = this.#next
    this.#next = new Subject(this.#script, this.#compileCache)
    return taken
  }

  async dismiss(): Promise<void> {
    await this.#next.kill()
  }
}
