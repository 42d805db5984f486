/** What a work order has when it is made. Stands by itself, so that a page need not load the schema for it. */
import type { WorkOrder } from './field-service.ts'

export function newWorkOrder(
  order: Pick<WorkOrder, 'title' | 'site' | 'state'> & Partial<WorkOrder>,
): WorkOrder {
  return { status: 'open', priority: 'normal', notes: '', hours: 0, parts: [], ...order }
}
