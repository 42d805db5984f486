/**
 * Notices that the other side is gone when TCP does not: a peer that vanished without FIN, or a path that drops one direction (H-rules
 * of SPEC.md). It counts beats, not milliseconds, so that a clock that jumps kills nothing.
 */
import { HEARTBEAT_JITTER, HEARTBEAT_MS, HEARTBEATS_MISSED_MAX, PROBE_MS_MAX } from './limits.ts'
import { type HeartbeatOptions, randomFraction, type TransportHost } from './transport.ts'

export interface HeartbeatActions {
  /** Send something that makes the other side answer, or nothing where the other side beats by itself. */
  beat(): void
  /** Called once, instead of the next beat. */
  dead(missed: number): void
}

export class Heartbeat {
  private readonly host: TransportHost
  private readonly everyMs: number
  private readonly missedMax: number
  private readonly actions: HeartbeatActions
  private heard = true
  private missed = 0
  private cancel: () => void

  constructor(host: TransportHost, options: HeartbeatOptions, actions: HeartbeatActions) {
    this.host = host
    this.everyMs = options.heartbeatMs ?? HEARTBEAT_MS
    this.missedMax = options.heartbeatsMissedMax ?? HEARTBEATS_MISSED_MAX
    this.actions = actions
    this.cancel = this.schedule(this.jittered())
  }

  /** Something arrived. */
  contact(): void {
    this.heard = true
  }

  /** The next silence of PROBE_MS_MAX is the last one. */
  probe(): void {
    this.cancel()
    this.heard = false
    this.missed = this.missedMax - 1
    this.actions.beat()
    this.cancel = this.schedule(PROBE_MS_MAX)
  }

  stop(): void {
    this.cancel()
  }

  private schedule(delayMs: number): () => void {
    return this.host.timer(delayMs, () => this.tick())
  }

  private tick(): void {
    this.missed = this.heard ? 0 : this.missed + 1
    if (this.missed >= this.missedMax) {
      this.actions.dead(this.missed)
      return
    }
    this.heard = false
    this.cancel = this.schedule(this.jittered())
    this.actions.beat()
  }

  private jittered(): number {
    return Math.round(this.everyMs * (1 + HEARTBEAT_JITTER * (2 * randomFraction(this.host) - 1)))
  }
}
