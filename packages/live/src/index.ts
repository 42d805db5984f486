/** A replica as pages hold it: the port, and observables over it. */
export {
  type LinePhase,
  LiveError,
  type LiveIdentity,
  type LiveQuery,
  type LiveRecord,
  type LiveReplica,
  type Splice,
  type Stop,
  type StorageState,
  type SyncState,
  type Waiting,
  type Wanted,
} from './port.ts'
