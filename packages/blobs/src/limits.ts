/** Ceilings of blobs, each with its unit and reason. */

/** Bytes of a blob when nobody says: a photo of a phone is 2 to 12 MB. */
export const BLOB_BYTES_MAX = 25 * 1024 * 1024
/** Characters of a reference: it stands in records, which are synced to everybody. */
export const REF_LENGTH_MAX = 1_000
/** Characters of a file's name in a reference. */
export const REF_NAME_LENGTH_MAX = 60

/** Bytes of a piece at first, and after failures: 4 s at 64 kbit/s. */
export const PIECE_BYTES_MIN = 32 * 1024
/** Most bytes of a piece: what a cut may cost on a good line, where it takes a second. */
export const PIECE_BYTES_MAX = 4 * 1024 * 1024
/** Milliseconds that a piece should take: edits wait for no longer, and a hub cuts requests at 30 s. */
export const PIECE_MS_GOAL = 4_000

/** Milliseconds until the first try after a failure, and at most; each is twice the one before. */
export const RETRY_MS_MIN = 1_000
export const RETRY_MS_MAX = 60_000
/** Milliseconds from a commit until it is looked whether edits wait still … */
export const NUDGE_MS = 500
/** … and for which it is believed that none does: an edit made meanwhile waits for one piece. */
export const SETTLED_MS = 1_000
/** Milliseconds for an answer that carries no blob. */
export const ANSWER_MS_MAX = 20_000
/** Milliseconds for one piece: a hub cuts requests at 30 s, and a line that vanished says nothing at all. */
export const PIECE_MS_MAX = 30_000

/** Milliseconds after which the hub is asked for its generation again: it goes back to a backup once in years, and photos stay on a device for weeks. */
export const GENERATION_ASKED_MS = 3_600_000
/** Characters of a generation: a hub's have 36. */
export const GENERATION_LENGTH_MAX = 100

/** Milliseconds without a byte after which a source counts as gone. */
export const IDLE_MS_MAX = 20_000
/** Tries of one source without a new byte. */
export const FETCH_TRIES_MAX = 3
/** Bytes of a thumbnail's longer side, pixels: a third of a phone's width at double density. */
export const THUMBNAIL_PIXELS_MAX = 320
/** Bytes that fetched blobs may take when nobody says. */
export const CACHE_BYTES = 200 * 1024 * 1024
/** Milliseconds by which the last use of a blob may be off: it is written down once an hour, not at each look. */
export const USED_GRAIN_MS = 3_600_000
/** Bytes of a chunk in IndexedDB, and of what is read at once to be served. */
export const CHUNK_BYTES = 1024 * 1024
/** Rows looked at together for a record that refers to a blob. */
export const REFERRING_ROWS = 500
/** Records that one original is remembered to be taken for: the same photo in more of them is found in their views. */
export const RECORDS_PER_ORIGINAL_MAX = 100
/** Rows of the ledger read together: some 150 KB. All are read, page by page. */
export const LEDGER_PAGE_ROWS = 500

/** Milliseconds after which a page says its call again: a worker that died is replaced within two seconds. */
export const CALL_AGAIN_MS = 1_000

/** Answers that are kept for calls that are said again: those of all pages within some seconds, many times over. */
export const ANSWERS_KEPT_MAX = 256
