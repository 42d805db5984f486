/** Work orders, live. */
import type { LiveQuery, LiveRecord, Splice } from '@skerry/live'
import type { Order } from '../order/order.ts'
import { ORDERS } from '../order/order.ts'
import { useReplica } from './replica-context.ts'
import { type Told, useTold } from './told.ts'

/** Undefined until the whole result is there. */
export function useOrders(query: LiveQuery): Told<readonly Order[]> {
  const replica = useReplica()
  return useTold<readonly Order[]>(JSON.stringify(query), (told, failed) => {
    let records: LiveRecord[] = []
    const take = ({ at, removed, inserted, more }: Splice) => {
      records = records.toSpliced(at, removed, ...inserted)
      if (!more) told(records as unknown as Order[])
    }
    return replica.watch(query, take, failed)
  })
}

/** `null`: there is no such order here. */
export function useOrder(id: string): Told<Order | null> {
  const { value, failed } = useOrders({ collection: ORDERS, where: { id: { wanted: id } }, orderBy: [] })
  return { value: value && (value[0] ?? null), failed }
}
