/** Joins a replica to another one by a link; how the socket is opened is the only difference between Node and a browser. */
import { type ReplicaBase, type Session, type SessionOptions, startSession } from '@skerry/core'
import { AUDIT_MS } from './limits.ts'
import { type Dial, type Link, startLink } from './link.ts'
import { linkUrl } from './url.ts'

export interface JoinOptions {
  /** Passed on to each session. `auditMs` is AUDIT_MS where it is not given: what differs without anybody's knowledge is found and told. */
  session?: Pick<SessionOptions, 'log' | 'compress' | 'auditMs'>
  /** Stands between the link and what opens its sockets, as a simulated network does. Default: nothing does. */
  through?: (dial: Dial) => Dial
}

/** @throws LinkError `url-invalid` */
export function join(
  { session: replica }: Pick<ReplicaBase, 'session'>,
  url: string,
  dial: Dial,
  { session, through = (dial) => dial }: JoinOptions,
): Link<Session> {
  return startLink({
    url: linkUrl(url),
    host: replica.host,
    dial: through(dial),
    startSession: (transport) =>
      startSession(replica, transport, { auditMs: AUDIT_MS, ...session, role: 'initiator' }),
  })
}
