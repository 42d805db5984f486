/** The page's side of photos. */
import { PHOTO_CHANNEL, type PhotoAnswers, type PhotoAsk, type PhotoMessage } from './messages.ts'

/** Milliseconds until an ask counts as lost with the worker that had it: a photo of 25 MB over a slow line takes some minutes, so it is asked again only then. */
const ANSWER_MS_MAX = 300_000
/** Milliseconds between two asks until somebody has heard: a worker that begins just now does not listen yet. */
const AGAIN_MS = 2_000

interface Asked {
  heard(): void
  resolve(value: PhotoAnswers[keyof PhotoAnswers]): void
  reject(error: Error): void
}

export class Photos {
  readonly #channel = new BroadcastChannel(PHOTO_CHANNEL)
  readonly #asked = new Map<string, Asked>()
  readonly #listeners = new Set<(sha256: string) => void>()

  constructor() {
    this.#channel.onmessage = ({ data }: MessageEvent<PhotoMessage>) => this.#hear(data)
  }

  /** @throws with the worker's words */
  ask<What extends PhotoAsk['what']>(ask: Extract<PhotoAsk, { what: What }>): Promise<PhotoAnswers[What]>
  ask(ask: PhotoAsk): Promise<PhotoAnswers[keyof PhotoAnswers]> {
    const id = crypto.randomUUID()
    const { promise, resolve, reject } = Promise.withResolvers<PhotoAnswers[keyof PhotoAnswers]>()
    const say = () => this.#channel.postMessage({ kind: 'ask', id, ask } satisfies PhotoMessage)
    say()
    const again = setInterval(say, AGAIN_MS)
    this.#asked.set(id, { heard: () => clearInterval(again), resolve, reject })
    const lost = setTimeout(() => reject(new Error('the app’s worker does not answer')), ANSWER_MS_MAX)
    return promise.finally(() => {
      clearInterval(again)
      clearTimeout(lost)
      this.#asked.delete(id)
    })
  }

  subscribe(listener: (sha256: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #hear(message: PhotoMessage): void {
    if (message.kind === 'changed') for (const listener of this.#listeners) listener(message.sha256)
    else if (message.kind === 'heard') this.#asked.get(message.id)?.heard()
    else if (message.kind === 'answer') this.#asked.get(message.id)?.resolve(message.value)
    else if (message.kind === 'refused') this.#asked.get(message.id)?.reject(new Error(message.words))
  }
}
