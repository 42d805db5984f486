/**
 * The smallest session there is, for tests of links: the acceptor says 1, the initiator answers 2 and is open; the acceptor is open when it hears 2.
 * It allows large messages then, as a real session does.
 */
import { MESSAGE_BYTES_MAX } from '../src/limits.ts'
import type { LinkSession } from '../src/link.ts'
import type { SessionEnd } from '../src/retry.ts'
import type { WsTransport } from '../src/transport.ts'

const RETRIED = new Set([1000, 1001, 1005, 1006, 4408, 4429, 4500, 4503, 4507])

export class PlainSession implements LinkSession {
  state = 'handshake'
  readonly closed: Promise<SessionEnd>
  readonly received: Uint8Array[] = []
  readonly renewed: string[] = []
  readonly transport: WsTransport
  drains = 0
  private readonly listeners = new Set<() => void>()

  constructor(transport: WsTransport, role: 'initiator' | 'acceptor') {
    this.transport = transport
    this.closed = new Promise((resolve) => {
      transport.bind({
        message: (bytes) => this.onMessage(bytes, role),
        drained: () => {
          this.drains += 1
          this.changed()
        },
        closed: (code, reason) => {
          this.state = 'closed'
          this.changed()
          resolve({ code, reason, retry: RETRIED.has(code) })
        },
      })
    })
    if (role === 'acceptor') transport.send(Uint8Array.of(1))
  }

  close(code: number, reason: string): void {
    this.transport.close(code, reason)
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  renew(token: string): void {
    this.renewed.push(token)
  }

  /** Resolves when `condition` holds, looked at whenever something happens here. */
  until(condition: (session: PlainSession) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition(this)) return
        stop()
        resolve()
      }
      const stop = this.onChange(look)
      look()
    })
  }

  private onMessage(bytes: Uint8Array, role: 'initiator' | 'acceptor'): void {
    if (this.state === 'handshake') {
      this.state = 'open'
      this.transport.allowMessageBytes(MESSAGE_BYTES_MAX)
      if (role === 'initiator') this.transport.send(Uint8Array.of(2))
    } else this.received.push(bytes)
    this.changed()
  }

  private changed(): void {
    for (const listener of [...this.listeners]) listener()
  }
}
