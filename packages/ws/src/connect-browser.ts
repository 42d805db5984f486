/** Joins a replica to another one by a link, from a browser. Call `wake` when the page is shown or the browser is online again. */
import type { ReplicaBase, Session } from '@skerry/core'
import { type BrowserDialOptions, browserDial } from './browser-dial.ts'
import { type JoinOptions, join } from './join.ts'
import type { Link } from './link.ts'

export interface ConnectOptions extends BrowserDialOptions, JoinOptions {}

/**
 * Begins at once, and reconnects until `close`. `url` is `wss://host/sync`.
 * @throws LinkError `url-invalid`
 */
export function connect(
  replica: Pick<ReplicaBase, 'session'>,
  url: string,
  options: ConnectOptions = {},
): Link<Session> {
  return join(replica, url, browserDial(replica.session.host, options), options)
}
