/** What simulations may use: how a hub keeps its sessions and revocations, without its network. */
export { createLog } from './log.ts'
export { createMetrics } from './metrics.ts'
export { Revocations } from './revocations.ts'
export { HubSessions } from './sessions.ts'
