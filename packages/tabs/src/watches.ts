/** A page's open watches, made anew at every server (O-3). */
import { LiveError, type Splice, type Stop } from '@skerry/live'
import { WATCHES_MAX } from './limits.ts'
import type { Asked } from './messages.ts'
import { RecordsWatch } from './records-watch.ts'

interface Watch {
  name: string
  args: readonly unknown[]
  tell(value: unknown): void
  failed(error: LiveError): void
  records?: RecordsWatch
}

export class Watches {
  readonly #open = new Map<number, Watch>()
  readonly #send: (message: Asked) => void
  #next = 0
  /** Why none begin any more. */
  #over: LiveError | undefined
  /** Called when the last watch of records is whole again. */
  readonly #waiting = new Set<() => void>()
  /** Watches of records that the server of now has not told whole yet, though the one before it had. */
  readonly #renewing = new Set<number>()

  constructor(send: (message: Asked) => void) {
    this.#send = send
  }

  watch<T>(
    name: string,
    args: readonly unknown[],
    told: (value: T) => void,
    failed: (error: LiveError) => void,
  ): Stop {
    return this.#begin({ name, args, tell: told as (value: unknown) => void, failed })
  }

  watchRecords(
    args: readonly unknown[],
    told: (splice: Splice) => void,
    failed: (error: LiveError) => void,
  ): Stop {
    const records = new RecordsWatch(told)
    return this.#begin({
      name: 'watch',
      args,
      tell: (splice) => records.tell(splice as Splice),
      failed,
      records,
    })
  }

  #begin(watch: Watch): Stop {
    const refusal = this.#refusalOf(watch)
    if (refusal) {
      let isStopped = false
      queueMicrotask(() => isStopped || watch.failed(refusal))
      return () => {
        isStopped = true
      }
    }
    const id = this.#next++
    this.#open.set(id, watch)
    // Without a server it is not sent; the next one is asked for all there are.
    this.#send({ kind: 'watch', id, name: watch.name, args: watch.args })
    return () => {
      if (this.#open.delete(id)) this.#send({ kind: 'stop', id })
      this.#isRenewed(id)
    }
  }

  #refusalOf({ name }: Watch): LiveError | undefined {
    if (this.#over || this.#open.size < WATCHES_MAX) return this.#over
    const words = `${name}: this page watches ${WATCHES_MAX} things already; stop some`
    return new LiveError('LiveError', 'too-many', words)
  }

  /** Nothing is told any more, and what is begun later fails with this. */
  over(error: LiveError): void {
    this.#over ??= error
    this.#open.clear()
  }

  /** There is another server. */
  sendAgain(): void {
    for (const [id, { name, args, records }] of this.#open) {
      if (records?.isWhole) this.#renewing.add(id)
      records?.begin()
      this.#send({ kind: 'watch', id, name, args })
    }
  }

  tell(id: number, value: unknown): void {
    const watch = this.#open.get(id)
    watch?.tell(value)
    if (watch?.records?.isWhole) this.#isRenewed(id)
  }

  end(id: number, error: LiveError): void {
    const watch = this.#open.get(id)
    this.#open.delete(id)
    this.#isRenewed(id)
    watch?.failed(error)
  }

  /** Calls back at once, or when what the server before had told is told by this one. */
  whenRenewed(run: () => void): void {
    if (this.#renewing.size === 0) run()
    else this.#waiting.add(run)
  }

  #isRenewed(id: number): void {
    if (!this.#renewing.delete(id) || this.#renewing.size > 0) return
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const run of waiting) run()
  }
}
