/** Ceilings of a replica, each with its unit and reason. */
import type { BatchLimits } from '../change/batch.ts'
import type { Weight } from '../change/weight.ts'

/** Operations in one record's history: loads in half a second; beyond it every edit is felt. */
export const OPERATIONS_PER_RECORD_MAX = 1_000_000
/** Actors in one record's history, and so containers too: each is 19 bytes in the record's row, which is read and written with every edit. */
export const ACTORS_PER_RECORD_MAX = 50_000
/** Heads of one record after an entry from elsewhere: the next edit names them all, beside the containers it makes (`dependenciesMax` is 4,096). */
export const HEADS_PER_RECORD_MAX = 2_048
/** Heads of one record that a hub tells its operator of: twice the devices of a large crew that edit it offline at once, and an eighth of the ceiling. */
export const HEADS_WARNED_MIN = 256
/** Records kept loaded: about 12 KB each for small ones, measured. */
export const CACHED_RECORDS_MAX = 1_000
/** Record id, code units: ids travel in every entry. */
export const RECORD_ID_LENGTH_MAX = 128
/** Conflicts and receipts listed for one record at once. */
export const RECEIPTS_LISTED_MAX = 1_000
/** Words in a receipt's reason, code units: a person reads it on a phone. */
export const REASON_LENGTH_MAX = 2_000
/** Bytes of a receipt: both values of some fields. Larger ones are in the record's history. */
export const RECEIPT_BYTES_MAX = 64 * 1024
/** Bytes of shipped views kept until their records come: some 200,000 small ones, a quarter of what an edge may have in memory. */
export const SHIPPED_BYTES_MAX = 64 * 1024 * 1024
/** Levels of a shipped view: what `z.object` in `z.object` comes to in practice is below ten, and nobody's recursion fails on so few. */
export const VIEW_DEPTH_MAX = 32
/** Milliseconds that an edit waits for its record to arrive: most of a first sync's, and no longer than a person looks at a spinning wheel. */
export const ARRIVAL_MS_MAX = 10_000

/**
 * What a foreign entry may hold to be taken without a trial. The dearest shape of it (measured, replica/SPEC.md, Isolation) holds the thread for some 35 ms and 20 MB.
 */
export const LIGHT_ENTRY: Weight = { changes: 250, operations: 2_000, predecessors: 0, bytes: 256 * 1024 }
/** What a record's history may hold to be loaded without a trial: some 50 ms and 25 MB at worst, 6 ms for 1,250 honest edits. */
export const LIGHT_RECORD: Weight = {
  changes: 1_250,
  operations: 5_000,
  predecessors: 0,
  bytes: 1024 * 1024,
}
/** A history that was found sound in this run may grow by this factor before it is tried again. */
export const SOUND_GROWTH_MAX = 2
/** Heavy records remembered as sound in one run, some 100 bytes each; the oldest is forgotten and tried again. */
export const SOUND_RECORDS_MAX = 10_000
/** Starts of a replica that may end while it loads one record; a user who ends an app twice for its slowness is none of them. */
export const LOAD_ATTEMPTS_MAX = 3
/** Records in quarantine, some 500 bytes each in memory. A replica with more has another trouble than its records. */
export const QUARANTINED_MAX = 10_000
/** Milliseconds for which an external system is lent at most: a node that died keeps another one waiting so long. */
export const LEASE_MS_MAX = 60_000
/** External systems lent by one hub: a large organisation has some 700 applications. */
export const LEASES_MAX = 1_000
/** Entries of streams that cannot be read back, some 200 bytes each in memory. A replica with more needs another disk. */
export const LOST_MAX = 10_000
/** Of all changes of one entry together. */
export const ENTRY_LIMITS: BatchLimits = {
  operationsMax: 150_000, // an edit that replaces 50,000 values has 100,000; checking so many one by one takes 0.1 s
  inflatedBytesMax: 16 * 1024 * 1024, // four times what an entry may have, so that what deflates honestly fits
}
/** Entries parked for what they build on, of one record: a day of one technician's edits. */
export const PARKED_PER_RECORD_MAX = 64
/** Of one peer: what a LAN of a few devices has under way. */
export const PARKED_PER_PEER_MAX = 1_000
/** Of all: their places are kept in memory, 200 bytes each. */
export const PARKED_MAX = 4_096
/** Bytes of all of them together: usual ones are 300. */
export const PARKED_BYTES_MAX = 16 * 1024 * 1024
/** Milliseconds, by the wall clock here: a hub is met within a week, and brings it. */
export const PARKED_MS_MAX = 7 * 86_400_000
/** Edits kept for when the engine runs, some KB each on disk: a month of work of a device whose engine never comes. */
export const INTENTS_MAX = 10_000
