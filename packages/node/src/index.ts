/** What core needs from Node, and a replica opened with it. */
export { startEngine } from './engine.ts'
export { nodeHost } from './host.ts'
export { type NodeReplicaOptions, openReplica } from './open-replica.ts'
export { type WorkerTrial, type WorkerTrialOptions, workerTrial } from './trial/worker-trial.ts'
