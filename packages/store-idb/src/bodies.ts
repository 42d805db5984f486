/** Bodies of frames: those used last are kept, the others are read when they are asked for, or shortly before. */
import type { Connection } from './connection.ts'
import { isUnreadable } from './failure.ts'
import type { Frame, Span } from './frame.ts'

/** Bytes: rows of some 50,000 records. More would be felt beside the app itself on a phone. */
export const CACHE_BYTES_MAX = 32 * 1024 * 1024

/** Undefined where a body is not in the database. */
export type Loaded = ReadonlyMap<Frame, Uint8Array | undefined>

export class Bodies {
  readonly #connection: Connection
  /** By body number, least recently used first. */
  readonly #kept = new Map<number, Uint8Array>()
  #keptBytes = 0
  /** By body number: under way, for whoever asks meanwhile, too. */
  readonly #coming = new Map<number, Promise<unknown>>()

  constructor(connection: Connection) {
    this.#connection = connection
  }

  keep(body: number, bytes: Uint8Array): void {
    this.drop(body)
    this.#kept.set(body, bytes)
    this.#keptBytes += bytes.length
    for (const [oldest] of this.#kept) {
      if (this.#keptBytes <= CACHE_BYTES_MAX) break
      this.drop(oldest)
    }
  }

  drop(body: number): void {
    this.#keptBytes -= this.#kept.get(body)?.length ?? 0
    this.#kept.delete(body)
  }

  /** Those that these spans lie in. */
  async load(spans: Iterable<Span>): Promise<Loaded> {
    const loaded = new Map<Frame, Uint8Array | undefined>()
    const missing: Frame[] = []
    for (const { frame } of spans) {
      if (loaded.has(frame)) continue
      const kept = this.#kept.get(frame.body)
      loaded.set(frame, kept)
      if (kept) this.#touch(frame.body, kept)
      else if (frame.bodyBytes > 0) missing.push(frame)
      else loaded.set(frame, new Uint8Array())
    }
    if (missing.length === 0) return loaded
    const values = await Promise.all(this.#asked(missing))
    for (const [at, frame] of missing.entries()) {
      const bytes: unknown = values[at]
      if (!(bytes instanceof Uint8Array)) continue
      loaded.set(frame, bytes)
      if (!frame.isGone) this.keep(frame.body, bytes)
    }
    return loaded
  }

  /** Reads what somebody will probably ask for next. Where that fails, he is told when he asks. */
  loadAhead(spans: Iterable<Span>): void {
    this.load(spans).catch(() => undefined)
  }

  #asked(frames: readonly Frame[]): Promise<unknown>[] {
    const fresh = frames.filter(({ body }) => !this.#coming.has(body))
    const fetching = fresh.length > 0 ? this.#fetched(fresh) : undefined
    for (const [at, { body }] of fresh.entries()) {
      const coming = fetching!.then((values) => values[at]).finally(() => this.#coming.delete(body))
      this.#coming.set(body, coming)
    }
    return frames.map(({ body }) => this.#coming.get(body)!)
  }

  /** One that the browser itself cannot read any more is as one that is not there; it would fail the others of its transaction. */
  async #fetched(frames: readonly Frame[]): Promise<unknown[]> {
    try {
      return await this.#connection.read('read', ['bodies'], (tx) => {
        const bodies = tx.objectStore('bodies')
        return Promise.all(frames.map(({ body }) => bodies.get(body)))
      })
    } catch (error) {
      if (!isUnreadable(error)) throw error
      if (frames.length === 1) return [undefined]
      return (await Promise.all(frames.map((frame) => this.#fetched([frame])))).flat()
    }
  }

  #touch(body: number, bytes: Uint8Array): void {
    this.#kept.delete(body)
    this.#kept.set(body, bytes)
  }
}
