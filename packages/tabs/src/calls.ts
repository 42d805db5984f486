/** A page's calls that are not answered yet, over the death of servers (O-1, O-2). */
import { LiveError } from '@skerry/live'
import { CALLS_MAX } from './limits.ts'
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
}

export class Calls {
  readonly #waiting = new Map<number, Waiting>()
  readonly #againOf: (name: string) => Again
  readonly #send: (message: Asked) => void
  readonly #whenRenewed: (run: () => void) => void
  #next = 0
  /** Why there are none any more. */
  #over: LiveError | undefined

  /** @param againOf what becomes of a call whose server died; @param whenRenewed calls back when this page's watches show what the server of now has */
  constructor(
    againOf: (name: string) => Again,
    send: (message: Asked) => void,
    whenRenewed: (run: () => void) => void,
  ) {
    this.#againOf = againOf
    this.#send = send
    this.#whenRenewed = whenRenewed
  }

  /** @param isUp whether there is a server now */
  call(name: string, args: readonly unknown[], isUp: boolean, signal?: AbortSignal): Promise<unknown> {
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
        resolve: (value) => resolve(settled() ?? value),
        reject: (error) => reject(settled() ?? error),
      })
      if (isUp) this.#send({ kind: 'call', id, name, args })
    })
  }

  /** There is another server. */
  sendAgain(): void {
    for (const [id, call] of this.#waiting) {
      if (call.sent && this.#againOf(call.name) === 'once') {
        this.#waiting.delete(id)
        // Whoever is told looks at what the page shows.
        this.#whenRenewed(() => call.reject(moved(call.name)))
        continue
      }
      call.repeated = call.sent
      call.sent = true
      this.#send({ kind: 'call', id, name: call.name, args: call.args })
    }
  }

  /** @returns undefined for a call that nobody waits for */
  take(id: number): Pick<Waiting, 'resolve' | 'reject'> | undefined {
    const call = this.#waiting.get(id)
    this.#waiting.delete(id)
    return call
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

export function moved(name: string): LiveError {
  return new LiveError(
    'LiveError',
    'moved',
    `${name}: the worker ended while this was under way, and it cannot be told whether it was done; look at the record, and do it again if it was not`,
  )
}

function aborted(name: string): LiveError {
  return new LiveError('AbortError', 'aborted', `${name}: the waiting was ended`)
}
