/** Binds to a transport and keeps what it tells, with promises for what comes next. */
import type { WsTransport } from '../src/transport.ts'

export class Recorder {
  readonly messages: Uint8Array[] = []
  readonly closed: Promise<{ code: number; reason: string }>
  closedCount = 0
  drains = 0
  private readonly lookers = new Set<() => void>()

  constructor(transport: WsTransport) {
    const closed = Promise.withResolvers<{ code: number; reason: string }>()
    this.closed = closed.promise
    transport.bind({
      message: (bytes) => {
        this.messages.push(bytes)
        this.happened()
      },
      drained: () => {
        this.drains += 1
        this.happened()
      },
      closed: (code, reason) => {
        this.closedCount += 1
        this.happened()
        closed.resolve({ code, reason })
      },
    })
  }

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return
        this.lookers.delete(look)
        resolve()
      }
      this.lookers.add(look)
      look()
    })
  }

  private happened(): void {
    for (const look of [...this.lookers]) look()
  }
}
