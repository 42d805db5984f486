/** What core needs from a browser, page or worker, and a replica opened with it. */
export { EngineNotLoaded, type EngineSource, startEngine } from './engine.ts'
export { browserHost } from './host.ts'
export { type BrowserReplicaOptions, openReplica } from './open-replica.ts'
