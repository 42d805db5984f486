/** Lets other replicas come to this one: a peer that stands alone, two laptops in a basement. A hub uses `acceptUpgrades`. */
import {
  closeCodes,
  OpenSessions,
  PeerBudgets,
  type ReplicaBase,
  type Session,
  type SessionOptions,
  startSession,
} from '@skerry/core'
import { LISTENER_GRACE_MS } from './limits.ts'
import { type ListenTransportsOptions, listenTransports } from './listen-transports.ts'

export interface ListenOptions extends Omit<ListenTransportsOptions, 'host' | 'onTransport'> {
  /** Passed on to each session. */
  session?: Pick<SessionOptions, 'log' | 'compress'>
}

export interface Listener {
  /** Where to connect: `ws://address:port/path`. */
  readonly url: string
  readonly port: number
  /** Sessions that have not ended. */
  readonly sessions: ReadonlySet<Session>
  /** Ends every session with "draining" and closes the port; sockets left after `graceMs` are destroyed. */
  close(graceMs?: number): Promise<void>
}

/** @throws when the port cannot be bound (the system's error, with its code) */
export async function listen(
  replica: Pick<ReplicaBase, 'session'>,
  options: ListenOptions,
): Promise<Listener> {
  const { session: sessionOptions, ...transports } = options
  const live = new Set<Session>()
  const sessions = new OpenSessions()
  const budgets = new PeerBudgets()
  const listener = await listenTransports({
    ...transports,
    host: replica.session.host,
    onTransport: (transport) => {
      const session = startSession(replica.session, transport, {
        ...sessionOptions,
        role: 'acceptor',
        sessions,
        budgets,
      })
      live.add(session)
      void session.closed.then(() => live.delete(session))
    },
  })
  return {
    url: listener.url,
    port: listener.port,
    sessions: live,
    async close(graceMs = LISTENER_GRACE_MS) {
      for (const session of live) session.close(closeCodes.draining, 'draining')
      await listener.close(graceMs)
    },
  }
}
