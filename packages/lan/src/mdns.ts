/**
 * Discovery by multicast DNS (RFC 6762) over IPv4: asks for services of ours, answers who asks, announces at the start and says goodbye at the end. All times are
 * the host's; sockets, interfaces and the bytes of DNS are `multicast-dns`'s.
 */
import type { RemoteInfo } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import type { Host } from '@skerry/core'
import multicastDns, {
  type QueryPacket,
  type ResponseOutgoingPacket,
  type ResponsePacket,
} from 'multicast-dns'
import type { Discovery, Service, Sighting } from './discovery.ts'
import {
  ANNOUNCE_GAP_MS,
  ANNOUNCED_S,
  ANSWER_MS_MAX,
  ANSWER_MS_MIN,
  QUESTION_MS_MAX,
  QUESTION_MS_MIN,
} from './limits.ts'
import { announcement, isAsked, SERVICE_TYPE, sightings } from './packets.ts'

export interface MdnsOptions {
  host: Pick<Host, 'now' | 'random' | 'timer'>
  /** IPv4 address of the network interface to use. Default: the one that the system prefers. */
  interface?: string
  /** UDP port. Default 5353, where all the LAN listens. */
  port?: number
  /** The network does not let us speak or hear, and why; it is tried again by itself. The same trouble is told once. */
  problem?: (error: Error) => void
}

type Sent = (error: Error | null) => void

/** What of a `multicast-dns` socket is used. */
export interface MdnsSocket {
  query(questions: { name: string; type: 'PTR' }[], sent: Sent): void
  respond(packet: ResponseOutgoingPacket, sent: Sent): void
  destroy(done: () => void): void
  on(event: 'query', listener: (packet: QueryPacket) => void): unknown
  on(event: 'response', listener: (packet: ResponsePacket, from: RemoteInfo) => void): unknown
  on(event: 'warning' | 'error', listener: (error: Error) => void): unknown
}

/** @throws when the port cannot be bound (the system's error, with its code) */
export async function mdnsDiscovery(options: MdnsOptions): Promise<Discovery> {
  const { interface: address, port } = options
  const socket = multicastDns({
    // A socket bound to an interface's own address hears no multicast on Linux.
    bind: '0.0.0.0',
    ...(address !== undefined && { interface: address }),
    ...(port !== undefined && { port }),
  } as multicastDns.Options)
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('ready', resolve)
      // Stays: a port that cannot be bound is told twice, and an error without a listener would end the process.
      socket.on('error', reject)
    })
  } catch (error) {
    socket.destroy()
    throw error
  }
  return new MdnsDiscovery(socket, options)
}

/** Over a socket that is bound. */
export class MdnsDiscovery implements Discovery {
  readonly #socket: MdnsSocket
  readonly #options: MdnsOptions
  readonly #cancels = new Set<() => void>()
  #service: Service | undefined
  #announcedAt = Number.NEGATIVE_INFINITY
  #answering = false
  #trouble = ''

  constructor(socket: MdnsSocket, options: MdnsOptions) {
    this.#socket = socket
    this.#options = options
    socket.on('warning', (error) => this.#told(error))
    socket.on('error', (error) => this.#told(error))
    socket.on('query', ({ questions }) => {
      if (isAsked(questions ?? [])) this.#answer()
    })
  }

  announce(service: Service): void {
    this.#service = service
    this.#say()
    this.#after(ANNOUNCE_GAP_MS, () => this.#say())
  }

  discover(seen: (sighting: Sighting) => void): void {
    this.#socket.on('response', (packet, { address }) => {
      for (const sighting of sightings(packet, address)) seen(sighting)
    })
    this.#ask(QUESTION_MS_MIN)
  }

  async close(): Promise<void> {
    for (const cancel of this.#cancels) cancel()
    this.#cancels.clear()
    await this.#goodbye()
    await new Promise<void>((resolve) => this.#socket.destroy(() => resolve()))
  }

  #ask(nextMs: number): void {
    this.#socket.query([{ name: SERVICE_TYPE, type: 'PTR' }], (error) => this.#told(error))
    this.#after(nextMs, () => this.#ask(Math.min(2 * nextMs, QUESTION_MS_MAX)))
  }

  /** Once for all who asked in the meantime. */
  #answer(): void {
    if (this.#service === undefined || this.#answering) return
    this.#answering = true
    const { host } = this.#options
    const chance = ((host.random(1)[0] ?? 0) / 256) * (ANSWER_MS_MAX - ANSWER_MS_MIN)
    const sinceMs = host.now() - this.#announcedAt
    // A clock that was set must not silence this node.
    const gapMs = sinceMs < 0 ? 0 : ANNOUNCE_GAP_MS - sinceMs
    this.#after(Math.max(ANSWER_MS_MIN + chance, gapMs), () => {
      this.#answering = false
      this.#say()
    })
  }

  #say(): void {
    this.#announcedAt = this.#options.host.now()
    this.#socket.respond(this.#announcement(ANNOUNCED_S), (error) => this.#told(error))
  }

  /** Nobody waits for it, and nobody can be told when it fails. */
  #goodbye(): Promise<void> {
    if (this.#service === undefined) return Promise.resolve()
    return new Promise((resolve) => this.#socket.respond(this.#announcement(0), () => resolve()))
  }

  #announcement(seconds: number): ResponseOutgoingPacket {
    return announcement(this.#service!, this.#addresses(), seconds)
  }

  #addresses(): string[] {
    const { interface: only } = this.#options
    if (only !== undefined) return [only]
    const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
    return all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address)
  }

  #after(delayMs: number, run: () => void): void {
    const cancel = this.#options.host.timer(delayMs, () => {
      this.#cancels.delete(cancel)
      run()
    })
    this.#cancels.add(cancel)
  }

  #told(error: Error | null | undefined): void {
    if (!error) {
      this.#trouble = ''
      return
    }
    if (error.message === this.#trouble) return
    this.#trouble = error.message
    this.#options.problem?.(error)
  }
}
