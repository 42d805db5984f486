/** All processes of the story, so that none is forgotten, and what each has said. */
import { Child, type ChildOptions } from './child.ts'

export class Cast {
  readonly #all: Child[] = []
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

  /** Nobody is started any more; resolves when all have ended. */
  async end(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.running.map((child) => child.end()))
  }

  /** For when nothing can be waited for any more. */
  kill(): void {
    for (const child of this.running) child.kill('SIGKILL')
  }
}
