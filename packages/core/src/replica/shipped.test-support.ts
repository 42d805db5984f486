/** A hub with orders, and an edge that has been told their views and none of their entries. */
import { connect, type Met, settle, turn } from '../session/pair.test-support.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { type Opened, type Orders, open, openHub, order } from './orders.test-support.ts'

/** Bound of `until`: a session that says something for ever is a failure, not a wait. */
const MESSAGES_MAX = 1_000

export const both = { read: ['site:SEA', 'site:PDX'], write: ['site:SEA', 'site:PDX'] }
export const views = { recordsMin: 1 }

export async function fill(hub: Orders, ids: readonly string[], over: Partial<typeof order> & object = {}) {
  await Promise.all(
    ids.map((id) => hub.workOrders.create({ ...order, title: `title of ${id}`, ...over }, { id })),
  )
}

/** Delivers message by message until this holds. */
export async function until(met: Met, holds: () => boolean): Promise<void> {
  for (let message = 0; message < MESSAGES_MAX; message++) {
    await turn()
    if (holds()) return
    if (met.link.flush(1) === 0) throw new Error('the link is quiet before what was waited for')
  }
  throw new Error(`not within ${MESSAGES_MAX} messages`)
}

export interface Shown {
  hub: Opened
  edge: Opened
  disk: MemoryDisk
  met: Met
  /** Delivers everything. */
  goOn(): Promise<void>
  /** The link breaks, and the edge is closed and opened again on the same disk. */
  reopen(): Promise<Opened>
}

/** Every view is at the edge, and durable; no entry is. */
export async function shown(
  ids: readonly string[],
  options: { prepare?: (hub: Orders) => Promise<unknown>; edge?: Parameters<typeof open>[0] } = {},
): Promise<Shown> {
  const hub = await openHub({ views })
  await fill(hub.replica, ids)
  await options.prepare?.(hub.replica)
  const disk = new MemoryDisk()
  const edge = await open({ seed: 2, grant: both, disk, ...options.edge })
  const met = connect({ hub: hub.replica.session, edge: edge.replica.session })
  await until(met, () => met.initiator.queryable)
  return {
    hub,
    edge,
    disk,
    met,
    goOn: () => settle(met.link),
    async reopen() {
      met.link.cut()
      await turn()
      await edge.replica.close()
      return open({ seed: 3, disk, ...options.edge })
    },
  }
}
