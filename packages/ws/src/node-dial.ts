/**
 * Opens a WebSocket with the `ws` library for a link, and says precisely why it did not open (D-rules of SPEC.md).
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import { dialError, statusError } from './dial-error.ts'
import { CONNECT_MS_MAX, SUBPROTOCOL } from './limits.ts'
import type { Dial } from './link.ts'
import { LinkError } from './link-error.ts'
import { NodeTransport, WS_OPTIONS } from './node-transport.ts'
import type { HeartbeatOptions, TransportHost } from './transport.ts'

export interface NodeDialOptions extends HeartbeatOptions {
  /** Milliseconds from the first DNS question to the 101 answer. Default CONNECT_MS_MAX. */
  connectMsMax?: number
  /** Certificate authorities to trust beside those of the system, PEM. */
  ca?: string | Buffer
}

export function nodeDial(host: TransportHost, options: NodeDialOptions = {}): Dial {
  return (url, opened, failed) => {
    const connectMsMax = options.connectMsMax ?? CONNECT_MS_MAX
    const ca = options.ca === undefined ? {} : { ca: options.ca }
    const ws = new WebSocket(url, [SUBPROTOCOL], { ...WS_OPTIONS, ...ca })
    let socket: Duplex | undefined
    let settled = false
    const settle = (then: () => void): void => {
      if (settled) return
      settled = true
      cancelTimer()
      then()
    }
    const fail = (error: LinkError): void =>
      settle(() => {
        ws.terminate()
        failed(error)
      })
    const cancelTimer = host.timer(connectMsMax, () =>
      fail(
        new LinkError(
          'connect-timeout',
          `connecting to ${url}: no answer in ${connectMsMax} ms, the most allowed`,
        ),
      ),
    )
    // Stays for the life of the socket: an error without a listener would end the process.
    ws.on('error', (error) => fail(dialError(url, error)))
    ws.on('unexpected-response', (_request, response: IncomingMessage) => {
      const { 'retry-after': retryAfter, location } = response.headers
      fail(statusError(url, response.statusCode ?? 0, { retryAfter, location }, host.now()))
    })
    ws.on('upgrade', (response) => {
      socket = response.socket
      const said = response.headers['sec-websocket-protocol']
      if (said === SUBPROTOCOL) return
      const message = `connecting to ${url}: it speaks ${said ?? 'no subprotocol'}, not ${SUBPROTOCOL}; check the path`
      fail(new LinkError('subprotocol-refused', message))
    })
    ws.on('open', () =>
      settle(() => {
        if (!socket) throw new Error('ws told open before upgrade')
        opened(new NodeTransport(ws, socket, { ...options, host, role: 'initiator' }))
      }),
    )
    return { abort: () => settle(() => ws.terminate()) }
  }
}
