/** A work order as pages have it. */
import { actorKind } from '@skerry/core'
import type { WorkOrder } from '@skerry/field-service'

export type Order = WorkOrder & { readonly id: string }

export const ORDERS = 'work_orders'

/** Places where an order's edits are to arrive: the hub, and the office's system by the name that the hub's bridge has. */
export const PLACES = ['hub', 'crm'] as const

/** Whether a change was read from the office's system: that is the only one. */
export function isFromOffice(actor: string): boolean {
  return actorKind(actor) === 'import'
}

export const statuses = ['open', 'en_route', 'done'] as const satisfies readonly WorkOrder['status'][]
export const priorities = ['high', 'normal', 'low'] as const satisfies readonly WorkOrder['priority'][]

export function channelOf(state: string): string {
  return `state:${state}`
}
