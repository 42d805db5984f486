/** A page's calls that are not answered yet, over the death of servers (O-1, O-2). */
import { LiveError, type Once } from '@skerry/live'
import { CALLS_MAX, SETTLED_TOLD_MAX } from './limits.ts'
import type { Asked, WireError } from './messages.ts'
import type { Again } from './methods.ts'

interface Waiting {
  name: string
  args: readonly unknown[]
  resolve(value: unknown): void
  reject(error: LiveError): void
  /** A server was sent it. */
  sent: boolean
  /** That server died, and another one was sent it. */
  repeated: boolean
  /** Of an edit. */
  once: Once | undefined
}

export class Calls {
  readonly #waiting = new Map<number, Waiting>()
  readonly #againOf: (name: string) => Again
  readonly #send: (message: Asked) => void
  readonly #newId: () => string
  /** Ids of edits that were answered, and that no edit has told the server of yet. */
  #settled: string[] = []
  #next = 0
  /** Why there are none any more. */
  #over: LiveError | undefined

  /**
   * @param againOf what becomes of a call whose server died
   * @param newId names an edit, as no other in this browser; a port without calls that are done once needs none
   */
  constructor(againOf: (name: string) => Again, send: (message: Asked) => void, newId: () => string = noId) {
    this.#againOf = againOf
    this.#send = send
    this.#newId = newId
  }

  /** @param isUp whether there is a server now */
  call(name: string, given: readonly unknown[], isUp: boolean, signal?: AbortSignal): Promise<unknown> {
    if (this.#over) return Promise.reject(this.#over)
    if (this.#waiting.size >= CALLS_MAX)
      return Promise.reject(
        new LiveError(
          'LiveError',
          'too-many',
          `${name}: ${CALLS_MAX} calls of this page wait already; await some`,
        ),
      )
    if (signal?.aborted) return Promise.reject(aborted(name))
    const id = this.#next++
    const once = this.#againOf(name) === 'once' ? this.#once() : undefined
    const args = once ? [...given, once] : given
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#waiting.delete(id)
        this.#send({ kind: 'abort', id })
        reject(aborted(name))
      }
      const settled = () => signal?.removeEventListener('abort', end)
      signal?.addEventListener('abort', end)
      this.#waiting.set(id, {
        name,
        args,
        sent: isUp,
        repeated: false,
        once,
        resolve: (value) => resolve(settled() ?? value),
        reject: (error) => reject(settled() ?? error),
      })
      if (isUp) this.#send({ kind: 'call', id, name, args })
    })
  }

  /** There is another server. */
  sendAgain(): void {
    for (const [id, call] of this.#waiting) {
      call.repeated = call.sent
      call.sent = true
      this.#send({ kind: 'call', id, name: call.name, args: call.args })
    }
  }

  /** The call is answered. @returns undefined for a call that nobody waits for */
  take(id: number, answer: 'done' | 'failed'): Pick<Waiting, 'resolve' | 'reject'> | undefined {
    const call = this.#waiting.get(id)
    this.#waiting.delete(id)
    // What was refused left nothing, and forgot nothing.
    if (call?.once) this.#settled.push(...(answer === 'done' ? [call.once.id] : call.once.settled))
    return call
  }

  #once(): Once {
    return { id: this.#newId(), settled: this.#settled.splice(0, SETTLED_TOLD_MAX) }
  }

  /** A refusal that says, of a call that was sent twice, that the first time did it. */
  wasDone(id: number, { code }: WireError): boolean {
    const call = this.#waiting.get(id)
    const again = call && this.#againOf(call.name)
    return call?.repeated === true && typeof again === 'object' && again.done === code
  }

  /** Rejects all, and all that come later. */
  end(error: LiveError): void {
    this.#over ??= error
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const call of waiting) call.reject(error)
  }
}

function noId(): string {
  throw new TypeError('no call of this port is one that is done once')
}

function aborted(name: string): LiveError {
  return new LiveError('AbortError', 'aborted', `${name}: the waiting was ended`)
}
