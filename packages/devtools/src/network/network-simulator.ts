/**
 * A network that is as bad as a person asks, between a link and what opens its sockets (SPEC, Network): it breaks, refuses and delays, and never invents, changes or reorders a message. Time comes in as
 * an argument, so that tests move it.
 *
 *     off ── as it is        cut ── no line             flap ── up ⇄ down, by a timer
 *     slow ── PacedQueue     lose-acks ── a line breaks as an answer comes back on it
 */
import type { Host } from '@skerry/core'
import type { NetworkState, SimulatedNetwork, Stop } from '@skerry/live'
import { type Dial, LinkError } from '@skerry/ws/browser'
import { checkNetwork } from './bounds.ts'
import type { Pace } from './paced-queue.ts'
import { type NetworkOfTransport, SimulatedTransport } from './simulated-transport.ts'

const NOTHING = { broken: 0, refused: 0, delayed: 0, lostAcks: 0 }
const CUT = 'the network simulator has cut the line'

type Attempt = (error: LinkError) => void

export class NetworkSimulator {
  readonly #host: Pick<Host, 'now' | 'timer'>
  readonly #transports = new Set<SimulatedTransport>()
  readonly #attempts = new Set<Attempt>()
  readonly #listeners = new Set<() => void>()
  #network: SimulatedNetwork = { kind: 'off' }
  #isUp = true
  #counts = { ...NOTHING }
  #cancelFlap: () => void = () => undefined

  constructor(host: Pick<Host, 'now' | 'timer'>) {
    this.#host = host
  }

  get state(): NetworkState {
    return { network: this.#network, isUp: this.#isUp, ...this.#counts }
  }

  /** Called after each change of the state. */
  subscribe(listener: () => void): Stop {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** What happened is counted anew, but for `off`: then it can be looked at. @throws LiveError `invalid` */
  set(network: SimulatedNetwork): void {
    checkNetwork(network)
    this.#cancelFlap()
    this.#network = network
    if (network.kind !== 'off') this.#counts = { ...NOTHING }
    this.#turn(network.kind !== 'cut')
    for (const transport of [...this.#transports]) transport.repace()
    if (network.kind === 'flap') this.#flap(network)
  }

  /** Between a link and its dialler. */
  readonly through =
    (dial: Dial): Dial =>
    (url, opened, failed) => {
      let isOver = false
      let cancel = () => {}
      const end = (then: () => void) => {
        if (isOver) return
        isOver = true
        this.#attempts.delete(fail)
        then()
      }
      const abort = () => end(() => cancel())
      const fail: Attempt = (error) => {
        abort()
        this.#count('refused')
        failed(error)
      }
      this.#attempts.add(fail)
      const begin = () => {
        const inner = dial(
          url,
          (transport) => end(() => opened(this.#over(transport))),
          (error) => end(() => failed(error)),
        )
        cancel = inner.abort
      }
      const { pace } = this
      if (!this.#isUp) cancel = this.#host.timer(0, () => fail(refusal(url)))
      else if (pace) cancel = this.#host.timer(pace.delayMs, begin)
      else begin()
      return { abort }
    }

  get pace(): Pace | undefined {
    return this.#network.kind === 'slow' ? this.#network : undefined
  }

  #over(transport: Parameters<Parameters<Dial>[1]>[0]): SimulatedTransport {
    const simulator = this
    const network: NetworkOfTransport = {
      host: this.#host,
      get pace() {
        return simulator.pace
      },
      get losesAcks() {
        return simulator.#network.kind === 'lose-acks'
      },
      held: () => this.#count('delayed'),
      lostAck: () => this.#count('lostAcks'),
      broke: () => this.#count('broken'),
      over: (ended) => this.#transports.delete(ended),
    }
    const simulated = new SimulatedTransport(transport, network)
    this.#transports.add(simulated)
    return simulated
  }

  #flap({ upMs, downMs }: SimulatedNetwork & { kind: 'flap' }): void {
    this.#cancelFlap = this.#host.timer(this.#isUp ? upMs : downMs, () => {
      this.#turn(!this.#isUp)
      if (this.#network.kind === 'flap') this.#flap(this.#network)
    })
  }

  #turn(isUp: boolean): void {
    this.#isUp = isUp
    if (!isUp) {
      for (const fail of [...this.#attempts]) fail(refusal('the hub'))
      for (const transport of [...this.#transports]) transport.break(CUT)
    }
    this.#changed()
  }

  #count(what: keyof typeof NOTHING): void {
    this.#counts[what] += 1
    this.#changed()
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}

function refusal(url: string): LinkError {
  return new LinkError('network-unreachable', `connecting to ${url}: ${CUT}`)
}
