/** How an item waits: in which tier, from when on it is due, whether it was approved (SPEC B-19, B-50, B-53, B-86 to B-88). */
import { equalJson } from '@skerry/core'
import { isBeyond } from '../context.ts'
import { firstWait, nextWait } from '../mapping/mode.ts'
import type { Mapping } from '../mapping.ts'
import type { Waiting, Wish, WriteKind } from '../outbox.ts'
import type { Shadow } from '../shadow.ts'
import { fieldsWished } from '../wish.ts'
import type { Tier } from './tiers.ts'

interface ToTell {
  mapping: Mapping
  wish: Wish
  shadow: Shadow | undefined
  now: number
  /** The record's edits. */
  seqs: Readonly<Record<string, number>>
}

/** The item for what is now to be told, as new or with what is known of the one that waits already. */
export function waitingFor({ mapping, wish, shadow, ...moment }: ToTell, known?: Waiting): Waiting {
  const tier = liftedTo(mapping, wish, shadow)
  const { type, mode } = mapping
  const isNews = known?.seqs !== undefined && isBeyond(moment.seqs, known.seqs)
  const item = known ? (isNews ? nextWait(mode, known, moment) : known) : firstWait(mode, moment)
  // Who asks for haste does not wait for company; a back-off is not shortened.
  const hastens = tier !== undefined && item.attempts === 0
  const { approved, tier: _, deferred, ...rest } = item
  return {
    ...rest,
    type,
    kind: kindOfWish(wish, shadow),
    dueAt: hastens ? Math.min(item.dueAt, moment.now) : item.dueAt,
    ...(deferred && !hastens && { deferred }),
    ...(tier && { tier }),
    ...(approved && equalJson(approved, wish) && { approved }),
  }
}

/** The durable item need not be written again. */
export function waitsAlike(a: Waiting, b: Waiting): boolean {
  const told = ({ kind, tier, type, dueAt, deferred, approved }: Waiting) => [
    kind,
    tier,
    type,
    dueAt,
    deferred,
    approved === undefined,
  ]
  const others = told(b)
  return told(a).every((one, i) => one === others[i])
}

/** The tier that an urgent field lifts a write to; undefined: that of the mapping. */
export function liftedTo(mapping: Mapping, wish: Wish, shadow: Shadow | undefined): Tier | undefined {
  if (!mapping.hasCritical) return undefined
  return fieldsWished(mapping, wish, shadow).some(({ urgent }) => urgent) ? 'critical' : undefined
}

export function isApproved(mapping: Mapping, item: Waiting, wish: Wish): boolean {
  return mapping.tier !== 'reference' || (item.approved !== undefined && equalJson(item.approved, wish))
}

export function kindOfWish(wish: Wish, shadow: Shadow | undefined): WriteKind {
  if (wish.action === 'delete') return 'delete'
  if (wish.action === 'upsert' && wish.restore) return 'restore'
  return shadow ? 'update' : 'create'
}
