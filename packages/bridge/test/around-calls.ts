/** An adapter with something done around each of its calls: lost answers, power cuts, calls that are held. */
import type { Adapter, Failure } from '@skerry/bridge'

export type Method =
  | 'read'
  | 'changes'
  | 'list'
  | 'latest'
  | 'upsert'
  | 'delete'
  | 'readMany'
  | 'writeMany'
  | 'writeBulk'

/** Makes the call, or does not, and says what the bridge is told. */
export type Around = <Answer>(call: () => Promise<Answer>, method: Method) => Promise<Answer | Failure>

export function aroundCalls(inner: Adapter, around: Around): Adapter {
  /** What is said of a call is said of each of its writes. */
  const many = async <Answer>(call: () => Promise<Answer[]>, method: Method, count: number) => {
    const answers = await around(call, method)
    return Array.isArray(answers) ? answers : Array.from({ length: count }, () => answers)
  }
  const { list, latest, readMany, writeMany, writeBulk } = inner
  return {
    ...inner,
    read: (...given) => around(() => inner.read(...given), 'read'),
    changes: (...given) => around(() => inner.changes(...given), 'changes'),
    upsert: (...given) => around(() => inner.upsert(...given), 'upsert'),
    delete: (...given) => around(() => inner.delete(...given), 'delete'),
    ...(readMany && {
      readMany: (...given) => many(() => readMany(...given), 'readMany', given[1].length),
    }),
    ...(writeMany && {
      writeMany: (...given) => many(() => writeMany(...given), 'writeMany', given[1].length),
    }),
    ...(writeBulk && {
      writeBulk: (...given) => many(() => writeBulk(...given), 'writeBulk', given[1].length),
    }),
    ...(list && { list: (...given) => around(() => list(...given), 'list') }),
    ...(latest && { latest: (...given) => around(() => latest(...given), 'latest') }),
  }
}
