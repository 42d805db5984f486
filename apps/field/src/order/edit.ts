/** Editing an order: a draft of it as the page shows it is changed; the replica brings the difference over to what the order is by then. */
import type { JsonObject } from '@skerry/core'
import type { LiveReplica } from '@skerry/live'
import { ORDERS, type Order } from './order.ts'
import { noteTouched } from './touched.ts'

export type Draft = { -readonly [Field in keyof Order]: Order[Field] }

function fieldsOf(order: Order): JsonObject {
  const { id: _, ...fields } = order
  return structuredClone(fields) as JsonObject
}

/** Resolves when the edit is durable on this device. @throws LiveError */
export async function editOrder(
  replica: LiveReplica,
  order: Order,
  change: (draft: Draft) => void,
): Promise<void> {
  const base = fieldsOf(order)
  const wanted = structuredClone(base)
  change(wanted as unknown as Draft)
  const touched = Object.keys({ ...base, ...wanted }).filter(
    (field) => JSON.stringify(base[field]) !== JSON.stringify(wanted[field]),
  )
  if (touched.length === 0) return
  noteTouched(order.id, touched)
  await replica.update(ORDERS, order.id, { base, wanted })
}
