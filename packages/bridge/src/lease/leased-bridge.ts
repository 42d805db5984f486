/**
 * A bridge that runs only while this node has its system (SPEC B-165 to B-168): started when it is lent, ended before it can be lent to somebody else.
 *
 *   standby ──held──▶ running ──renewed──▶ running
 *      ▲                 │ not renewed in time, lent to another one
 *      └──── closed ◀────┘
 */
import type { BridgeEvent, BridgeHost } from '../context.ts'
import { Lane } from '../lane.ts'
import { LEASE_MARGIN_MS, LEASE_MS, LEASE_RETRY_MS } from '../limits.ts'
import type { LeaseAnswer, LeaseOffice } from './lease-office.ts'

interface Closing {
  close(): Promise<void>
}

export interface LeasedOptions<B extends Closing> {
  system: string
  office: LeaseOffice
  host: BridgeHost
  /** Starts the bridge, anew each time the system is lent again. */
  start: () => Promise<B>
  events?: ((event: BridgeEvent) => void) | undefined
}

interface Run<B> {
  epoch: number
  /** Undefined until it has started. */
  bridge: B | undefined
  started: Promise<B | undefined>
}

export class LeasedBridge<B extends Closing> {
  readonly #options: LeasedOptions<B>
  readonly #lane: Lane
  #run: Run<B> | undefined
  /** When the newest lease was asked for, and how long it may be relied on from then, milliseconds. */
  #askedAt = 0
  #validMs = 0
  #cancelEnd: () => void = () => undefined
  #ended: Promise<void> = Promise.resolve()
  #told = ''

  /** Asks at once. */
  constructor(options: LeasedOptions<B>) {
    this.#options = options
    this.#lane = new Lane({
      host: options.host,
      run: () => this.#ask(),
      failed: (error) => this.#tell('error', 'lease-failed', String(error)),
      rested: () => undefined,
    })
    void this.#lane.wake()
  }

  /** The bridge, while the system is this node's and the bridge has started. */
  get bridge(): B | undefined {
    return this.#run?.bridge
  }

  /** Undefined on standby. */
  get epoch(): number | undefined {
    return this.#run?.epoch
  }

  /** Ends the bridge, then gives the system back. */
  async close(): Promise<void> {
    await this.#lane.stop()
    const wasHeld = this.#run !== undefined
    await this.#end()
    if (wasHeld) await this.#options.office.release(this.#options.system)
  }

  async #ask(): Promise<number> {
    const { office, system, host } = this.#options
    const askedAt = host.now()
    const answer = await office.acquire(system, LEASE_MS)
    if (answer.kind === 'held') {
      this.#held(askedAt, answer)
      return Math.floor(LEASE_MS / 3)
    }
    if (answer.kind === 'other') {
      this.#tell('info', 'lease-other', `this node waits: ${answer.words}`)
      void this.#end()
      return Math.min(Math.max(answer.retryAfterMs, 0), LEASE_RETRY_MS)
    }
    this.#tell('warn', 'lease-unknown', `the hub did not say whether it is this node's: ${answer.reason}`)
    return LEASE_RETRY_MS
  }

  #held(askedAt: number, { epoch, ms }: Extract<LeaseAnswer, { kind: 'held' }>): void {
    this.#askedAt = askedAt
    this.#validMs = ms - LEASE_MARGIN_MS
    // Somebody else had it meanwhile: what is known here is to be read anew.
    if (!this.#isValid || this.#run?.epoch !== epoch) void this.#end()
    if (!this.#isValid) return
    this.#endInTime()
    if (this.#run) return
    this.#tell('info', 'lease-held', `it is this node's, in epoch ${epoch}`)
    const run: Run<B> = { epoch, bridge: undefined, started: this.#start() }
    this.#run = run
    void run.started.then((bridge) => {
      run.bridge = bridge
      if (!bridge && this.#run === run) this.#run = undefined
    })
  }

  /** A bridge that does not start is tried again with the next renewal. */
  async #start(): Promise<B | undefined> {
    try {
      await this.#ended
      return await this.#options.start()
    } catch (error) {
      this.#tell('error', 'lease-failed', `the bridge could not be started: ${String(error)}`)
      return undefined
    }
  }

  /** Counted from when it was asked for, so that it is over here first. A clock that was set back tells nothing, and so it is over. */
  get #isValid(): boolean {
    const sinceMs = this.#options.host.now() - this.#askedAt
    return sinceMs >= 0 && sinceMs < this.#validMs
  }

  #endInTime(): void {
    this.#cancelEnd()
    const leftMs = this.#askedAt + this.#validMs - this.#options.host.now()
    this.#cancelEnd = this.#options.host.timer(leftMs, () => {
      if (this.#isValid) return this.#endInTime()
      this.#tell('warn', 'lease-over', 'it could not be kept; nothing more is done for it')
      void this.#end()
    })
  }

  /** Never rejects. */
  #end(): Promise<void> {
    this.#cancelEnd()
    const run = this.#run
    this.#run = undefined
    if (run)
      this.#ended = run.started
        .then((bridge) => bridge?.close())
        .catch((error: unknown) =>
          this.#tell('error', 'lease-failed', `the bridge could not be ended: ${String(error)}`),
        )
    return this.#ended
  }

  /** Once, until something else is to be said. */
  #tell(level: BridgeEvent['level'], code: string, message: string): void {
    if (this.#told === `${code} ${message}`) return
    this.#told = `${code} ${message}`
    this.#options.events?.({ level, code, message: `${this.#options.system}: ${message}` })
  }
}
