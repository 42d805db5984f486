/** An adapter whose reads and listings go through the gate, so that whoever calls it need not know of budgets and breakers (SPEC B-61). Writes have their pass already when they are begun. */
import type { Adapter, Call, Failure } from '../adapter-port.ts'
import type { Pool } from '../budget/budget-config.ts'
import { type Gate, type Heard, Pass } from '../gate.ts'
import { heardOf } from './heard.ts'
import type { Tier } from './tiers.ts'

export type Reader = Omit<Adapter, 'upsert' | 'delete' | 'writeMany' | 'writeBulk'>

interface Kind {
  tier: Tier
  pool: Pool
  what: string
}

/** @param tierOf of a type's mapping */
export function metered(adapter: Reader, gate: Gate, tierOf: (type: string) => Tier): Reader {
  const through = async <A>(
    { pool, ...ask }: Kind,
    { signal }: Call,
    send: (call: Call) => Promise<A>,
    hear: (answer: A) => Heard,
  ): Promise<A | Failure> => {
    const pass = await gate.enter({ ...ask, pools: [pool] }, signal)
    if (!(pass instanceof Pass)) return pass
    let heard: Heard = { kind: 'unknown' }
    try {
      const answer = await send(pass.call(pool, signal))
      heard = hear(answer)
      return answer
    } finally {
      pass.leave(heard)
    }
  }
  const one = <A extends Heard>(kind: Kind, call: Call, send: (call: Call) => Promise<A>) =>
    through(kind, call, send, (answer) => answer)
  const reading = (type: string, what: string): Kind => ({ tier: tierOf(type), pool: 'read', what })
  // What is listed can wait: the reserve is for writes, and for what they need to know.
  const listing = (type: string, what: string): Kind => {
    const tier = tierOf(type)
    return { tier: tier === 'critical' ? 'operational' : tier, pool: 'list', what }
  }
  const looking = (what: string): Kind => ({ tier: 'operational', pool: 'read', what })
  const { list, latest, readMany, describe, listen } = adapter
  return {
    name: adapter.name,
    capabilities: adapter.capabilities,
    check: (call) => one(looking('check'), call, (own) => adapter.check(own)),
    read: (type, key, call) => one(reading(type, 'read'), call, (own) => adapter.read(type, key, own)),
    changes: (type, position, limit, call) =>
      one(listing(type, 'changes'), call, (own) => adapter.changes(type, position, limit, own)),
    ...(list && {
      list: (type, position, limit, call) =>
        one(listing(type, 'list'), call, (own) => list.call(adapter, type, position, limit, own)),
    }),
    ...(latest && {
      latest: (type, call) => one(listing(type, 'latest'), call, (own) => latest.call(adapter, type, own)),
    }),
    ...(readMany && {
      readMany: async (type, ids, call) => {
        const send = (own: Call) => readMany.call(adapter, type, ids, own)
        const answers = await through(reading(type, 'read-many'), call, send, heardOf)
        return Array.isArray(answers) ? answers : ids.map(() => answers)
      },
    }),
    ...(describe && {
      describe: (types, call) => one(looking('describe'), call, (own) => describe.call(adapter, types, own)),
    }),
    ...(listen && { listen: listen.bind(adapter) }),
  }
}
