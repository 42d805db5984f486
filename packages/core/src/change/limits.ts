// The ceilings under which a foreign change is looked at. Each was set against what was measured to hurt
// Automerge 3.5 on two cores; the measurement stands beside it.

/** Every number is the largest value still accepted. */
export interface ChangeLimits {
  /** Bytes of a chunk as it arrives, header included. */
  readonly rawBytesMax: number
  /** Bytes of the body of a compressed chunk once inflated. */
  readonly inflatedBytesMax: number
  /** Operations of one change, counted by run length before any is decoded. */
  readonly operationsMax: number
  /** Predecessors of all operations of one change together. */
  readonly predecessorsMax: number
  /** Hashes a change depends on. */
  readonly dependenciesMax: number
  /** Actors a change names beside its own. */
  readonly otherActorsMax: number
  /** UTF-8 bytes of the commit message. */
  readonly messageBytesMax: number
  /** UTF-8 bytes of one map key. */
  readonly keyBytesMax: number
  /** Bytes of all map keys of a change, each counted as often as its run length repeats it. */
  readonly keyBytesTotalMax: number
  /** Bytes after the columns, where Automerge keeps the author. */
  readonly extraBytesMax: number
  /** Levels of objects below the root. */
  readonly depthMax: number
  /** How far above the record's highest operation a change may begin, in operations. */
  readonly firstOperationSlack: number
}

export const defaultChangeLimits: ChangeLimits = {
  rawBytesMax: 1024 * 1024, // an edit is some hundred bytes; a pasted book still fits
  inflatedBytesMax: 8 * 1024 * 1024, // 9.8 kB inflated to 10 MB killed the engine's thread (3.0 GB, 18 s)
  operationsMax: 50_000, // 100,000 operations blocked 1.2 s, 8,000,000 in 113 bytes 80 s and 3.9 GB
  predecessorsMax: 50_000, // run lengths multiply these as they do operations
  dependenciesMax: 4_096, // an edit names every container it made: a keyed list of 4,000 rows applies in 0.1 s, of 10,000 in 2 s
  otherActorsMax: 4_096, // 20,000 actors on one key: 1.8 s, and sync messages of 665 kB
  messageBytesMax: 4_096, // our own messages are container addresses; people's fit as well
  keyBytesMax: 1_024, // record ids are keys of keyed lists; ids above a kilobyte are payload
  keyBytesTotalMax: 8 * 1024 * 1024, // the engine writes out each repetition; as inflatedBytesMax
  extraBytesMax: 256, // an author is a short label
  depthMax: 64, // 500 nested maps 0.18 s, 5,000 end the stack, 10,000 the engine
  firstOperationSlack: 65_536, // 100,000,000 makes the saved document unloadable, 1,000,000 does not
}
