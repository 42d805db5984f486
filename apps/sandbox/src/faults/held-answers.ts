/**
 * Answers that wait although their work is committed. A test can then kill the caller exactly between commit and answer,
 * and learns from `waitFor` when that moment has come, without sleeping.
 */

export type HeldCall = { seq: number; method: string; path: string; externalId: string | null }

export type Release = 'answer' | 'lose'

type Held = { call: HeldCall; release: (how: Release) => void }

export class HeldAnswers {
  readonly #held = new Set<Held>()
  #watchers: Array<() => void> = []

  /** Resolves when the test lets go; `gone` ends the wait when the caller has died. */
  hold(call: HeldCall, gone: AbortSignal): Promise<Release> {
    return new Promise((resolve) => {
      const held: Held = {
        call,
        release: (how) => {
          gone.removeEventListener('abort', lost)
          this.#held.delete(held)
          resolve(how)
        },
      }
      const lost = () => held.release('lose')
      gone.addEventListener('abort', lost)
      this.#held.add(held)
      for (const watcher of this.#watchers) watcher()
    })
  }

  list(): HeldCall[] {
    return [...this.#held].map(({ call }) => call)
  }

  release(how: Release): number {
    const held = [...this.#held]
    for (const { release } of held) release(how)
    return held.length
  }

  /** The held calls as soon as there are `atLeast` of them, or those there are when `timeoutMs` is over. */
  waitFor(atLeast: number, timeoutMs: number): Promise<HeldCall[]> {
    if (this.#held.size >= atLeast) return Promise.resolve(this.list())
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer)
        this.#watchers = this.#watchers.filter((other) => other !== check)
        resolve(this.list())
      }
      const check = () => {
        if (this.#held.size >= atLeast) finish()
      }
      const timer = setTimeout(finish, timeoutMs).unref()
      this.#watchers.push(check)
    })
  }
}
