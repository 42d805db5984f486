/** Contents of @skerry/ws/browser: imports nothing that a browser has not. */
export { type BrowserDialOptions, browserDial } from './browser-dial.ts'
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
export type { SessionEnd } from './retry.ts'
export type { HeartbeatOptions, TransportHost, WsTransport } from './transport.ts'
