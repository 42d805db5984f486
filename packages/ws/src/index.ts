/** Contents of @skerry/ws for Node. Browsers take @skerry/ws/browser. */
export { type AcceptOptions, type Acceptor, acceptUpgrades } from './accept-upgrades.ts'
export {
  HANDSHAKE_MESSAGE_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  SEND_BUFFER_HARD_BYTES_MAX,
  SUBPROTOCOL,
} from './limits.ts'
export {
  type Dial,
  type Link,
  type LinkParts,
  type LinkPhase,
  type LinkSession,
  type LinkState,
  startLink,
} from './link.ts'
export { LinkError, type LinkErrorCode } from './link-error.ts'
export { type Listener, type ListenOptions, listen } from './listen.ts'
export { type NodeDialOptions, nodeDial } from './node-dial.ts'
export type { SessionEnd } from './retry.ts'
export type { HeartbeatOptions, TransportHost, WsTransport } from './transport.ts'
