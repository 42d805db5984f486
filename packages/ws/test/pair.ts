/** A listener's transport and, at the other end of a real socket, a plain `ws` client that can misbehave. */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { SUBPROTOCOL } from '../src/limits.ts'
import { listenTransports, type TransportListener } from '../src/listen-transports.ts'
import type { HeartbeatOptions, TransportHost, WsTransport } from '../src/transport.ts'
import { FaultProxy } from './fault-proxy.ts'
import { RealHost } from './hosts.ts'

export interface Pair {
  transport: WsTransport
  client: WebSocket
  listener: TransportListener
  proxy: FaultProxy
  /** What the client was told when it ended. */
  clientClosed: Promise<{ code: number; reason: string }>
  end(): Promise<void>
}

export async function pair(
  host: TransportHost = new RealHost(),
  heartbeat: HeartbeatOptions = {},
): Promise<Pair> {
  const arrived = Promise.withResolvers<WsTransport>()
  const listener = await listenTransports({ ...heartbeat, host, port: 0, onTransport: arrived.resolve })
  const proxy = await FaultProxy.start(listener.port)
  const client = new WebSocket(proxy.url(), [SUBPROTOCOL], { perMessageDeflate: false })
  client.on('error', () => client.terminate())
  const clientClosed = once(client, 'close').then(([code, reason]) => ({ code, reason: String(reason) }))
  await once(client, 'open')
  const transport = await arrived.promise
  const end = async (): Promise<void> => {
    client.terminate()
    await proxy.close()
    await listener.close(0)
  }
  return { transport, client, listener, proxy, clientClosed, end }
}
