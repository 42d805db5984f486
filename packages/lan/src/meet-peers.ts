/**
 * Replicas of one LAN find each other and sync, with no hub in reach: this node listens, says that it is there, and dials those it should. Who is dialled is decided in
 * whom-to-dial.ts; who may come in, and what is told, by each session's handshake.
 *
 *     discovery ─sighting─┐                     ┌─ dial, hang up
 *     links, sessions ────┼─▶ what is known ─▶ whomToDial
 *     time, refusals ─────┘
 */
import { closeCodes, type Peer, type ReplicaBase, type Session, sessionLimits } from '@skerry/core'
import { type LinkError, type Listener, listen } from '@skerry/ws'
import { DialledPeers } from './dialled-peers.ts'
import type { Discovery, Sighting } from './discovery.ts'
import { ACCEPTED_MAX, REFUSED_REDIAL_MS } from './limits.ts'
import { mdnsDiscovery } from './mdns.ts'
import { checkOptions, type LanEvent, type Meeting, type MeetOptions, type MetPeer } from './meeting.ts'
import { Sightings, type Target, whomToDial } from './whom-to-dial.ts'

/** @throws MeetRefused when the replica or an option does not fit; the system's error when a port cannot be bound; LinkError `url-invalid` */
export async function meetPeers(
  replica: Pick<ReplicaBase, 'session'>,
  options: MeetOptions = {},
): Promise<Meeting> {
  checkOptions(replica, options)
  const meeting = new LanMeeting(replica, options)
  await meeting.start()
  return meeting
}

class LanMeeting implements Meeting {
  readonly #replica: Pick<ReplicaBase, 'session'>
  readonly #options: MeetOptions
  readonly #sightings = new Sightings()
  readonly #given: Target[]
  readonly #dialled: DialledPeers
  readonly #accepted = new Map<Session, Peer>()
  readonly #heldUntil = new Map<string, number>()
  readonly #listeners = new Set<() => void>()
  #listener!: Listener
  #discovery: Discovery | undefined
  #cancelTimer: () => void = () => undefined
  #planned = false
  #closed: Promise<void> | undefined

  constructor(replica: Pick<ReplicaBase, 'session'>, options: MeetOptions) {
    this.#replica = replica
    this.#options = options
    this.#given = (options.addresses ?? []).map((url) => ({ url, node: undefined, isGiven: true }))
    this.#dialled = new DialledPeers({
      replica,
      changed: () => this.#plan(),
      refused: (url, error) => this.#refused(url, error),
      log: (event) => this.#log(event),
    })
  }

  get port(): number {
    return this.#listener.port
  }

  get peers(): readonly MetPeer[] {
    const accepted = [...this.#accepted].map(([session, peer]) => ({ peer, session, dialled: false }))
    return [...this.#dialled.met, ...accepted]
  }

  get dialling(): readonly string[] {
    return this.#dialled.urls
  }

  async start(): Promise<void> {
    const { port = 0, address = '0.0.0.0', acceptedMax = ACCEPTED_MAX } = this.#options
    this.#listener = await listen(this.#replica, {
      port,
      address,
      connectionsMax: acceptedMax,
      session: { log: ({ kind }) => kind === 'opened' && this.#plan() },
    })
    try {
      this.#discovery = await this.#openDiscovery()
      this.#discovery?.discover((sighting) => this.#see(sighting))
      this.#discovery?.announce({ ...this.#own, port: this.port })
      this.#decide()
    } catch (error) {
      await this.close()
      throw error
    }
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  renew(): void {
    this.#heldUntil.clear()
    this.#dialled.keep([])
    for (const session of this.#listener.sessions)
      session.close(closeCodes.draining, 'a newer credential is shown in a new session')
    this.#plan()
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#cancelTimer()
    await this.#discovery?.close()
    this.#dialled.keep([])
    await Promise.all([this.#dialled.ended(), this.#listener.close()])
  }

  get #own() {
    const { space, node } = this.#replica.session
    const { VERSION_MIN: versionMin, VERSION_MAX: versionMax } = sessionLimits
    return { space, node, versionMin, versionMax }
  }

  async #openDiscovery(): Promise<Discovery | undefined> {
    const { discovery } = this.#options
    if (discovery === 'none') return undefined
    const problem = (error: Error): void => this.#log({ kind: 'discovery-problem', error })
    return discovery ?? mdnsDiscovery({ host: this.#replica.session.host, problem })
  }

  // --- what happened ---

  #see(sighting: Sighting): void {
    this.#sightings.see(sighting, this.#replica.session.host.now())
    this.#plan()
  }

  #refused(url: string, error: LinkError): void {
    const { host } = this.#replica.session
    const fraction = 0.5 + (host.random(1)[0] ?? 0) / 512
    this.#heldUntil.set(url, host.now() + REFUSED_REDIAL_MS * fraction)
    this.#log({ kind: 'refused', url, error })
  }

  #lookAtAccepted(): void {
    for (const session of this.#listener.sessions) {
      if (session.state !== 'open' || this.#accepted.has(session)) continue
      const peer = session.peer!
      this.#accepted.set(session, peer)
      this.#log({ kind: 'met', peer, dialled: false })
      void session.closed.then(({ code, reason }) => {
        this.#accepted.delete(session)
        this.#log({ kind: 'parted', peer, reason: `${code} ${reason}` })
        this.#plan()
      })
    }
  }

  // --- what follows ---

  /** Once for all that happens in one turn, and never from inside a session's own step. */
  #plan(): void {
    if (this.#planned) return
    this.#planned = true
    queueMicrotask(() => {
      this.#planned = false
      if (this.#closed === undefined) this.#decide()
    })
  }

  #decide(): void {
    this.#lookAtAccepted()
    const { host } = this.#replica.session
    const now = host.now()
    for (const [url, until] of this.#heldUntil) if (until <= now) this.#heldUntil.delete(url)
    const targets = whomToDial({
      own: this.#own,
      given: this.#given,
      sightings: this.#sightings,
      accepted: new Set([...this.#accepted.values()].map(({ node }) => node)),
      open: this.#dialled.open,
      heldUntil: this.#heldUntil,
      now,
    })
    this.#dialled.keep(targets)
    this.#cancelTimer()
    const next = Math.min(...this.#heldUntil.values(), this.#sightings.nextEnd)
    if (next < Number.POSITIVE_INFINITY) this.#cancelTimer = host.timer(next - now, () => this.#plan())
    for (const listener of [...this.#listeners]) listener()
  }

  #log(event: LanEvent): void {
    this.#options.log?.(event)
  }
}
