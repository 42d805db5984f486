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
/** Days for which conflicts are counted one by one: a month shows a pattern, and a row stays small. */
export const COUNTED_DAYS_MAX = 31
/** Decisions of people kept of each field: what was decided a hundred decisions ago was decided by others. */
export const DECISIONS_KEPT_MAX = 100
/** Decisions from which on a rule is proposed; fewer may be chance. */
export const PROPOSAL_DECISIONS_MIN = 10
/** Share of the decisions that the proposed rule would have taken alike. */
export const PROPOSAL_SHARE_MIN = 0.9
/** Reviews listed at once: more than anybody looks through. */
export const REVIEWS_LISTED_MAX = 1_000
/** Code units of the name of who decided: it stands in a receipt. */
export const DECIDER_LENGTH_MAX = 200

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

/** Rows taken in together in one append: some 40 ms of the writer's time. */
export const TAKEN_TOGETHER_MAX = 200
/** Rows of one page of a whole listing asked for: Salesforce gives 2,000 at most. */
export const LISTED_PAGE_ROWS = 2_000
/** Rows read at once by one call, where the system has calls for many. */
export const READ_TOGETHER_MAX = 200
/** Hashes of listed rows compared in one pass: 8 MB. */
export const SEEN_ROWS_MAX = 1_000_000
/** Rows that may be missing from a listing whatever their share (SPEC B-120): a person clearing up deletes no more at once without telling somebody. */
export const ABSENT_FREE = 100
/** Milliseconds between two reconciliations, by default, of a system that does not tell of deletions: nobody else finds them. */
export const RECONCILE_INTERVAL_MS_DEFAULT = 86_400_000
/** Milliseconds without any news after which a bridge that polls is silent, by default: fifteen polls. */
export const ALARM_AFTER_MS_DEFAULT = 900_000

/** Rules of `match`: more are a question for a data steward. */
export const MATCH_RULES_MAX = 10
/** Records that one row is compared with; a key that more of them share says nothing. */
export const CANDIDATES_MAX = 50
/** Words of one scored field by which a record is found. */
export const WORDS_PER_FIELD_MAX = 16

/** Entries of the log looked at in one append, and their bytes: a turn must not keep other writers waiting, and 64 records are settled in some twenty milliseconds. */
export const ENTRIES_PER_PAGE_MAX = 64
export const ENTRY_PAGE_BYTES_MAX = 4 * 1024 * 1024
/** Critical edits that are settled ahead of the log. Beyond it, the log comes to them. */
export const AHEAD_MAX = 1_000
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
/** Slots in a quiet period: items wait up to one slot longer, so that those of many people, each quiet at a time of its own, share calls. */
export const QUIET_SLOTS = 4
/** Mapped fields of one mapping: wider than any object that people maintain by hand. */
export const FIELDS_MAX = 500

/** Milliseconds of a day, and how many bursts a day's quota is good for: an hour's even share may go at once. */
export const DAY_MS = 86_400_000
export const PACE_BURSTS_PER_DAY = 24
/** Parts that a window is kept in: what was spent is let go late by a hundredth of it, and memory does not grow with the spending. */
export const WINDOW_SLOTS = 100
/** Share of each limit that only the critical tier may use, by default: a tenth is small enough to spare and lasts a burst. */
export const RESERVE_DEFAULT = 0.1
/** Milliseconds for which what a system told without a reset is believed: ten minutes cost a used-up account six needless tries an hour. */
export const TOLD_BELIEVED_MS = 600_000
/** Milliseconds to a told reset from which on what is left is paced: a shorter limit is a burst, which is there to be used. */
export const TOLD_PACED_MS_MIN = 3_600_000
/** Limits that a system may tell of, per credential: the ones known tell up to four. Others are not listened to. */
export const TOLD_LIMITS_MAX = 16
/** Calls of a kind whose cost is remembered: a call is expected to cost what the dearest of them did. */
export const COSTS_KEPT = 16
/** Milliseconds for which a read or listing waits for the budget in its place; beyond it, it is told to come back. */
export const GRANT_WAIT_MS_MAX = 10_000
/** Windows of a limit set, pools apart: the ones known have two. */
export const WINDOWS_MAX = 8
/** Credentials of one account: each has its own counts, and more are not balanced but abused. */
export const CREDENTIALS_MAX = 32
/** Milliseconds from which on an answer is slow: Salesforce counts calls of 20 s as long-running, and a call that is lost after five has blocked its records long enough. */
export const SLOW_ANSWER_MS = 5_000
/** Jobs of one bridge at once: each holds its records until it is over. */
export const BULK_JOBS_MAX = 1
/** Writes of one job: each is kept in memory, with its record's document, until the job is over. */
export const BULK_WRITES_MAX = 10_000
/** Writes of the first batch: half of what HubSpot takes at most; how many are good is then found out. */
export const BATCH_WRITES_FIRST = 50
/** Steps in which a batch grows from nothing to its ceiling. */
export const BATCH_STEPS = 10
/** Creates that go together at a system that must be asked for each external id by itself: what was read first must not be old when the call is made. */
export const LOOKED_UP_MAX = 20
/** Items begun, or ended, in the writer's queue at once: some ten milliseconds of work, so that an edit that matters more does not wait long for its turn. */
export const TURNS_AT_ONCE = 25

/** Milliseconds for which a node asks for its system: another one waits so long when it dies, and a hub that restarts within it is not noticed. */
export const LEASE_MS = 7_000
/** Milliseconds by which a node counts its lease as over before the hub does: a call that has just begun, and a clock that runs slow. */
export const LEASE_MARGIN_MS = 1_000
/** Milliseconds between two questions of a node that waits: with LEASE_MS, the second takes over within ten seconds. */
export const LEASE_RETRY_MS = 1_000
/** Values of one table of an enum: a country list has 249. */
export const TABLE_VALUES_MAX = 1_000
/** Code units of a mapping file: a hundred mappings of a hundred fields with a line each. */
export const MAPPING_FILE_LENGTH_MAX = 1_000_000
/** Records looked at to find whether two wait for each other: chains of references in a CRM are a handful long. */
export const PARENTS_WALKED_MAX = 100
/** Records looked at again in one append: a turn must not keep other writers waiting. */
export const RECORDS_PER_PAGE = 100
/** Lines of a dry run's plan for each mapping, by default: what a person reads before the counts are trusted. */
export const PLAN_LINES_DEFAULT = 20
/** Milliseconds between two looks at whether a dry run has come to its end while it waits for the system. */
export const PLAN_LOOK_MS = 100
/** Calls in a row that a system does not answer after which a dry run gives up: the breaker has opened before, and somebody waits for the plan. */
export const PLAN_FAILURES_MAX = 8
/** Milliseconds between two readings of a system's schema, by default: somebody who changes it looks at the bridge within the hour, and what cannot wait is found by its errors. */
export const SCHEMA_INTERVAL_MS_DEFAULT = 3_600_000
/** Milliseconds between two readings of the schema that errors give reason for: a row that fits nothing comes a thousand times, and describing costs calls. */
export const SCHEMA_SUSPECT_MS_MIN = 60_000
/** Code units of the key of hashed fields: a word can be guessed, and then every value. */
export const HASH_KEY_LENGTH_MIN = 16
/** Audit entries read, or cut off, at once: one append of some ten milliseconds. */
export const AUDIT_PAGE_ROWS = 500
/** Steps of one lineage that are told: more than anybody reads, and what a record has lived through has no end. */
export const LINEAGE_STEPS_MAX = 1_000
/** Days for which audit entries may be kept before they are cut off: a hundred years. */
export const AUDIT_KEPT_DAYS_MAX = 36_500
/** Milliseconds between two looks for entries that are too old: what has to go within a day goes within a day. */
export const AUDIT_CUT_INTERVAL_MS = 3_600_000
