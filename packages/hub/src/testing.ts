/** What simulations may use: how a hub keeps its sessions, without its network. */
export { createLog } from './log.ts'
export { createMetrics } from './metrics.ts'
export { HubSessions } from './sessions.ts'
