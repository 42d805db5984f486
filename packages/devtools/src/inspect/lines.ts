/** What is told of lines: how each stands, what its session has done, and how those before it ended. */
import { type Host, heardRun, type Session } from '@skerry/core'
import type { InspectedEnding, InspectedLine, InspectedSession, SimulatedNetwork, Stop } from '@skerry/live'
import type { NetworkSimulator } from '../network/network-simulator.ts'
import type { HeldLine, HeldLines } from './held-lines.ts'

/** Endings kept for each line. */
const ENDINGS_MAX = 20
/** Runs of other replicas whose node is remembered: each is one start of one app. */
const RUNS_MAX = 1_000

interface Watched {
  id: number
  line: HeldLine
  session: Session | undefined
  endings: InspectedEnding[]
}

export interface KnownPeer {
  node: string
  subject: string
}

export class Lines {
  readonly #host: Pick<Host, 'now' | 'sha256'>
  readonly #held: HeldLines
  readonly #network: NetworkSimulator
  readonly #watched = new Map<HeldLine, Watched>()
  readonly #peers = new Map<string, KnownPeer>()
  readonly #listeners = new Set<() => void>()
  #isUp = true
  #nextId = 1

  constructor(host: Pick<Host, 'now' | 'sha256'>, held: HeldLines, network: NetworkSimulator) {
    this.#host = host
    this.#held = held
    this.#network = network
    for (const line of held.lines) this.#watch(line)
    held.added = (line) => {
      this.#watch(line)
      this.#changed()
    }
    network.subscribe(() => this.#turned())
  }

  /** Newest first. A closed one is told until another is opened. */
  now(): InspectedLine[] {
    return [...this.#watched.values()].map(lineOf).reverse()
  }

  /** Which node's log an origin's run is of, as far as it was met. */
  peerOf(run: string): KnownPeer | undefined {
    return this.#peers.get(run)
  }

  subscribe(listener: () => void): Stop {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** From the first time on all lines go through the simulator; those that are open are dialled anew. @throws LiveError `invalid` */
  simulate(network: SimulatedNetwork): void {
    this.#network.set(network)
    if (!this.#held.through && network.kind !== 'off') this.#held.lead(this.#network.through)
    // Who changes the network looks at what comes of it: no link waits for its next attempt.
    this.#wake()
  }

  #watch(line: HeldLine): void {
    for (const one of this.#watched.keys()) if (one.link.state.phase === 'closed') this.#watched.delete(one)
    const watched: Watched = { id: this.#nextId++, line, session: undefined, endings: [] }
    this.#watched.set(line, watched)
    const look = () => {
      this.#follow(watched)
      this.#changed()
    }
    line.link.subscribe(look)
    this.#follow(watched)
  }

  #follow(watched: Watched): void {
    const { link, openedAt } = watched.line
    const { session } = link
    if (link.state.phase === 'open') this.#met(session)
    if (!session || session === watched.session) return
    watched.session = session
    void session.closed.then(({ code, reason, retry, error }) => {
      const at = this.#host.now()
      const words = error?.message
      watched.endings.unshift({ at, lastedMs: at - openedAt, code, reason, words, retry })
      watched.endings.splice(ENDINGS_MAX)
      this.#changed()
    })
  }

  #met(session: Session | undefined): void {
    const { peer } = session ?? {}
    if (!peer) return
    const { node, credential, runs } = peer
    for (const { run } of runs)
      this.#peers.set(heardRun(this.#host, node, run), { node, subject: credential.subject })
    while (this.#peers.size > RUNS_MAX) this.#peers.delete(this.#peers.keys().next().value!)
  }

  /** As the browser's word that it is online again. */
  #turned(): void {
    const { isUp } = this.#network.state
    if (isUp && !this.#isUp) this.#wake()
    this.#isUp = isUp
  }

  #wake(): void {
    for (const { link } of this.#held.lines) link.wake()
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}

function lineOf({ id, line: { link, openedAt }, endings }: Watched): InspectedLine {
  const { phase, retryAt, lastContactAt, lastError } = link.state
  return {
    id,
    phase: phase === 'handshake' ? 'connecting' : phase === 'closed' ? 'off' : phase,
    retryAt,
    lastContactAt,
    reason: lastError && { code: lastError.code, words: lastError.message },
    session: link.session && sessionOf(link.session, openedAt),
    endings: [...endings],
  }
}

function sessionOf(session: Session, since: number): InspectedSession {
  const { peer, granted, current } = session
  const { bytesIn, bytesOut, messagesIn, messagesOut, entriesIn, entriesOut } = session.counters
  return {
    phase: session.state,
    since,
    peer: peer && { node: peer.node, subject: peer.credential.subject, role: peer.credential.role },
    granted,
    current,
    bytesIn,
    bytesOut,
    messagesIn,
    messagesOut,
    entriesIn,
    entriesOut,
    ...session.flow,
  }
}
