/** Contents of @skerry/ws/browser: imports nothing that a browser has not. */
export { type ConnectOptions, connect } from './connect-browser.ts'
export type { Dial, Link, LinkPhase, LinkState } from './link.ts'
export { LinkError, type LinkErrorCode } from './link-error.ts'
export type { HeartbeatOptions, WsTransport } from './transport.ts'
