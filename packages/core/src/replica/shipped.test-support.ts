/** A hub with orders, and an edge that has been told their views and none of their entries. */
import { cursorsOf } from '../session/cursor.ts'
import { connect, type Met, settle, turn } from '../session/pair.test-support.ts'
import type { IncomingItem, SessionReplica, ToldView, Want } from '../session/port.ts'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import {
  everything,
  type Opened,
  type OpenOptions,
  type Orders,
  open,
  openHub,
  order,
  peerOf,
} from './orders.test-support.ts'

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

export interface ShownOptions {
  hub?: OpenOptions
  edge?: OpenOptions
  prepare?: (hub: Orders) => Promise<unknown>
  /** What the hub tells in the place of each view. */
  tell?: (view: ToldView) => ToldView | readonly ToldView[]
}

function telling({ session }: Orders, tell: ShownOptions['tell']): SessionReplica {
  if (!tell) return session
  return new Proxy(session as SessionReplica, {
    get(target, property) {
      if (property === 'readViews')
        return async (...asked: Parameters<SessionReplica['readViews']>) => {
          const page = await target.readViews(...asked)
          return { ...page, views: page.views.flatMap(tell) }
        }
      const value: unknown = Reflect.get(target, property, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** The view, saying something else. */
export function saying(view: ToldView, text: string): ToldView {
  return { ...view, view: text }
}

/** Every view is at the edge, and durable; no entry is. */
export async function shown(ids: readonly string[], options: ShownOptions = {}): Promise<Shown> {
  const hub = await openHub({ views, ...options.hub })
  await fill(hub.replica, ids)
  await options.prepare?.(hub.replica)
  const disk = new MemoryDisk()
  const edge = await open({ seed: 2, grant: both, disk, ...options.edge })
  const met = connect({ hub: telling(hub.replica, options.tell), edge: edge.replica.session })
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

/** What the hub has in its channels, without a word that this is all. */
export async function tellEntries(hub: Orders, edge: Orders): Promise<void> {
  const want = await edge.session.want(peerOf(hub))
  const after = new Map([...cursorsOf(want).keys()].map((channel) => [channel, 0]))
  const { items } = await hub.session.readChannels(after, everything)
  const told = items.flatMap((item): IncomingItem[] => {
    if (item.kind !== 'enter') return []
    const { kind, seq, channel, record } = item
    const brought = item.entries.map(
      (one): IncomingItem => ({ kind: 'entry', seq: one.seq, bytes: one.bytes }),
    )
    return [...brought, { kind, seq, channel, record }]
  })
  await deliver(hub, edge, told, want)
}

/** The hub says that the record is not in this channel any more. */
export async function tellLeave(hub: Orders, edge: Orders, id: string): Promise<void> {
  const mark = { kind: 'leave', seq: hub.head, channel: 'site:SEA', record: `work_orders/${id}` } as const
  await deliver(hub, edge, [mark], await edge.session.want(peerOf(hub)))
}

async function deliver(hub: Orders, edge: Orders, items: IncomingItem[], want: Want): Promise<void> {
  await edge.session.deliver({ peer: peerOf(hub), items, position: undefined, current: false, want })
}

/** Keys of what is kept of views on a disk that nobody uses. */
export async function keptOn(disk: MemoryDisk): Promise<string[]> {
  const store = memoryStore({ disk })
  await store.open('f'.repeat(32))
  const rows = await store.scan('shipped', { limit: 100 })
  await store.close()
  return rows.map(({ key }) => key)
}
