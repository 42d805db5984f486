/** News for open office pages as Server-Sent Events. Best effort: a page that lags is cut, reconnects and loads again. */
import { officeFeedLagMax, officeFeedsMax } from '../limits.ts'

export type FeedEvent = 'change' | 'call' | 'reload'

const heartbeatMs = 15_000

export class Feed {
  readonly #readers = new Set<ReadableStreamDefaultController<Uint8Array>>()
  readonly #heartbeat: NodeJS.Timeout
  readonly #encoder = new TextEncoder()

  constructor() {
    this.#heartbeat = setInterval(() => this.#send(': still here\n\n'), heartbeatMs)
    this.#heartbeat.unref()
  }

  publish(event: FeedEvent, data: unknown): void {
    if (this.#readers.size > 0) this.#send(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  /** undefined when too many pages are open. */
  open(): ReadableStream<Uint8Array> | undefined {
    if (this.#readers.size >= officeFeedsMax) return undefined
    let reader: ReadableStreamDefaultController<Uint8Array>
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          reader = controller
          this.#readers.add(controller)
          controller.enqueue(this.#encoder.encode('retry: 1000\n\n'))
        },
        cancel: () => void this.#readers.delete(reader),
      },
      { highWaterMark: officeFeedLagMax },
    )
  }

  close(): void {
    clearInterval(this.#heartbeat)
    for (const reader of this.#readers) reader.close()
    this.#readers.clear()
  }

  #send(text: string): void {
    const bytes = this.#encoder.encode(text)
    for (const reader of this.#readers) {
      if ((reader.desiredSize ?? 0) > 0) reader.enqueue(bytes)
      else this.#cut(reader)
    }
  }

  #cut(reader: ReadableStreamDefaultController<Uint8Array>): void {
    this.#readers.delete(reader)
    reader.close()
  }
}
