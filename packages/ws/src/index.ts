/** Contents of @skerry/ws for Node. Browsers take @skerry/ws/browser. */
export { type AcceptOptions, type Acceptor, acceptUpgrades } from './accept-upgrades.ts'
export { type ConnectOptions, connect } from './connect.ts'
export { SEND_BUFFER_HARD_BYTES_MAX, SUBPROTOCOL } from './limits.ts'
export type { Dial, Link, LinkPhase, LinkState } from './link.ts'
export { LinkError, type LinkErrorCode } from './link-error.ts'
export { type Listener, type ListenOptions, listen } from './listen.ts'
export type { HeartbeatOptions, WsTransport } from './transport.ts'
