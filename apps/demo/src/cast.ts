/** All processes of the story, so that none is forgotten, and what each has said. */
import { Child, type ChildOptions } from './child.ts'

export class Cast {
  readonly #all: Child[] = []
  readonly #others: (() => Promise<void>)[] = []
  readonly #over = new AbortController()

  /** Also those that have ended. */
  get all(): readonly Child[] {
    return this.#all
  }

  get running(): Child[] {
    return this.#all.filter(({ isRunning }) => isRunning)
  }

  /** @throws when the story is over */
  start(options: ChildOptions): Child {
    if (this.#over.signal.aborted) throw new Error(`${options.name} was to be started, but the story is over`)
    const child = new Child(options)
    this.#all.push(child)
    return child
  }

  /** What is started in another way ends with the story, the newest first, also while it is still starting. @throws when the story is over */
  startAlso<Started>(
    start: (over: AbortSignal) => Promise<Started>,
    end: (started: Started) => Promise<void>,
  ): Promise<Started> {
    this.#over.signal.throwIfAborted()
    const starting = start(this.#over.signal)
    // Why it did not start is told to whoever started it.
    this.#others.unshift(() => starting.then(end, () => undefined))
    return starting
  }

  /** Nobody is started any more; resolves when all have ended. */
  async end(): Promise<void> {
    this.#over.abort(new Error('the story is over'))
    await Promise.all(this.running.map((child) => child.end()))
    for (const end of this.#others) await end()
  }

  /** For when nothing can be waited for any more. */
  kill(): void {
    for (const child of this.running) child.kill('SIGKILL')
  }
}
