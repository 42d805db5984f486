/** The page's side; the worker's is @skerry/tabs/worker. */
export { type ConnectTabsOptions, connectTabs } from './connect-tabs.ts'
export type { WorkerLike } from './leader-source.ts'
export type { Page } from './page.ts'
export type { SharedWorkerLike } from './shared-source.ts'
export type { TabEvent } from './tab-replica.ts'
export type { Channel, Locks, World } from './world.ts'
