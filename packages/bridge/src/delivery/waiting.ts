/** How an item waits: in which tier, from when on it is due, whether it was approved (SPEC B-19, B-50, B-53). */
import { equalJson } from '@skerry/core'
import type { Mapping } from '../mapping.ts'
import type { Waiting, Wish, WriteKind } from '../outbox.ts'
import type { Shadow } from '../shadow.ts'
import type { Tier } from './tiers.ts'

/** The item for what is now to be told, as new or with what is known of the one that waits already. */
export function waitingFor(
  { mapping, wish, shadow, now }: { mapping: Mapping; wish: Wish; shadow: Shadow | undefined; now: number },
  known?: Waiting,
): Waiting {
  const tier = liftedTo(mapping, wish)
  const kind = kindOfWish(wish, shadow)
  const item = known ?? { state: 'waiting', dueAt: now + mapping.collectMs, attempts: 0, since: now }
  const { approved, tier: _, ...rest } = item
  return {
    ...rest,
    kind,
    // Who asks for haste does not wait for company; a back-off is not shortened.
    dueAt: tier && item.attempts === 0 ? Math.min(item.dueAt, now) : item.dueAt,
    ...(tier && { tier }),
    ...(approved && equalJson(approved, wish) && { approved }),
  }
}

/** The durable item need not be written again. */
export function waitsAlike(a: Waiting, b: Waiting): boolean {
  return a.kind === b.kind && a.tier === b.tier && a.dueAt === b.dueAt && !a.approved === !b.approved
}

/** The tier that an urgent field lifts a write to; undefined: that of the mapping. */
export function liftedTo(mapping: Mapping, wish: Wish): Tier | undefined {
  if (wish.action !== 'upsert') return undefined
  const isUrgent = mapping.fields.some(({ external, urgent }) => urgent && external in wish.fields)
  return isUrgent ? 'critical' : undefined
}

export function isApproved(mapping: Mapping, item: Waiting, wish: Wish): boolean {
  return mapping.tier !== 'reference' || (item.approved !== undefined && equalJson(item.approved, wish))
}

export function kindOfWish(wish: Wish, shadow: Shadow | undefined): WriteKind {
  if (wish.action === 'delete') return 'delete'
  if (wish.action === 'upsert' && wish.restore) return 'restore'
  return shadow ? 'update' : 'create'
}
