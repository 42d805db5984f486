/** Puts a listener, and links to it, together for a test, and takes everything down again. */

import { type Link, type LinkPhase, type LinkState, startLink } from '../src/link.ts'
import {
  type ListenTransportsOptions,
  listenTransports,
  type TransportListener,
} from '../src/listen-transports.ts'
import { type NodeDialOptions, nodeDial } from '../src/node-dial.ts'
import type { TransportHost } from '../src/transport.ts'
import { RealHost } from './hosts.ts'
import { PlainSession } from './plain-session.ts'

export interface Hub {
  listener: TransportListener
  sessions: PlainSession[]
  /** Resolves with the session number `index`, when it is there. */
  session(index: number): Promise<PlainSession>
}

export async function startHub(options: Partial<ListenTransportsOptions> = {}): Promise<Hub> {
  const sessions: PlainSession[] = []
  const waiters = new Set<() => void>()
  const listener = await listenTransports({
    host: new RealHost(7),
    port: 0,
    onTransport: (transport) => {
      sessions.push(new PlainSession(transport, 'acceptor'))
      for (const look of [...waiters]) look()
    },
    ...options,
  })
  const session = (index: number): Promise<PlainSession> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = sessions[index]
        if (!found) return
        waiters.delete(look)
        resolve(found)
      }
      waiters.add(look)
      look()
    })
  return { listener, sessions, session }
}

export interface Edge {
  link: Link
  sessions: PlainSession[]
  readonly session: PlainSession
}

export function startEdge(
  url: string,
  host: TransportHost = new RealHost(11),
  options: NodeDialOptions = {},
): Edge {
  const sessions: PlainSession[] = []
  const link = startLink({
    url,
    host,
    dial: nodeDial(host, options),
    startSession: (transport) => {
      const session = new PlainSession(transport, 'initiator')
      sessions.push(session)
      return session
    },
  })
  return {
    link,
    sessions,
    get session() {
      const newest = sessions.at(-1)
      if (!newest) throw new Error('no session yet')
      return newest
    },
  }
}

/** Resolves with the next state (or this one) that satisfies `condition`. */
export function until(link: Link, condition: (state: LinkState) => boolean): Promise<LinkState> {
  return new Promise((resolve) => {
    const look = (state: LinkState): void => {
      if (!condition(state)) return
      stop()
      resolve(state)
    }
    const stop = link.subscribe(look)
    look(link.state)
  })
}

export function phase(link: Link, wanted: LinkPhase): Promise<LinkState> {
  return until(link, (state) => state.phase === wanted)
}
