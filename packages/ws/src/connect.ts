/** Joins a replica to another one by a link, from Node. */
import type { ReplicaBase, Session } from '@skerry/core'
import { type JoinOptions, join } from './join.ts'
import type { Link } from './link.ts'
import { type NodeDialOptions, nodeDial } from './node-dial.ts'

export interface ConnectOptions extends NodeDialOptions, JoinOptions {}

/**
 * Begins at once, and reconnects until `close`. `url` is `wss://host/sync`.
 * @throws LinkError `url-invalid`
 */
export function connect(
  replica: Pick<ReplicaBase, 'session'>,
  url: string,
  options: ConnectOptions = {},
): Link<Session> {
  return join(replica, url, nodeDial(replica.session.host, options), options)
}
