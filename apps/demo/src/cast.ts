/** All processes of the story, so that none is forgotten, and what each has said. */
import { Child, type ChildOptions } from './child.ts'

export class Cast {
  readonly #all: Child[] = []
  readonly #others: (() => Promise<void>)[] = []
  #isOver = false

  /** Also those that have ended. */
  get all(): readonly Child[] {
    return this.#all
  }

  get running(): Child[] {
    return this.#all.filter(({ isRunning }) => isRunning)
  }

  /** @throws when the story is over */
  start(options: ChildOptions): Child {
    if (this.#isOver) throw new Error(`${options.name} was to be started, but the story is over`)
    const child = new Child(options)
    this.#all.push(child)
    return child
  }

  /** What was started for the story in another way ends with it, the newest first. */
  endAlso(end: () => Promise<void>): void {
    this.#others.unshift(end)
  }

  /** Nobody is started any more; resolves when all have ended. */
  async end(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.running.map((child) => child.end()))
    for (const end of this.#others) await end()
  }

  /** For when nothing can be waited for any more. */
  kill(): void {
    for (const child of this.running) child.kill('SIGKILL')
  }
}
