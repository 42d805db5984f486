/** Many edges in one process, in memory: what a hub has to serve, where the edges themselves are not measured. */
import { memoryStore, type ReplicaBase, type Session, type SessionReplica, startSession } from '@skerry/core'
import { openReplica } from '@skerry/node'
import { loopbackTransport } from './loopback-transport.ts'
import { serve } from './serve.ts'
import { collections, SPACE } from './visits.ts'

const replicas: ReplicaBase[] = []
const sessions: Session[] = []
let takes: 'keeps' | 'counts' = 'keeps'

/** The replica, but what is delivered is only acknowledged. */
function counting(replica: SessionReplica): SessionReplica {
  return new Proxy(replica, {
    get(target, name) {
      if (name === 'deliver') return async () => []
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

function current(session: Session): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (session.state === 'closed') reject(new Error('a session of the crowd ended'))
      if (!session.current) return
      stop()
      resolve()
    }
    const stop = session.onChange(look)
    look()
  })
}

const commands = {
  /** Gives their public keys. */
  async open({ count, takes: how }: { count: number; takes: 'keeps' | 'counts' }) {
    takes = how
    while (replicas.length < count)
      replicas.push(await openReplica({ store: memoryStore(), collections, space: SPACE }))
    return replicas.map(({ publicKey }) => publicKey)
  },

  async enrol(tokens: string[]) {
    for (const [number, token] of tokens.entries()) await replicas[number]!.setCredential(token)
  },

  /** Opens a session for each; resolves when all are in step. */
  async join(url: string) {
    const startedMs = performance.now()
    for (const [number, replica] of replicas.entries()) {
      const transport = await loopbackTransport(url, number)
      const session = takes === 'keeps' ? replica.session : counting(replica.session)
      sessions.push(startSession(session, transport, { role: 'initiator' }))
    }
    await Promise.all(sessions.map(current))
    const total = (name: 'entriesIn' | 'bytesIn') =>
      sessions.reduce((sum, { counters }) => sum + counters[name], 0)
    return { ms: performance.now() - startedMs, entries: total('entriesIn'), bytes: total('bytesIn') }
  },
}

export type CrowdCommands = typeof commands

serve(commands)
