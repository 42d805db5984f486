/** Everything another package may use of core, by name. */
export { BytesError } from './bytes/bytes-error.ts'
export { equalBytes } from './bytes/compare.ts'
export { crc32 } from './bytes/crc32.ts'
export { fromHex, toHex } from './bytes/hex.ts'
export { ByteReader } from './bytes/reader.ts'
export { decodeUtf8, encodeUtf8 } from './bytes/utf8.ts'
export { ByteWriter } from './bytes/writer.ts'
export { type ActorKind, actorKind } from './change/actors.ts'
export { type ChangeLimits, defaultChangeLimits } from './change/limits.ts'
export { type ParsedChange, parseChange } from './change/parse.ts'
export { type ChangeRefusalCode, ChangeRefused } from './change/refused.ts'
export { EngineError } from './engine/document.ts'
export {
  type Trial,
  TrialError,
  type TrialStage,
  type TrialTask,
  type TrialVerdict,
} from './engine/trial.ts'
export * as presenceLimits from './ephemeral/limits.ts'
export {
  type Other,
  Presence,
  type PresenceRefusal,
  PresenceRefused,
} from './ephemeral/presence.ts'
export type { Host } from './host.ts'
export {
  type Credential,
  CredentialError,
  type CredentialEvidence,
  type CredentialRefusal,
  type CredentialVerifier,
  grants,
  SPACE_CHANNEL,
} from './identity/credential.ts'
export { runOwning } from './log/cursor.ts'
export {
  decodeChanges,
  decodeEntry,
  ENTRY_BYTES_MAX,
  type Entry,
  EntryError,
  type EntrySignature,
} from './log/entry.ts'
export { decodeFrontier, type Frontier } from './log/frontier.ts'
export { heardRun } from './log/heard-run.ts'
export { ProofError } from './log/proof.ts'
export type { Revoked } from './log/revocation.ts'
export {
  type Collection,
  type CollectionOptions,
  collection,
  type History,
  type SchemaIssue,
} from './records/collection.ts'
export type { ConcurrentValues } from './records/concurrent.ts'
export { checkDraftKeys, draftOf } from './records/draft.ts'
export { DraftError, diffViews, type Edit, equalJson } from './records/edits.ts'
export { type FieldRight, fieldRight } from './records/field-right.ts'
export type { HistoryItem } from './records/history.ts'
export * as lens from './records/lens.ts'
export { pathOf, pointerOf } from './records/pointer.ts'
export { rebase } from './records/rebase.ts'
export type { Rule, RuleAuthor, RuleChange, RuleViolation } from './records/rule.ts'
export {
  counter,
  isObject,
  type Json,
  type JsonObject,
  keyed,
  type Scalar,
  type ScalarKind,
  SchemaDefinitionError,
  type Shape,
  text,
} from './records/shape.ts'
export type { Migrations } from './records/versions.ts'
export { DELETED_KEY } from './records/view.ts'
export type { Written } from './records/writers.ts'
export type { Keeping, KindHandler } from './replica/admit.ts'
export type { AsideEdit } from './replica/aside.ts'
export { EditRefused } from './replica/author.ts'
export type { Follower } from './replica/follower.ts'
export { nodeIdOf } from './replica/identity.ts'
export { addReceipt, type Import, type Imported, importRow } from './replica/import-row.ts'
export { Refused } from './replica/judge.ts'
export { type Lease, type LeaseAnswer, type LeaseRequest, TooManyLeases } from './replica/leases.ts'
export { LEASE_MS_MAX } from './replica/limits.ts'
export { newId } from './replica/new-id.ts'
export { NotHereYet } from './replica/not-here-yet.ts'
export { collectionOf, idOf, keyOf } from './replica/open-record.ts'
export type { EditOptions, Tables } from './replica/own-tables.ts'
export type { RecordChange } from './replica/pending.ts'
export type { Suspicion } from './replica/quarantine.ts'
export { compareValues, type Followed, Query, type Seen, type Where } from './replica/query.ts'
export type { BothValues, Outcome, Receipt } from './replica/receipts.ts'
export { RecordNotFound } from './replica/record-not-found.ts'
export { type Quarantined, RecordQuarantined } from './replica/record-quarantine.ts'
export { CollectionNotFound, RecordInvalid, Records } from './replica/records.ts'
export { type HubRole, openReplica, type Replica, type ReplicaOptions } from './replica/replica.ts'
export { ReplicaBase, type ReplicaStats } from './replica/replica-base.ts'
export type { ReplicaEvent } from './replica/replica-event.ts'
export { TooManyRevocations } from './replica/revocations.ts'
export { type SavedOptions, SaveRefused, SaveTimeout } from './replica/saved.ts'
export type { ShippedCounts, UnverifiedChange } from './replica/shipped-views.ts'
export type { FieldState, Standing } from './replica/standing.ts'
export { changesAside, changesStanding } from './replica/told-by.ts'
export type { RecordState, Transaction } from './replica/transaction.ts'
export type { Unanswered } from './replica/unanswered.ts'
export type { UpkeepReport } from './replica/upkeep.ts'
export type { UpkeepOptions } from './replica/upkeep-loop.ts'
export { type ProofContext, type ProvenFork, verifyProof } from './replica/verify-proof.ts'
export { type Commit, ReplicaClosed } from './replica/writer.ts'
export type { Rate } from './session/bucket.ts'
export { type BudgetRates, PeerBudgets } from './session/budget.ts'
export { closeCodes, type Ending, PeerEndedError } from './session/ending.ts'
export * as sessionLimits from './session/limits.ts'
export { type MemoryLink, memoryLink } from './session/memory-transport.ts'
export { OpenSessions } from './session/open-sessions.ts'
export { Places } from './session/places.ts'
export {
  type Cursor,
  type Delivery,
  type IncomingItem,
  type Peer,
  ProtocolError,
  type ProtocolErrorCode,
  type Refusal,
  type SessionReplica,
  type ToldView,
  type ToldViews,
  type ViewPage,
  type Want,
} from './session/port.ts'
export type { Audit } from './session/reconciling.ts'
export {
  type Flow,
  type Granted,
  type Session,
  type SessionEvent,
  type SessionOptions,
  startSession,
} from './session/session.ts'
export type { Transport, TransportEvents } from './session/transport.ts'
export { decodeViews } from './session/view-text.ts'
export { checkBatch, checkLimit, checkReplaced, checkRun, headAfter } from './store/batch-check.ts'
export { channelItems, channelRows } from './store/channel-items.ts'
export { type IndexBatch, type IndexedEntry, type IndexedRow, LogIndex } from './store/log-index.ts'
export { type MemoryStoreOptions, memoryStore } from './store/memory.ts'
export { MemoryDisk } from './store/memory-disk.ts'
export { takeEntries, takeItems, takeRows } from './store/page.ts'
export {
  type Batch,
  type ChannelItem,
  type ChannelPage,
  type ChannelRow,
  type Damage,
  type DamagedEntry,
  type EntryKind,
  emptyBatch,
  entryKinds,
  type IndexValue,
  isDamaged,
  type LoggedEntry,
  type LogIdentity,
  type Mark,
  type NewEntry,
  type Origin,
  type PageLimit,
  type RecordRow,
  type RunRow,
  type Seq,
  type Store,
  StoreDamage,
  type StoredEntry,
  StoreError,
  type StoreErrorCode,
  type StoreSize,
  type TableRow,
  type TableWrite,
} from './store/port.ts'
export { nearest } from './words/nearest.ts'
