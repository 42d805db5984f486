/** Who wants to hear that a channel's presences changed. Told once for all that changes in one turn, and never from inside the change. */
export class Listeners {
  readonly #failed: (error: unknown) => void
  readonly #byChannel = new Map<string, Set<() => void>>()
  readonly #changed = new Set<string>()

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed
  }

  subscribe(channel: string, listener: () => void): () => void {
    const listeners = this.#byChannel.get(channel) ?? new Set()
    this.#byChannel.set(channel, listeners)
    // The same function may subscribe twice.
    const own = () => listener()
    listeners.add(own)
    return () => {
      listeners.delete(own)
      if (listeners.size === 0 && this.#byChannel.get(channel) === listeners) this.#byChannel.delete(channel)
    }
  }

  changed(channel: string): void {
    if (!this.#byChannel.has(channel)) return
    this.#changed.add(channel)
    if (this.#changed.size === 1) queueTurn(() => this.#tell())
  }

  clear(): void {
    this.#byChannel.clear()
  }

  #tell(): void {
    const channels = [...this.#changed]
    this.#changed.clear()
    for (const channel of channels)
      for (const listener of [...(this.#byChannel.get(channel) ?? [])]) this.#call(listener)
  }

  /** What an app throws is its own matter; the others are told all the same. */
  #call(listener: () => void): void {
    try {
      listener()
    } catch (error) {
      this.#failed(error)
    }
  }
}

function queueTurn(run: () => void): void {
  void Promise.resolve().then(run)
}
