/** The links that a meeting has dialled: one per target, with whoever was met there. */
import type { Peer, ReplicaBase, Session } from '@skerry/core'
import { connect, type Link, type LinkError } from '@skerry/ws'
import type { LanEvent, MetPeer } from './meeting.ts'
import type { Target } from './whom-to-dial.ts'

interface Dialled {
  target: Target
  link: Link<Session>
  /** Whoever the open session is with. */
  met: { peer: Peer; session: Session } | undefined
}

interface DialledPorts {
  replica: Pick<ReplicaBase, 'session'>
  changed(): void
  refused(url: string, error: LinkError): void
  log(event: LanEvent): void
}

export class DialledPeers {
  readonly #ports: DialledPorts
  readonly #byUrl = new Map<string, Dialled>()
  readonly #closing = new Set<Promise<void>>()

  constructor(ports: DialledPorts) {
    this.#ports = ports
  }

  get urls(): readonly string[] {
    return [...this.#byUrl.keys()]
  }

  /** By address. */
  get open(): ReadonlyMap<string, Target> {
    return new Map([...this.#byUrl].filter(([, { met }]) => met).map(([url, { target }]) => [url, target]))
  }

  get met(): readonly MetPeer[] {
    return [...this.#byUrl.values()].flatMap(({ met }) => (met ? [{ ...met, dialled: true }] : []))
  }

  /** These are dialled or stay so, all others are hung up. @throws LinkError url-invalid */
  keep(targets: readonly Target[]): void {
    const wanted = new Set(targets.map(({ url }) => url))
    for (const url of this.urls) if (!wanted.has(url)) this.#hangUp(url)
    for (const target of targets) if (!this.#byUrl.has(target.url)) this.#dial(target)
  }

  /** Resolves when all links that were hung up have ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#closing)
  }

  #dial(target: Target): void {
    const link = connect(this.#ports.replica, target.url)
    const dialled: Dialled = { target, link, met: undefined }
    this.#byUrl.set(target.url, dialled)
    link.subscribe(() => this.#changed(dialled))
  }

  #hangUp(url: string): void {
    const { link } = this.#byUrl.get(url)!
    this.#byUrl.delete(url)
    const closing = link.close().then(() => {
      this.#closing.delete(closing)
    })
    this.#closing.add(closing)
  }

  #changed(dialled: Dialled): void {
    const { link, target, met } = dialled
    const { phase, lastError } = link.state
    if (phase === 'open') {
      const session = link.session!
      const peer = session.peer!
      dialled.met = { peer, session }
      // Whoever announced or gave the address: this one answered.
      target.node = peer.node
      this.#ports.log({ kind: 'met', peer, dialled: true })
    } else if (met) {
      dialled.met = undefined
      this.#ports.log({ kind: 'parted', peer: met.peer, reason: lastError?.message ?? phase })
    }
    if (phase === 'blocked') this.#ports.refused(target.url, lastError!)
    this.#ports.changed()
  }
}
