/**
 * Takes WebSocket upgrades of an HTTP server that is there anyway, so that a hub's API and its sessions share one port (A-rules of SPEC.md).
 * Every refusal is a proper HTTP answer; every ceiling is a number in the options.
 */
import type { IncomingMessage, Server } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { admission, type Doors } from './admission.ts'
import { CLOSE_DRAINING } from './close-code.ts'
import {
  CONNECTIONS_MAX,
  PER_ADDRESS_MAX,
  REFUSED_RETRY_AFTER_S,
  REFUSED_RETRY_SPREAD_S,
  SUBPROTOCOL,
} from './limits.ts'
import { NodeTransport, WS_OPTIONS } from './node-transport.ts'
import { type Problem, refuseUpgrade } from './problem.ts'
import { type HeartbeatOptions, randomFraction, type TransportHost, type WsTransport } from './transport.ts'

export interface AcceptOptions extends HeartbeatOptions {
  host: TransportHost
  /** Start a session on it, with role acceptor. The transport is open; nothing is delivered before `bind`. */
  onTransport(transport: WsTransport, request: IncomingMessage): void
  /** Default `/sync`. */
  path?: string
  /** Default: every origin, and none. No cookie opens a session, so a foreign page gains nothing; a hub may still list its apps. */
  originAllowed?: (origin: string | undefined) => boolean
  /** Default CONNECTIONS_MAX. */
  connectionsMax?: number
  /** Default PER_ADDRESS_MAX. */
  perAddressMax?: number
  /**
   * Asked about each upgrade that nothing else refuses, with the address it is counted for: seconds after which it may come again, or undefined to let it in now.
   * Whoever gives seconds spreads them, so that those who were refused together do not come back together.
   */
  turnAway?: (address: string) => number | undefined
  /** Whom to count a request for; behind a proxy, what the proxy says. Default: the socket's address. */
  addressOf?: (request: IncomingMessage) => string
}

export interface Acceptor {
  /** Sockets that are open now. */
  readonly connections: number
  /**
   * Accepts no more, closes every transport with 4503, destroys what is left after `graceMs`. Resolves when all sockets are closed.
   * End the sessions first if they have something to say.
   */
  close(graceMs: number): Promise<void>
}

export function acceptUpgrades(server: Server | TlsServer, options: AcceptOptions): Acceptor {
  return new UpgradeAcceptor(server, options)
}

class UpgradeAcceptor implements Acceptor {
  private readonly server: Server | TlsServer
  private readonly options: AcceptOptions
  private readonly doors: Doors
  private readonly handshake: WebSocketServer
  private readonly open = new Map<WebSocket, NodeTransport>()
  private readonly openByAddress = new Map<string, number>()
  private draining: Promise<void> | undefined
  private allClosed: () => void = () => undefined

  constructor(server: Server | TlsServer, options: AcceptOptions) {
    this.server = server
    this.options = options
    this.doors = {
      path: options.path ?? '/sync',
      originAllowed: options.originAllowed ?? (() => true),
      connectionsMax: options.connectionsMax ?? CONNECTIONS_MAX,
      perAddressMax: options.perAddressMax ?? PER_ADDRESS_MAX,
    }
    this.handshake = new WebSocketServer({
      ...WS_OPTIONS,
      noServer: true,
      clientTracking: false,
      handleProtocols: () => SUBPROTOCOL,
    })
    this.handshake.on('wsClientError', (error, socket) =>
      this.refuse(socket, {
        status: 400,
        code: 'bad-handshake',
        detail: `upgrade refused: ${error.message}`,
      }),
    )
    server.on('upgrade', this.onUpgrade)
  }

  get connections(): number {
    return this.open.size
  }

  close(graceMs: number): Promise<void> {
    this.draining ??= this.drain(graceMs)
    return this.draining
  }

  private async drain(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.allClosed = resolve
    })
    if (this.open.size === 0) this.allClosed()
    for (const transport of this.open.values()) transport.close(CLOSE_DRAINING, 'draining')
    const cancel = this.options.host.timer(graceMs, () => {
      for (const transport of this.open.values()) transport.terminate(CLOSE_DRAINING, 'draining')
    })
    await closed
    cancel()
    this.server.off('upgrade', this.onUpgrade)
  }

  private readonly onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const address = this.addressOf(request)
    const fromAddress = this.openByAddress.get(address) ?? 0
    const crowd = { connections: this.open.size, fromAddress, draining: this.draining !== undefined }
    const problem = admission(request, this.doors, crowd) ?? this.turnedAway(address)
    if (problem) this.refuse(socket, problem)
    else
      this.handshake.handleUpgrade(request, socket, head, (ws) => {
        this.enter(ws, socket, address, request)
      })
  }

  private enter(ws: WebSocket, socket: Duplex, address: string, request: IncomingMessage): void {
    const { host, heartbeatMs, heartbeatsMissedMax, onTransport } = this.options
    const transport = new NodeTransport(ws, socket, {
      host,
      role: 'acceptor',
      ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
      ...(heartbeatsMissedMax === undefined ? {} : { heartbeatsMissedMax }),
    })
    this.open.set(ws, transport)
    this.openByAddress.set(address, (this.openByAddress.get(address) ?? 0) + 1)
    ws.once('close', () => this.leave(ws, address))
    onTransport(transport, request)
  }

  private leave(ws: WebSocket, address: string): void {
    this.open.delete(ws)
    const left = (this.openByAddress.get(address) ?? 0) - 1
    if (left > 0) this.openByAddress.set(address, left)
    else this.openByAddress.delete(address)
    if (this.open.size === 0) this.allClosed()
  }

  private turnedAway(address: string): Problem | undefined {
    const retryAfterS = this.options.turnAway?.(address)
    if (retryAfterS === undefined) return undefined
    const detail = `upgrade refused: too many sessions begin at this moment; come back in ${retryAfterS} s`
    return { status: 503, code: 'too-many-handshakes', detail, retryAfterS }
  }

  private refuse(socket: Duplex, problem: Problem): void {
    const busy = problem.retryAfterS === undefined && (problem.status === 503 || problem.status === 429)
    const spreadS = Math.round(REFUSED_RETRY_SPREAD_S * randomFraction(this.options.host))
    refuseUpgrade(socket, busy ? { ...problem, retryAfterS: REFUSED_RETRY_AFTER_S + spreadS } : problem)
  }

  private addressOf(request: IncomingMessage): string {
    if (this.options.addressOf) return this.options.addressOf(request)
    // An IPv4 address on an IPv6 socket is the same person.
    return (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  }
}
