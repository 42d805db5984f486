/** Work on one record at a time; work on different records at once. */
export class KeyLocks {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Whether somebody holds the key, or waits for it. */
  isHeld(key: string): boolean {
    return this.#last.has(key)
  }

  /** Runs `work` after everything asked for before under the same key has ended, well or not. */
  hold<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const done = before.then(work, work)
    const release = () => {
      if (this.#last.get(key) === ended) this.#last.delete(key)
    }
    const ended: Promise<void> = done.then(release, release)
    this.#last.set(key, ended)
    return done
  }

  /** Holds keys that nobody holds until the function given back is called. */
  take(keys: readonly string[]): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    for (const key of keys) void this.hold(key, () => promise)
    return resolve
  }

  /** Resolves when nobody holds the key who does now. */
  async free(key: string): Promise<void> {
    await this.#last.get(key)
  }
}
