/**
 * Opens a standard WebSocket for a link. A browser hides why one did not open (a page could scan networks otherwise), so it is `unreachable`.
 */
import { BrowserTransport, type StandardWebSocket } from './browser-transport.ts'
import { CLOSE_NORMAL } from './close-code.ts'
import { CONNECT_MS_MAX, HEARTBEAT_MS, HEARTBEATS_MISSED_MAX, SILENCE_MS_MAX, SUBPROTOCOL } from './limits.ts'
import type { Dial } from './link.ts'
import { LinkError } from './link-error.ts'
import type { HeartbeatOptions, TransportHost } from './transport.ts'

export interface BrowserDialOptions extends HeartbeatOptions {
  /** Milliseconds until the socket must be open. Default CONNECT_MS_MAX. */
  connectMsMax?: number
  /** The standard constructor, where it is not global. */
  WebSocket?: new (
    url: string,
    protocols: string[],
  ) => StandardWebSocket
}

declare const WebSocket: new (url: string, protocols: string[]) => StandardWebSocket

export function browserDial(host: TransportHost, options: BrowserDialOptions = {}): Dial {
  const Socket = options.WebSocket ?? WebSocket
  const silence = new Silence(options)
  return (url, opened, failed) => {
    const connectMsMax = options.connectMsMax ?? CONNECT_MS_MAX
    const socket = new Socket(url, [SUBPROTOCOL])
    let settled = false
    const settle = (then: () => void): void => {
      if (settled) return
      settled = true
      cancelTimer()
      socket.onopen = null
      socket.onclose = null
      then()
    }
    const fail = (error: LinkError): void =>
      settle(() => {
        socket.close(CLOSE_NORMAL)
        failed(error)
      })
    const cancelTimer = host.timer(connectMsMax, () =>
      fail(
        new LinkError(
          'connect-timeout',
          `connecting to ${url}: not open in ${connectMsMax} ms, the most allowed`,
        ),
      ),
    )
    socket.onclose = () =>
      fail(
        new LinkError('unreachable', `connecting to ${url}: no WebSocket came; the browser does not say why`),
      )
    socket.onopen = () => {
      if (socket.protocol !== SUBPROTOCOL) {
        const said = socket.protocol || 'no subprotocol'
        const message = `connecting to ${url}: it speaks ${said}, not ${SUBPROTOCOL}; check the path`
        fail(new LinkError('subprotocol-refused', message))
        return
      }
      settle(() => opened(silence.transport(socket, host)))
    }
    return { abort: () => settle(() => socket.close(CLOSE_NORMAL)) }
  }
}

/**
 * How long silence may last. A browser shows no part of a message, so on a slow line one large entry looks like silence, and a fixed limit would
 * cut it off each time, for ever. Each end by silence doubles the limit for the next transport, up to SILENCE_MS_MAX; an end of another kind
 * begins anew.
 */
class Silence {
  private readonly options: HeartbeatOptions
  private readonly missedMax: number
  private readonly ceiling: number
  private missedNow: number

  constructor(options: HeartbeatOptions) {
    this.options = options
    this.missedMax = options.heartbeatsMissedMax ?? HEARTBEATS_MISSED_MAX
    this.ceiling = Math.ceil(SILENCE_MS_MAX / (options.heartbeatMs ?? HEARTBEAT_MS))
    this.missedNow = this.missedMax
  }

  transport(socket: StandardWebSocket, host: TransportHost): BrowserTransport {
    const heartbeatsMissedMax = this.missedNow
    this.missedNow = this.missedMax
    const onSilence = (): void => {
      this.missedNow = Math.min(heartbeatsMissedMax * 2, Math.max(this.ceiling, this.missedMax))
    }
    return new BrowserTransport(socket, { ...this.options, heartbeatsMissedMax, host, onSilence })
  }
}
