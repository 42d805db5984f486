/** An adapter whose calls are counted in the units that they cost, by what they count as (SPEC B-183). */
import type { Call, Failure } from '../adapter-port.ts'
import type { Pool } from '../budget/budget-config.ts'
import type { Reader } from '../delivery/metered.ts'

export type Units = Record<Pool, number>

export const noUnits: Readonly<Units> = { write: 0, read: 0, list: 0, bulk: 0 }

type Told = { kind: string } | Failure

/** @param heard called with each answer that is none, and undefined for one that is */
export function counted(
  adapter: Reader,
  units: Units,
  heard: (failure: Failure | undefined) => void,
): Reader {
  const through = async <T>(pool: Pool, call: Call, send: (call: Call) => Promise<T>): Promise<T> => {
    let spent = 0
    const own: Call = {
      ...call,
      spend: (count = 1) => {
        spent += count
        call.spend?.(count)
      },
    }
    try {
      const answer = await send(own)
      for (const one of Array.isArray(answer) ? answer : [answer]) heard(failureIn(one as Told))
      return answer
    } finally {
      units[pool] += Math.max(1, spent)
    }
  }
  const { list, latest, readMany, describe } = adapter
  return {
    name: adapter.name,
    capabilities: adapter.capabilities,
    check: (call) => through('read', call, (own) => adapter.check(own)),
    read: (type, key, call) => through('read', call, (own) => adapter.read(type, key, own)),
    changes: (type, position, limit, call) =>
      through('list', call, (own) => adapter.changes(type, position, limit, own)),
    ...(list && {
      list: (type, position, limit, call) =>
        through('list', call, (own) => list.call(adapter, type, position, limit, own)),
    }),
    ...(latest && {
      latest: (type, call) => through('list', call, (own) => latest.call(adapter, type, own)),
    }),
    ...(readMany && {
      readMany: (type, ids, call) => through('read', call, (own) => readMany.call(adapter, type, ids, own)),
    }),
    ...(describe && {
      describe: (types, call) => through('read', call, (own) => describe.call(adapter, types, own)),
    }),
  }
}

function failureIn(answer: Told): Failure | undefined {
  return answer.kind === 'later' || answer.kind === 'unauthorized' || answer.kind === 'unknown'
    ? (answer as Failure)
    : undefined
}
