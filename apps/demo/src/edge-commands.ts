/** What a technician can do on an edge, as commands. Everything here is what an app would call. */
import { SaveRefused } from '@skerry/core'
import type { WorkOrder } from '@skerry/field-service'
import { newWorkOrder } from '@skerry/field-service/new-work-order'
import { type DeviceReplica, deviceCommands } from './device.ts'
import { until } from './until.ts'

/** An edit as the technician makes it: each kind of field in its own way. */
export interface Edit {
  set?: Partial<Pick<WorkOrder, 'title' | 'status' | 'priority'>>
  /** Written before, or after, what the notes say. */
  noteBefore?: string
  noteAfter?: string
  addHours?: number
  usePart?: string
}

export type EdgeCommands = ReturnType<typeof edgeCommands>

export function edgeCommands(replica: DeviceReplica) {
  const { sites, work_orders: orders } = replica
  const now = () => performance.timeOrigin + performance.now()
  return {
    ...deviceCommands(replica),
    sites: () => sites.all(),
    orders: () => orders.all(),
    order: ({ id }: { id: string }) => orders.get(id),
    create: async (order: Parameters<typeof newWorkOrder>[0]) =>
      (await orders.create(newWorkOrder(order))).id,
    edit: ({ id, edit }: { id: string; edit: Edit }) => orders.update(id, (draft) => apply(draft, edit)),
    receipts: ({ id }: { id: string }) => orders.receipts(id),
    concurrent: ({ id }: { id: string }) => orders.concurrent(id),
    /** Resolves when a work order says this. */
    until: ({ id, fields }: { id?: string; fields: Partial<WorkOrder> }) =>
      until(replica, async () => {
        const found = id === undefined ? await orders.all() : [await orders.get(id)]
        return found.find((order) => order && says(order, fields))
      }),
    /** Resolves with the reason when the place will not have the edits, with null when it has them. */
    saved: async ({ id, place }: { id: string; place: string }) => {
      try {
        await orders.saved(id, place, { timeoutMs: SAVED_MS_MAX })
        return null
      } catch (error) {
        if (error instanceof SaveRefused) return error.message
        throw error
      }
    },
    /** One edit, and when it was saved where: milliseconds since it was made. */
    async follow({ id, edit }: { id: string; edit: Edit }) {
      const start = now()
      const since = async (place: string) => {
        await orders.saved(id, place, { timeoutMs: SAVED_MS_MAX })
        return now() - start
      }
      await orders.update(id, (draft) => apply(draft, edit))
      const [here, hub, crm] = await Promise.all([since('here'), since('hub'), since('crm')])
      return { here, hub, crm }
    },
  }
}

/** Milliseconds an edit may take to a place: far above what it takes, below the story's patience. */
const SAVED_MS_MAX = 20_000

function apply(draft: WorkOrder, { set, noteBefore, noteAfter, addHours, usePart }: Edit): void {
  Object.assign(draft, set)
  draft.notes = `${noteBefore ?? ''}${draft.notes}${noteAfter ?? ''}`
  draft.hours += addHours ?? 0
  if (usePart === undefined) return
  const part = draft.parts.find(({ sku }) => sku === usePart)
  if (part) part.qty += 1
  else draft.parts.push({ sku: usePart, qty: 1 })
}

function says(order: WorkOrder, fields: Partial<WorkOrder>): boolean {
  return Object.entries(fields).every(([name, value]) => order[name as keyof WorkOrder] === value)
}
