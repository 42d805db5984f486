/** Ceilings of the operator's side of a node. */

/** Random bytes of a token: nobody guesses 256 bits. */
export const TOKEN_BYTES = 32
/** Milliseconds for requests under way when the node ends; what is cut off was done, or not at all. */
export const CLOSE_GRACE_MS = 2_000
/** Milliseconds until a node counts as hung: it may have a hundred thousand dead letters to try, each an append. */
export const ANSWER_MS_MAX = 300_000
/** Records in one answer of a bridge, and the most that can be asked for: tens of megabytes at their largest. */
export const LISTED_MAX = 100_000
/** Code units of the name of who decides: it stands in receipts and in the audit log. */
export const BY_LENGTH_MAX = 200
/** Code units of why a write is refused: whoever made the edit reads it. */
export const REASON_LENGTH_MAX = 1_000
/** Rows of a list when nobody says. */
export const LISTED_DEFAULT = 50
