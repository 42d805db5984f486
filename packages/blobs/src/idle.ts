/** A signal that fires when nothing came for a while: a line that vanished says nothing, and a slow one is no failure. */
export class Idle {
  readonly #controller = new AbortController()
  readonly #ms: number
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(ms: number) {
    this.#ms = ms
    this.came()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  came(): void {
    clearTimeout(this.#timer)
    const words = `nothing came for ${this.#ms / 1000} s`
    this.#timer = setTimeout(() => this.#controller.abort(new Error(words)), this.#ms)
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}
