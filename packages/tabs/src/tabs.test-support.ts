/** Pages and workers of a browser in memory, with real replicas over a disk that survives each worker. */
import { collection, counter, MemoryDisk, memoryStore, text } from '@skerry/core'
import { type LiveRecord, type LiveReplica, liveOver, type Splice } from '@skerry/live'
import { nodeHost, openReplica } from '@skerry/node'
import { onTestFinished } from 'vitest'
import * as z from 'zod'
import type { WorkerLike } from './leader-source.ts'
import { leaderSource } from './leader-source.ts'
import { type Agent, MemoryBrowser } from './memory-browser.test-support.ts'
import { PROTOCOL, type ToPage } from './messages.ts'
import { namesOf } from './names.ts'
import { type Opened, Server, type ServerEvent } from './server.ts'
import { type SharedWorkerLike, sharedSource } from './shared-source.ts'
import { type TabEvent, TabReplica } from './tab-replica.ts'
import { type Channel, channelOver } from './world.ts'

const names = namesOf('field')
const schema = z.object({ title: z.string(), notes: text(), hours: counter() })
const orders = collection('orders', schema)
export const order = { title: 'Replace anemometer', notes: '', hours: 0 }

export type Mode = 'shared' | 'leader'

export interface BedOptions {
  mode?: Mode
  /** Awaited before each commit of the store: for stopping a worker in the middle of it. */
  beforeCommit?: () => void | Promise<void>
  /** Called for each opening, before it. */
  opening?: () => Promise<void>
  /** The script of the shared worker has a name of its own for each version, as bundlers do. */
  isNamedByVersion?: boolean
  /** So many of the first shared workers do not start. */
  failingWorkers?: number
  /** Default: work orders on the bed's own disk. */
  open?: () => Promise<Opened>
}

export interface Page {
  live: LiveReplica
  agent: Agent
  events: TabEvent[]
}

export class Bed {
  readonly browser = new MemoryBrowser()
  readonly disk = new MemoryDisk()
  readonly serverEvents: ServerEvent[] = []
  readonly options: BedOptions
  readonly #workers: Agent[] = []
  readonly #pages: Page[] = []
  readonly #shared = new Map<number, { agent: Agent; server: Server }>()
  #failing: number
  opened = 0

  constructor(options: BedOptions = {}) {
    this.options = options
    this.#failing = options.failingWorkers ?? 0
    onTestFinished(() => this.close())
  }

  async close(): Promise<void> {
    for (const { live } of this.#pages.splice(0)) await live.close()
    for (const worker of this.#workers) worker.kill()
  }

  /** The power goes. */
  kill(): void {
    for (const { agent } of this.#pages.splice(0)) agent.kill()
    for (const worker of this.#workers) worker.kill()
  }

  /** The worker that has the replica, or is about to. */
  get worker(): Agent {
    return this.#workers.findLast(({ isAlive }) => isAlive)!
  }

  /** Ids of edits that are durable. The worker is gone then. */
  async idsKept(): Promise<number> {
    this.kill()
    const replica = await openReplica({ store: memoryStore({ disk: this.disk }), collections: { orders } })
    const rows = await replica.tableRows('edits-made', { limit: 1_000 })
    await replica.close()
    return rows.length
  }

  page(version = 1): Page {
    const agent = this.browser.agent()
    const events: TabEvent[] = []
    const { world } = agent
    const live = new TabReplica({
      world,
      names,
      build: { protocol: PROTOCOL, version },
      page: {
        now: () => Date.now(),
        random: (bytes) => nodeHost().random(bytes),
        persist: async () => undefined,
        onWake: () => () => undefined,
      },
      events: (event) => events.push(event),
      source: (told) =>
        this.options.mode === 'leader'
          ? leaderSource(() => this.#dedicated(agent.child(), version), { world, names }, told)
          : sharedSource(() => this.#sharedWorker(version), told),
    })
    const page = { live, agent, events }
    this.#pages.push(page)
    return page
  }

  #sharedWorker(version: number): SharedWorkerLike {
    const { port1, port2 } = new MessageChannel()
    const worker: SharedWorkerLike = { port: port1, onerror: null }
    if (this.#failing > 0) {
      this.#failing -= 1
      setImmediate(() => worker.onerror?.({ message: 'no such script' } as ErrorEvent))
      return worker
    }
    const script = this.options.isNamedByVersion ? version : 0
    let shared = this.#shared.get(script)
    if (!shared?.agent.isAlive) {
      const agent = this.browser.agent()
      shared = { agent, server: this.#server(agent, version) }
      this.#shared.set(script, shared)
    }
    this.#attach(shared.agent, shared.server, port2)
    return worker
  }

  /** To the shared worker. */
  rawPipe(): Channel {
    return channelOver(this.#sharedWorker(1).port)
  }

  #dedicated(agent: Agent, version: number): WorkerLike {
    const server = this.#server(agent, version)
    return {
      postMessage: (_, [port]) => this.#attach(agent, server, port!),
      terminate: () => agent.kill(),
      onerror: null,
    }
  }

  #attach(agent: Agent, server: Server, port: MessagePort): void {
    const pipe = channelOver(port)
    server.attach({
      post: (message) => agent.isAlive && pipe.post(message),
      hear: (listener) => pipe.hear((data) => agent.isAlive && listener(data)),
      close: () => pipe.close(),
    })
  }

  async #openOrders(agent: Agent): Promise<Opened> {
    agent.onEnd(() => this.disk.crash())
    const beforeCommit = async () => {
      await this.options.beforeCommit?.()
      // The process has gone: its commit never comes.
      if (!agent.isAlive) await new Promise(() => undefined)
    }
    const store = memoryStore({ disk: this.disk, beforeCommit })
    const replica = await openReplica({ store, collections: { orders } })
    return { live: liveOver(replica, { host: nodeHost() }), close: () => replica.close() }
  }

  #server(agent: Agent, version: number): Server {
    this.#workers.push(agent)
    return new Server({
      world: agent.world,
      names,
      build: { protocol: PROTOCOL, version },
      open: async () => {
        await this.options.opening?.()
        this.opened += 1
        return this.options.open ? this.options.open() : this.#openOrders(agent)
      },
      ended: () => agent.kill(),
      events: (event) => this.serverEvents.push(event),
    })
  }
}

export const RAW_TAB = 'raw'

/** A page that says what it wants to a server, and hears what it says. */
export function rawPage(bed: Bed): {
  say(message: unknown): void
  heard: ToPage[]
  until(kind: string): Promise<ToPage>
} {
  const heard: ToPage[] = []
  const looking = new Set<() => void>()
  const port = bed.rawPipe()
  // Held as long as the page lives, which is as long as the test.
  void bed.browser.agent().world.locks.hold(names.tab(RAW_TAB))
  port.hear((data) => {
    heard.push(data as ToPage)
    for (const look of looking) look()
  })
  const until = (kind: string) =>
    new Promise<ToPage>((resolve) => {
      const look = () => {
        const found = heard.find((message) => message.kind === kind)
        if (found) resolve(found)
      }
      looking.add(look)
      look()
    })
  return { say: (message) => port.post(message), heard, until }
}

/** What a page shows of a query: splices put together, with a way to wait for something. */
export class Shown {
  records: LiveRecord[] = []
  splices: Splice[] = []
  readonly #looking = new Set<() => void>()
  readonly stop: () => void

  constructor(live: LiveReplica) {
    this.stop = live.watch(
      { collection: 'orders', where: {}, orderBy: [{ field: 'title', direction: 'ascending' }] },
      (splice) => {
        this.splices.push(splice)
        this.records.splice(splice.at, splice.removed, ...splice.inserted)
        if (!splice.more) for (const look of [...this.#looking]) look()
      },
      (error) => {
        throw error
      },
    )
  }

  until(condition: (records: LiveRecord[]) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition(this.records)) return
        this.#looking.delete(look)
        resolve()
      }
      this.#looking.add(look)
      look()
    })
  }
}
