/** Every ceiling of the bridge, with its unit and the reason for the number. */

/** Calls under way at once to one system, by default: Salesforce and NetSuite begin to refuse at 5 slow ones. */
export const CONCURRENCY_DEFAULT = 4
/** Calls under way at once that a configuration may ask for: Dataverse allows 52. */
export const CONCURRENCY_MAX = 50

/** First wait after a call that was not carried out, milliseconds. */
export const RETRY_DELAY_MS_FIRST = 500
/** Longest wait between two tries, milliseconds: an outage of a night costs a hundred calls. */
export const RETRY_DELAY_MS_MAX = 300_000
/** Longest wait that a system may ask for, milliseconds: a daily quota comes back within a day. */
export const RETRY_AFTER_MS_MAX = 86_400_000
/** Conflicts of one record in a row that are answered at once; beyond it each waits as after a failure. */
export const CONFLICTS_AT_ONCE_MAX = 3
/** Calls in a row without an answer after which the bridge probes with one call at a time. */
export const UNANSWERED_MAX = 5

/** Milliseconds between two polls, by default; pushes make it shorter, polls are what must not be missed. */
export const POLL_INTERVAL_MS_DEFAULT = 60_000
/** Rows of one page asked for: HubSpot gives 200 at most, and 200 imports take one commit. */
export const PAGE_ROWS = 200
/** Hints kept in memory. Beyond it they are dropped, and the next poll finds the rows. */
export const HINTS_MAX = 10_000
/** Durable hints and outbox items read at once while opening. */
export const SCAN_ROWS = 500

/** Entries of the log looked at in one append, and their bytes: a turn must not keep other writers waiting. */
export const ENTRIES_PER_PAGE_MAX = 256
export const ENTRY_PAGE_BYTES_MAX = 4 * 1024 * 1024
/** Entries that concern nobody here may pass before the position is saved. */
export const ENTRIES_UNSAVED_MAX = 1_024

/** Milliseconds by which two clocks may differ unnoticed; device times are whole seconds (SPEC B-30). */
export const CLOCK_SKEW_MS = 2_000

/** Code units of an external id: the shortest limit among the systems known here. */
export const EXTERNAL_ID_LENGTH_MAX = 128
/** Code units of a system's name: it stands in every receipt. */
export const SYSTEM_LENGTH_MAX = 60
/** Milliseconds for which edits may be collected: five minutes, beyond which people ask where their edit is. */
export const COLLECT_MS_MAX = 300_000
/** Mapped fields of one mapping: wider than any object that people maintain by hand. */
export const FIELDS_MAX = 500

/** Milliseconds for which a node asks for its system: another one waits so long when it dies, and a hub that restarts within it is not noticed. */
export const LEASE_MS = 7_000
/** Milliseconds by which a node counts its lease as over before the hub does: a call that has just begun, and a clock that runs slow. */
export const LEASE_MARGIN_MS = 1_000
/** Milliseconds between two questions of a node that waits: with LEASE_MS, the second takes over within ten seconds. */
export const LEASE_RETRY_MS = 1_000

/** Audit entries read at once. */
export const AUDIT_PAGE_ROWS = 500
