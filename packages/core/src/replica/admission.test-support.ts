/** A hub with one order of an honest device, beside a device that need not be: whatever that one tells, the honest one goes on. */
import { expect } from 'vitest'
import { decodeChanges, decodeEntry } from '../log/entry.ts'
import type { IncomingItem } from '../session/port.ts'
import { type Orders, openEdge, openHub, order, Pen, push, traceOf } from './orders.test-support.ts'
import type { ReplicaEvent } from './replica-event.ts'

export const KEY = 'work_orders/1'

export interface Shared {
  hub: Orders
  ana: Orders
  pen: Pen
  /** Of the hub. */
  events: ReplicaEvent[]
}

/** `base`: the changes of the order so far. */
export async function hubWithOrder(): Promise<Shared & { base: Uint8Array[] }> {
  const { replica: hub, events } = await openHub()
  const ana = await openEdge(1)
  await ana.workOrders.create({ ...order, notes: 'note' }, { id: '1' })
  expect(await push(ana, hub)).toEqual([])
  const pen = await Pen.make(7, { subject: 'tech:eve' })
  const entries = await hub.entriesOf(KEY)
  const base = entries.flatMap((entry) => decodeChanges(decodeEntry(entry.bytes).body))
  return { hub, ana, pen, base, events }
}

/** what is refused leaves no trace, and the honest device is taken as before. */
export async function expectRefused(
  { hub, ana, pen }: Shared,
  code: string,
  ...items: (Uint8Array | IncomingItem)[]
): Promise<void> {
  const before = await traceOf(hub)
  const codes = await pen.tell(hub, ...items)
  expect(codes).toContain(code)
  expect(codes.filter((one) => one !== code && one !== 'depends-on-refused')).toEqual([])
  expect(await traceOf(hub)).toEqual(before)
  await ana.workOrders.update('1', (o) => {
    o.title = 'honest'
    o.notes += '!'
  })
  expect(await push(ana, hub)).toEqual([])
  expect(await hub.workOrders.get('1')).toMatchObject({ title: 'honest', notes: 'note!' })
}
