/** An adapter with something done around each of its calls: lost answers, power cuts, calls that are held. */
import type { Adapter, Failure } from '@skerry/bridge'

export type Method = 'read' | 'changes' | 'list' | 'latest' | 'upsert' | 'delete'

/** Makes the call, or does not, and says what the bridge is told. */
export type Around = <Answer>(call: () => Promise<Answer>, method: Method) => Promise<Answer | Failure>

export function aroundCalls(inner: Adapter, around: Around): Adapter {
  const { list, latest } = inner
  return {
    ...inner,
    read: (...given) => around(() => inner.read(...given), 'read'),
    changes: (...given) => around(() => inner.changes(...given), 'changes'),
    upsert: (...given) => around(() => inner.upsert(...given), 'upsert'),
    delete: (...given) => around(() => inner.delete(...given), 'delete'),
    ...(list && { list: (...given) => around(() => list(...given), 'list') }),
    ...(latest && { latest: (...given) => around(() => latest(...given), 'latest') }),
  }
}
