/** For tests of implementations of the port: the contract suite, and the space in memory that it runs on. */
export { CHANNEL, type ContractSpace, contractSpace, type JobsReplica } from './testing/contract-space.ts'
export { type Job, job, jobs } from './testing/jobs.ts'
export { liveContract } from './testing/live-contract.ts'
export type { LiveSubject, OpenLiveSubject } from './testing/subject.ts'
export { Told, ToldSplices } from './testing/told.ts'
