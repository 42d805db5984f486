/** A replica as pages hold it: the port, one over a replica in the same thread, and observables over any. */
export type {
  Inspect,
  InspectedChange,
  InspectedEnding,
  InspectedEntry,
  InspectedLine,
  InspectedRecord,
  InspectedReplica,
  InspectedSession,
  LoggedItem,
  LogPage,
  NetworkState,
  SimulatedNetwork,
} from './inspect-port.ts'
export { type Edits, edits } from './observe/edits.ts'
export { type Draft, type DraftSnapshot, liveDraft } from './observe/live-draft.ts'
export {
  liveQuery,
  liveRecord,
  type QuerySnapshot,
  type RecordSnapshot,
} from './observe/live-query.ts'
export { HUB, liveSaved, type Saved, type Stage } from './observe/live-saved.ts'
export {
  liveAside,
  liveOutbox,
  livePresence,
  liveQuarantine,
  liveStorage,
  liveSync,
} from './observe/live-value.ts'
export { type Filter, narrowing } from './observe/narrowing.ts'
export type { Observable, Phase, Snapshot } from './observe/observable.ts'
export { atLeast, atMost, between, Range } from './observe/range.ts'
export { type LiveWhere, live, RecordsQuery } from './observe/records-query.ts'
export { GRACE_MS } from './observe/running.ts'
export { englishWords, type SavedWords, savedWords } from './observe/words.ts'
export type { LiveLink } from './over/line.ts'
export { toLiveError } from './over/live-error.ts'
export { type LiveHere, type LiveOverOptions, type LiveStorage, liveOver } from './over/live-over.ts'
export { SPLICE_RECORDS_MAX } from './over/sorted-result.ts'
export { type ValueWatch, watchValue } from './over/watch-value.ts'
export {
  type LinePhase,
  LiveError,
  type LiveIdentity,
  type LiveQuery,
  type LiveRecord,
  type LiveReplica,
  type Once,
  type Splice,
  type Stop,
  type StorageState,
  type SyncState,
  type Waiting,
  type Wanted,
} from './port.ts'
