/** Many edges in one process, in memory: what a hub has to serve, where the edges themselves are not measured. */
import { setTimeout as elapsed } from 'node:timers/promises'
import { memoryStore, type ReplicaBase, type Session, type SessionReplica, startSession } from '@skerry/core'
import { SeededRandom } from '@skerry/core/testing'
import { openReplica } from '@skerry/node'
import { comeBack, current } from './come-back.ts'
import { loopbackTransport } from './loopback-transport.ts'
import { serve } from './serve.ts'
import { collections, SPACE } from './visits.ts'

const replicas: ReplicaBase[] = []
const sessions: Session[] = []
let takes: 'keeps' | 'counts' = 'keeps'

/** The replica, but what is delivered is only acknowledged; so it asks for no views, which would be waited for. */
function counting(replica: SessionReplica): SessionReplica {
  return new Proxy(replica, {
    get(target, name) {
      if (name === 'deliver') return async () => []
      if (name === 'want')
        return async (peer: Parameters<SessionReplica['want']>[0]) => {
          const want = await target.want(peer)
          return want.kind === 'channels' ? { ...want, views: false } : want
        }
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

interface Fleet {
  url: string
  /** Of the first device of this process. */
  number: number
  arriveMs: number
  /** What each adds to its Retry-After, at random. */
  spreadMs: number
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

  /** All connect within `arriveMs`, as a fleet does when its hub is there again, and do as they are told. Resolves when all are in step. */
  async comeBack({ url, number, arriveMs, spreadMs }: Fleet) {
    const random = new SeededRandom(number + 1)
    const fraction = () => random.below(1_000_000) / 1_000_000
    const back = await Promise.all(
      replicas.map(async ({ session }, i) => {
        await elapsed(arriveMs * fraction())
        return comeBack(url, {
          replica: counting(session),
          number: number + i,
          spreadMs,
          random: fraction,
          wait: (ms) => elapsed(ms),
        })
      }),
    )
    for (const { session } of back) sessions.push(session)
    return back.map(({ attempts, admittedMs, inStepMs }) => ({ attempts, admittedMs, inStepMs }))
  },

  /** Opens a session for each, which reads nothing more as soon as it is open. */
  async stall(url: string) {
    for (const [number, replica] of replicas.entries()) {
      const transport = await loopbackTransport(url, number)
      const session = startSession(counting(replica.session), transport, { role: 'initiator' })
      const stop = session.onChange(() => {
        if (session.state !== 'open') return
        transport.pause()
        stop()
      })
      sessions.push(session)
    }
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
