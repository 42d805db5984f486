/** Work orders, live. */
import type { LiveQuery } from '@skerry/live'
import type { Order } from '../order/order.ts'
import { ORDERS } from '../order/order.ts'
import type { Told } from './told.ts'
import { useListed } from './use-listed.ts'

/** Undefined until the whole result is there. */
export function useOrders(query: LiveQuery): Told<readonly Order[]> {
  return useListed<Order>(query)
}

/** `null`: there is no such order here. */
export function useOrder(id: string): Told<Order | null> {
  const { value, failed } = useOrders({ collection: ORDERS, where: { id: { wanted: id } }, orderBy: [] })
  return { value: value && (value[0] ?? null), failed }
}
