/** Work on one record at a time; work on different records at once. */
export class KeyLocks {
  readonly #last = new Map<string, Promise<unknown>>()

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
}
