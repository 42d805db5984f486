/** How many of what waits go in one call, and in what form: by what there is, what the adapter can, and what it has cost (SPEC B-55, B-58). */
import type { Capabilities } from '../adapter-port.ts'
import type { Pool } from '../budget/budget-config.ts'
import { BULK_WRITES_MAX, LOOKED_UP_MAX } from '../limits.ts'
import type { WriteKind } from '../outbox.ts'
import type { Tier } from './tiers.ts'

export type FormName = 'single' | 'batch' | 'bulk'

export interface Form {
  name: FormName
  count: number
  pools: Pool[]
}

/** What waits together. */
export interface Waits {
  tier: Tier
  kind: WriteKind
  due: number
  /** At most so many in one call. */
  most: number
}

export interface Means {
  capabilities: Capabilities
  /** Size of a batch that the system takes well just now. */
  batchSize: number
  /** Units that such calls have cost lately; undefined when there was none. */
  costOf(form: FormName): number | undefined
  /** Nothing is risked now: single calls only. */
  isProbing: boolean
  /** A job may be begun. */
  mayJob: boolean
}

export function formFor(waits: Waits, means: Means): Form {
  const { capabilities, isProbing } = means
  const looks = !capabilities.compareAndSet
  const single: Form = { name: 'single', count: 1, pools: looks ? ['write', 'read'] : ['write'] }
  const most = Math.min(waits.due, waits.most)
  if (isProbing || most < 2 || !capabilities.batch) return single
  const { writesMax, readsMax } = capabilities.batch
  // Only rows with an id can be read together.
  const lookedUp = looks ? (waits.kind === 'create' ? LOOKED_UP_MAX : readsMax) : Number.POSITIVE_INFINITY
  const count = Math.min(most, lookedUp, writesMax, Math.max(1, means.batchSize))
  if (isBulk({ ...waits, due: most }, means, count))
    return {
      name: 'bulk',
      count: Math.min(most, capabilities.bulk!.writesMax, BULK_WRITES_MAX),
      pools: looks ? ['bulk', 'read'] : ['bulk'],
    }
  return count < 2 ? single : { ...single, name: 'batch', count }
}

/** A job takes minutes: nothing critical waits for one, and what must be looked up one by one would be old by then. */
function isBulk({ tier, kind, due }: Waits, { capabilities, costOf, mayJob }: Means, batch: number): boolean {
  const { bulk, compareAndSet } = capabilities
  if (!bulk || !mayJob || due < bulk.writesMin || tier === 'critical') return false
  if (!compareAndSet && kind === 'create') return false
  const [job, one] = [costOf('bulk'), costOf('batch')]
  return job === undefined || one === undefined || job <= one * Math.ceil(due / batch)
}
