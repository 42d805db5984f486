/** Every ceiling of a reconciliation, with its unit and the reason for the number. SPEC.md, section Limits, says what happens at each. */

/** Trees compared together: two for each channel that a want may name. */
export const TREES_MAX = 2048
/** Nodes in one COMPARE: 22 bytes each. All nodes of three digits of one tree. */
export const NODES_PER_COMPARE_MAX = 4096
/** Nodes of one reconciliation that may be asked: every node of every level of a tree, for four trees of which everything differs; by then telling all would have been cheaper. */
export const NODES_MAX = 4 * (65_536 + 4_096 + 256)
/** A node with at most so many items is asked as a whole: below it 16 nodes would be asked, of 22 bytes each. */
export const ITEMS_AT_ONCE_MAX = 32
/**
 * A node with at most so many items is answered by listing them: 24 bytes an item, against 16 sums of 18 bytes and a round trip more. Of 100,000 items a node of three digits has
 * 24, and one in twenty has more than 32.
 */
export const ITEMS_LISTED_MAX = 64
/** Items of one node of four digits: 65,536 times as many would be in the tree. More were put there on purpose. */
export const ITEMS_PER_NODE_MAX = 8192
/** Bytes of answers after which the rest is asked for again: as much as a frame. */
export const DIFFERENCES_BYTES_MAX = 256 * 1024
/** Records in one ASK, and bytes of what is said of them; the next ASK goes on. */
export const RECORDS_PER_ASK_MAX = 512
export const ASK_BYTES_MAX = 256 * 1024
/** Actors and receipts of a record that are listed: 19 and 8 bytes each. Of a record with more, everything is sent. */
export const ACTORS_LISTED_MAX = 256
export const RECEIPTS_LISTED_MAX = 256
/** Records that may differ in one reconciliation, and are remembered (some 200 bytes each). */
export const DIFFERING_MAX = 65_536
/** Where one side has this many times the items of the other, comparing costs more than telling all. */
export const SIZE_RATIO_MAX = 2
/** Below so many items on both sides the ratio says nothing. */
export const SIZE_RATIO_ITEMS_MIN = 256
/** Shortest time between two recounts for one device, milliseconds, in whatever session: each reads every record of a channel. */
export const RECOUNT_MS_MIN = 600_000
/** Devices of which a hub remembers when it last recounted for them: 100 bytes each. */
export const RECOUNTS_REMEMBERED_MAX = 10_000
/** Every so many audits is a recount. */
export const AUDITS_PER_RECOUNT = 16
export const SEED_BYTES = 16
