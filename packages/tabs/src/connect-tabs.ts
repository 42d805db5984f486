/** How a page comes to its replica: by the worker that serves all tabs of this browser. */
import type { LiveReplica } from '@skerry/live'
import { leaderSource, type WorkerLike } from './leader-source.ts'
import { PROTOCOL } from './messages.ts'
import { namesOf } from './names.ts'
import { browserPage, type Page } from './page.ts'
import { type SharedWorkerLike, sharedSource } from './shared-source.ts'
import { type TabEvent, TabReplica } from './tab-replica.ts'
import { browserWorld, type World } from './world.ts'

export interface ConnectTabsOptions {
  /** Which replica: that of `serveTabs` in the worker, and of its store. */
  name: string
  /** The app's version, a number that grows: of two that are open, the older one gives way. The same as in the worker. */
  version: number
  /** Makes the worker of all tabs. Absent, or in a browser without SharedWorker: `dedicated` is used. */
  shared?: () => SharedWorkerLike
  /** Makes a worker of this tab's own, which serves the others while this tab lives. */
  dedicated: () => WorkerLike
  events?: (event: TabEvent) => void
  /** Default: this browser's. */
  world?: World
  page?: Page
}

/** Returns at once; what is asked before a worker serves waits for it. */
export function connectTabs(options: ConnectTabsOptions): LiveReplica {
  const { name, version, events = () => undefined } = options
  const world = options.world ?? browserWorld()
  const names = namesOf(name)
  return new TabReplica({
    world,
    names,
    build: { protocol: PROTOCOL, version },
    page: options.page ?? browserPage(),
    events,
    source: (told) =>
      options.shared && typeof SharedWorker !== 'undefined'
        ? sharedSource(options.shared, told)
        : leaderSource(options.dedicated, { world, names }, told),
  })
}
