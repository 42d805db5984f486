/**
 * Bodies on their way in, from senders that nobody knows yet: a signature is checked over the whole body, so that it must be held before it is believed. What is held is bounded
 * for each and for all together (SPEC B-45 of the bridge).
 */
import type { IncomingMessage } from 'node:http'
import { WEBHOOK_BYTES_HELD_MAX, WEBHOOK_BYTES_MAX } from './limits.ts'

export class Bodies {
  #heldBytes = 0

  /** The body as text, or the status that refuses it: 413 for one that is too large, 503 when too much is held already and the sender should come again. */
  async read(request: IncomingMessage): Promise<string | number> {
    if (Number(request.headers['content-length'] ?? 0) > WEBHOOK_BYTES_MAX) return 413
    const chunks: Buffer[] = []
    let bytes = 0
    try {
      // Leaving the loop must not end the connection: the refusal has yet to be said.
      for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        bytes += chunk.length
        this.#heldBytes += chunk.length
        if (bytes > WEBHOOK_BYTES_MAX) return 413
        if (this.#heldBytes > WEBHOOK_BYTES_HELD_MAX) return 503
        chunks.push(chunk)
      }
      return Buffer.concat(chunks).toString('utf8')
    } finally {
      this.#heldBytes -= bytes
    }
  }
}
