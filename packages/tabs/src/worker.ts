/** The worker's side; the page's is @skerry/tabs. */
export { type ServeTabsOptions, serveTabs } from './serve-tabs.ts'
export { Server, type ServerEvent } from './server.ts'
