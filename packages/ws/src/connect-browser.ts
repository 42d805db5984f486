/** Joins a replica to another one by a link, from a browser. Call `wake` when the page is shown or the browser is online again. */
import { type ReplicaBase, type Session, type SessionOptions, startSession } from '@skerry/core'
import { type BrowserDialOptions, browserDial } from './browser-dial.ts'
import { type Link, startLink } from './link.ts'
import { linkUrl } from './url.ts'

export interface ConnectOptions extends BrowserDialOptions {
  /** Passed on to each session. */
  session?: Pick<SessionOptions, 'log' | 'compress'>
}

/**
 * Begins at once, and reconnects until `close`. `url` is `wss://host/sync`.
 * @throws LinkError `url-invalid`
 */
export function connect(
  replica: Pick<ReplicaBase, 'session'>,
  url: string,
  options: ConnectOptions = {},
): Link<Session> {
  const { session, ...dialling } = options
  const { host } = replica.session
  return startLink({
    url: linkUrl(url),
    host,
    dial: browserDial(host, dialling),
    startSession: (transport) => startSession(replica.session, transport, { ...session, role: 'initiator' }),
  })
}
