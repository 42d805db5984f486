/** A dial and sessions that do what the test says, for links on a manual clock. */
import type { Dial, LinkSession } from '../src/link.ts'
import type { LinkError } from '../src/link-error.ts'
import type { SessionEnd } from '../src/retry.ts'
import type { WsTransport } from '../src/transport.ts'

export class FakeTransport implements WsTransport {
  lastContactAt = 5
  bufferedBytes = 0
  probes = 0
  closed: { code: number; reason: string } | undefined
  readonly send = () => undefined
  readonly bind = () => undefined
  readonly allowMessageBytes = () => undefined
  probe(): void {
    this.probes += 1
  }
  close(code: number, reason: string): void {
    this.closed = { code, reason }
  }
}

export class FakeSession implements LinkSession {
  state = 'handshake'
  readonly closed: Promise<SessionEnd>
  readonly renewed: string[] = []
  readonly listeners = new Set<() => void>()
  private resolve: (end: SessionEnd) => void = () => undefined

  constructor() {
    this.closed = new Promise((resolve) => {
      this.resolve = resolve
    })
  }

  open(): void {
    this.state = 'open'
    for (const listener of [...this.listeners]) listener()
  }

  /** Resolves when the link has seen it. */
  async end(code: number, retry: boolean): Promise<void> {
    this.state = 'closed'
    this.resolve({ code, reason: 'said so', retry })
    await this.closed
    await Promise.resolve()
  }

  close(code: number): void {
    void this.end(code, true)
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  renew(token: string): void {
    this.renewed.push(token)
  }
}

export class FakeDial {
  attempts = 0
  private outcome:
    | { opened: (transport: WsTransport) => void; failed: (error: LinkError) => void }
    | undefined

  readonly dial: Dial = (_url, opened, failed) => {
    this.attempts += 1
    this.outcome = { opened, failed }
    return {
      abort: () => {
        this.outcome = undefined
      },
    }
  }

  get dialling(): boolean {
    return this.outcome !== undefined
  }

  succeed(): FakeTransport {
    const transport = new FakeTransport()
    this.take().opened(transport)
    return transport
  }

  fail(error: LinkError): void {
    this.take().failed(error)
  }

  private take() {
    const { outcome } = this
    if (!outcome) throw new Error('nothing is being dialled')
    this.outcome = undefined
    return outcome
  }
}
