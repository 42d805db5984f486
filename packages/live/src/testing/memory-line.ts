/** A line to a hub in the same process: real sessions over two queues, delivered as soon as anything is in them. As a link does it, without a network and without trying again. */
import {
  type MemoryLink,
  memoryLink,
  type ReplicaBase,
  type Session,
  startSession,
  type Transport,
} from '@skerry/core'
import type { LiveLink } from '../over/line.ts'
import type { Stop } from '../port.ts'

type Phase = LiveLink['state']['phase']

export class MemoryLine implements LiveLink {
  readonly #session: Session
  readonly #listeners = new Set<() => void>()
  #phase: Phase = 'connecting'
  #error: { code: string; message: string } | undefined

  constructor(edge: ReplicaBase, hub: ReplicaBase) {
    const link = memoryLink()
    const deliver = delivering(link)
    const acceptor = startSession(hub.session, deliver(link.acceptor), { role: 'acceptor' })
    this.#session = startSession(edge.session, deliver(link.initiator), { role: 'initiator' })
    this.#session.onChange(() => {
      if (this.#session.state === 'open') this.#enter('open')
    })
    void Promise.all([acceptor.closed, this.#session.closed]).then(([, { code, reason }]) => {
      this.#error = { code: `closed-${code}`, message: reason }
      this.#enter('closed')
    })
  }

  get state(): LiveLink['state'] {
    return { phase: this.#phase, lastError: this.#error, retryAt: undefined, lastContactAt: Date.now() }
  }

  subscribe(listener: () => void): Stop {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  wake(): void {
    this.#session.rewant()
  }

  renew(token: string): void {
    this.#session.renew(token)
  }

  async close(): Promise<void> {
    this.#session.close()
    await this.#session.closed
  }

  #enter(phase: Phase): void {
    if (phase === this.#phase) return
    this.#phase = phase
    for (const told of [...this.#listeners]) told()
  }
}

function delivering(link: MemoryLink): (transport: Transport) => Transport {
  let isDue = false
  const due = () => {
    if (isDue) return
    isDue = true
    setTimeout(() => {
      isDue = false
      if (link.flush() > 0) due()
    }, 0)
  }
  return (transport) => ({
    get bufferedBytes() {
      return transport.bufferedBytes
    },
    bind: (events) => transport.bind(events),
    allowMessageBytes: (bytesMax) => transport.allowMessageBytes(bytesMax),
    send(message) {
      transport.send(message)
      due()
    },
    close(code, reason) {
      transport.close(code, reason)
      due()
    },
  })
}
