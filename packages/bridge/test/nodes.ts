/** Nodes for tests: a replica on a disk in memory, a seeded host whose clock the test moves, and the bridge on top. */
import { createHash } from 'node:crypto'
import { type BridgeEvent, type MappingConfig, type MemorySystem, startBridge } from '@skerry/bridge'
import {
  collection,
  counter,
  keyed,
  MemoryDisk,
  memoryStore,
  openReplica,
  type Store,
  text,
} from '@skerry/core'
import { nodeHost } from '@skerry/node'
import * as z from 'zod'

export const jobs = collection(
  'jobs',
  z.object({
    title: z.string(),
    status: z.enum(['open', 'en_route', 'done']).optional(),
    site: z.string().optional(),
    notes: text().optional(),
    hours: counter().optional(),
    parts: keyed('sku', z.object({ sku: z.string(), qty: z.number() })).optional(),
    price: z.string().optional(),
    stock: z.number().optional(),
    tags: z.array(z.string()).optional(),
    urgent: z.boolean().optional(),
    inside: z.string().optional(),
  }),
  { indexes: ['status'] },
)

export const jobMapping: MappingConfig = {
  collection: 'jobs',
  type: 'cases',
  fields: { title: 'Title', status: 'Status', site: 'Site', notes: 'Notes', parts: 'Parts' },
}

/** xorshift32, so that a failing test fails again. */
export function seeded(seed: number): () => number {
  let state = seed | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

export interface TestHost extends ReturnType<typeof nodeHost> {
  clock: number
  /** No timer fires any more. */
  dead: boolean
}

/** Timers fire on the next turn of the event loop and move the clock to their time, so that no test waits for a back-off. */
export function testHost(seed = 1): TestHost {
  const random = seeded(seed)
  const host: TestHost = {
    ...nodeHost(),
    clock: 1_700_000_000_000,
    dead: false,
    now: () => host.clock,
    random: (bytes) => Uint8Array.from({ length: bytes }, () => Math.floor(random() * 256)),
    sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
    timer: (delayMs, run) => {
      const dueAt = host.clock + delayMs
      const immediate = setImmediate(() => {
        if (host.dead) return
        host.clock = Math.max(host.clock, dueAt)
        run()
      })
      return () => clearImmediate(immediate)
    },
  }
  return host
}

export interface NodeOptions {
  disk?: MemoryDisk
  seed?: number
  host?: TestHost
  store?: (disk: MemoryDisk) => Store
}

export async function openNode(options: NodeOptions = {}) {
  const disk = options.disk ?? new MemoryDisk()
  const host = options.host ?? testHost(options.seed)
  const replica = await openReplica({
    host,
    store: options.store?.(disk) ?? memoryStore({ disk }),
    collections: { jobs },
  })
  return { disk, host, replica }
}

export type TestNode = Awaited<ReturnType<typeof openNode>>

export async function bridged(
  node: TestNode,
  system: MemorySystem,
  options: Partial<Parameters<typeof startBridge>[0]> = {},
) {
  const events: BridgeEvent[] = []
  const bridge = await startBridge({
    replica: node.replica,
    adapter: system.adapter(),
    mappings: [jobMapping],
    host: node.host,
    pollIntervalMs: 0,
    events: (event) => events.push(event),
    ...options,
  })
  return { bridge, events }
}
