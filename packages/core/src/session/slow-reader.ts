/**
 * Ends the session of a peer that asks and does not take (O15): data waits for it, and for SLOW_READER_MS_MAX it has acknowledged nothing and given no credit. Until then it
 * is paused and costs what its credit and the send buffer allow.
 */
import type { Host } from '../host.ts'
import { SLOW_READER_MS_MAX } from './limits.ts'
import { ProtocolError } from './port.ts'

export class SlowReader {
  readonly #host: Pick<Host, 'timer'>
  readonly #fail: (error: ProtocolError) => void
  #cancel: (() => void) | undefined

  constructor(host: Pick<Host, 'timer'>, fail: (error: ProtocolError) => void) {
    this.#host = host
    this.#fail = fail
  }

  /** `heldBy`: why data that is ready waits; undefined when none does. */
  looks(heldBy: string | undefined): void {
    if (heldBy === undefined) this.#stop()
    else
      this.#cancel ??= this.#host.timer(SLOW_READER_MS_MAX, () => {
        const reason = `nothing was taken for ${SLOW_READER_MS_MAX} ms while data waited for ${heldBy}`
        this.#fail(new ProtocolError('too-slow', `${reason}; come back on a better line`))
      })
  }

  /** The peer took something: the time begins anew, if data still waits. */
  took(): void {
    this.#stop()
  }

  end(): void {
    this.#stop()
  }

  #stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
