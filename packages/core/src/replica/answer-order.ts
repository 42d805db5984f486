/**
 * What a hub says, after what it refused before: the turn that keeps a refusal may wait for a trial (I-2), or fail. Kept first, an acknowledgement of what was told later would pass for an answer to all before it, and the
 * refusal would never be heard.
 */
export class AnswerOrder {
  /** Newest refusals that are being kept, by the log of whoever gave them. */
  readonly #refusing = new Map<string, Promise<unknown>>()

  /** Rejects as the refusals before it do. */
  after<T>(log: string, keep: () => Promise<T>): Promise<T> {
    const before = this.#refusing.get(log)
    return before ? before.then(keep) : keep()
  }

  refusing<T>(log: string, keep: () => Promise<T>): Promise<T> {
    const kept = this.after(log, keep)
    this.#refusing.set(log, kept)
    const ended = () => {
      if (this.#refusing.get(log) === kept) this.#refusing.delete(log)
    }
    kept.then(ended, ended)
    return kept
  }
}
