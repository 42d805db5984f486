/** The entry of an app's worker: one call that serves the replica to all tabs, in a SharedWorker or in a tab's own worker, whichever this is. */
import { isObject } from './checks.ts'
import { PROTOCOL } from './messages.ts'
import { namesOf } from './names.ts'
import { type Opened, Server, type ServerEvent } from './server.ts'
import { browserWorld, channelOver } from './world.ts'

export interface ServeTabsOptions {
  /** As in `connectTabs`. */
  name: string
  /** As in `connectTabs`. */
  version: number
  /** Opens store and replica and joins them to the hub. Called when no other worker has them open; again, later, when it failed. */
  open(): Promise<Opened>
  events?: (event: ServerEvent) => void
}

/** What the two kinds of worker have for this; a program for pages knows the types of neither. */
interface WorkerScope {
  onconnect?: ((event: MessageEvent) => void) | null
  onmessage: ((event: MessageEvent) => void) | null
  close(): void
}

/** To be called while the worker's script runs, not later: pages may be connecting already. */
export function serveTabs({ name, version, open, events = () => undefined }: ServeTabsOptions): void {
  const scope = globalThis as unknown as WorkerScope
  const server = new Server({
    world: browserWorld(),
    names: namesOf(name),
    build: { protocol: PROTOCOL, version },
    open,
    events,
    ended: () => scope.close(),
  })
  const attach = ({ ports: [port] }: MessageEvent) => port && server.attach(channelOver(port))
  if ('onconnect' in scope) scope.onconnect = attach
  else
    scope.onmessage = (event) => {
      if (isObject(event.data) && event.data.kind === 'pipe') attach(event)
    }
}
