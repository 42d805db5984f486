/** One tab at the server: the live port, and the inspection port where the app's worker offers that. */
import { LiveError, type LiveReplica } from '@skerry/live'
import { type Answered, idOf, readAsked, type ToPage, type ToServer } from './messages.ts'
import { liveMethods, type Methods } from './methods.ts'
import { ServedPort } from './served-port.ts'
import { toWire } from './wire-error.ts'

/** The inspection port as it is served: what answers, and what may be asked of it (@skerry/tabs/inspect makes one). */
export interface InspectPort {
  readonly target: object
  readonly methods: Methods
}

interface Parts {
  live(): Promise<LiveReplica>
  /** @throws where the app's worker offers none */
  inspect(): Promise<InspectPort>
  say(message: ToPage): void
  bye(): void
}

export class ServedTab {
  readonly #parts: Parts
  readonly #live: ServedPort
  #inspect: Promise<{ port: ServedPort; methods: Methods }> | undefined
  #ended = false

  constructor(parts: Parts) {
    this.#parts = parts
    this.#live = new ServedPort({ methods: liveMethods, target: parts.live, say: parts.say })
  }

  hear(message: ToServer): void {
    if (this.#ended) return
    if (message.kind === 'wake') this.#wake()
    else if (message.kind === 'bye') this.#parts.bye()
    else if (message.kind === 'inspect') void this.#heardInspect(message.message)
    else if (message.kind !== 'hello') this.#live.hear(message)
  }

  #wake(): void {
    this.#parts.live().then(
      (live) => live.wake(),
      // Whoever asks for something hears why.
      () => undefined,
    )
  }

  async #heardInspect(data: unknown): Promise<void> {
    const say = (message: Answered) => {
      if (!this.#ended) this.#parts.say({ kind: 'inspect', message })
    }
    try {
      this.#inspect ??= this.#openInspect(say)
      const { port, methods } = await this.#inspect
      if (this.#ended) return port.end()
      const asked = readAsked(data, methods)
      if (!asked) throw new LiveError('LiveError', 'malformed-message', 'what was asked could not be read')
      port.hear(asked)
    } catch (error) {
      const id = idOf(data)
      if (id !== undefined)
        for (const kind of ['failed', 'ended'] as const) say({ kind, id, error: toWire(error) })
    }
  }

  /** What fails is asked for again at the next call: its code may have had no network. */
  #openInspect(say: (message: Answered) => void): Promise<{ port: ServedPort; methods: Methods }> {
    const opening = this.#parts.inspect().then(({ target, methods }) => ({
      port: new ServedPort({ methods, target: async () => target, say }),
      methods,
    }))
    opening.catch(() => {
      if (this.#inspect === opening) this.#inspect = undefined
    })
    return opening
  }

  /** The tab has gone. */
  end(): void {
    this.#ended = true
    this.#live.end()
    this.#inspect?.then(
      ({ port }) => port.end(),
      // Whoever asked was told.
      () => undefined,
    )
  }
}
