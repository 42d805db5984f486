/** What simulations may use: the link that reconnects, without a socket below it. */
export { type Dial, type Link, startLink } from './link.ts'
export { LinkError } from './link-error.ts'
export type { WsTransport } from './transport.ts'
