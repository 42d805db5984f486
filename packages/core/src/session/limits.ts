/**
 * Every ceiling of a session, with its unit and the reason for the number. SPEC.md, section Limits, says what happens at each.
 */
const KIB = 1024
const MIB = 1024 * KIB

/** Versions of the protocol that this release speaks. SPEC.md, section Versions, says when each is raised. */
export const VERSION_MIN = 1
export const VERSION_MAX = 1

/** Bytes of a message before WELCOME: a credential with many channels is 1–4 KiB, a want of 1,024 channels some 40 KiB. */
export const HANDSHAKE_MESSAGE_BYTES_MAX = 64 * KIB
/** Milliseconds from the start of a session to its WELCOME: a slow radio needs seconds. */
export const HANDSHAKE_MS_MAX = 10_000
/** Bytes of items in a frame of more than one item: one commit of some milliseconds. */
export const FRAME_BYTES_MAX = 256 * KIB
/** Bytes of one encoded entry: a change of 1 MiB with room for a batch. */
export const ENTRY_BYTES_MAX = 4 * MIB
/** Bytes of any message, and of a frame's body after inflating: an entry and its frame. */
export const MESSAGE_BYTES_MAX = ENTRY_BYTES_MAX + 64 * KIB
/** Credit in bytes that each side has at WELCOME: four frames under way fill a link with 100 ms of delay at 80 Mbit/s. */
export const INITIAL_CREDIT_BYTES = MIB
/** What a frame costs of the credit besides its bytes: about what a waiting message costs in memory, so that tiny ones are counted too. */
export const FRAME_COST_BYTES = 128
/** Credit is given back when this much is owed: an eighth of the initial credit never lets the sender run dry, and costs few messages. */
export const CREDIT_RETURN_BYTES = INITIAL_CREDIT_BYTES / 8
/** Credit in bytes we make use of, whatever the other side promises: more than any link needs, less than would hurt. */
export const CREDIT_BYTES_MAX = 64 * MIB
/** Bytes waiting in the transport above which no more data is sent: a slow reader holds this much here at most. */
export const SEND_BUFFER_BYTES_MAX = MIB
/** Bytes waiting in the transport at which the peer is cut off: the send buffer, one largest message, and replies it never read. */
export const UNREAD_BYTES_MAX = 8 * MIB
/** Positioned frames sent and not acknowledged: bounds what is remembered of a peer that takes and never acknowledges. */
export const UNACKNOWLEDGED_FRAMES_MAX = 1024
/** Bytes of items in one delivery, made of frames that arrived during the one before: shares a commit without making it long. */
export const DELIVERY_BYTES_MAX = MIB
/** Entries in a page read from the store: as many as fill a frame when they are small. */
export const PAGE_ENTRIES_MAX = 4096
/**
 * Milliseconds in which a peer that data waits for must acknowledge something or give credit. One message of MESSAGE_BYTES_MAX takes 533 s at 8 kB/s, the slowest line
 * that is of use, and nothing is acknowledged before it is whole.
 */
export const SLOW_READER_MS_MAX = 600_000
/** Records below which no views are told: an edge takes some milliseconds for so many entries. */
export const VIEWS_TOLD_MIN = 64
/** Characters of one view: a record that a person reads has a few thousand. Larger ones come by their entries. */
export const VIEW_LENGTH_MAX = 64 * KIB
/** Characters of the short heads of one view: 16 for each of 2,048. */
export const VIEW_HEADS_LENGTH_MAX = 32 * KIB
/** Characters of views in a frame of more than one: small, so that the teller reads the next while the asker keeps this one. */
export const VIEWS_FRAME_LENGTH_MAX = 64 * KIB
/** Bytes of the views in one frame: one largest view, each character an escape of six bytes. */
export const VIEWS_BYTES_MAX = 1 * MIB
/** Characters of views told to one want: some 200,000 small records, and what an edge keeps. */
export const VIEWS_TOLD_LENGTH_MAX = 64 * MIB
/** Rows in a page read from the store for views: a read of some milliseconds. */
export const VIEW_ROWS_MAX = 512
/** Sequences passed over silently (they were not for this peer) before its cursor is moved on by an empty frame. */
export const POSITION_LAG_MAX = 1024

/** Newest runs listed: the echo filter for recent restarts; older ones cost bytes only. */
export const RUNS_LISTED_MAX = 8
/** Channels in one want, and in one grant: a technician has tens. */
export const CHANNELS_MAX = 1025
/** Refusals in one ACK: with the longest reasons they fit a message. */
export const REFUSALS_PER_ACK_MAX = 1024
/** Credentials remembered as sent in one session (64 bytes each); beyond it they are sent again. */
export const CREDENTIALS_SENT_MAX = 4096

/** Bytes of UTF-8. */
export const SPACE_BYTES_MAX = 256
export const CHANNEL_BYTES_MAX = 256
export const RECORD_BYTES_MAX = 1024
/** A credential with a hundred channels is 4 KiB. */
export const TOKEN_BYTES_MAX = 32 * KIB
export const REFUSAL_CODE_BYTES_MAX = 64
export const REFUSAL_REASON_BYTES_MAX = 1024
export const BYE_CODE_BYTES_MAX = 64
export const PROBLEM_BYTES_MAX = 4 * KIB
/** Letters of JSON of a revocation in a problem: an entry is 600 of them, the hub's credential as many. A larger one is left out, and leaves room for words. */
export const EVIDENCE_LENGTH_MAX = 3 * KIB
/** RFC 6455, section 5.5: a close frame's payload is 125 bytes, two of them the code. */
export const CLOSE_REASON_BYTES_MAX = 123

export const ID_BYTES = 16
export const KEY_BYTES = 32
export const HASH_BYTES = 32
export const NONCE_BYTES = 32
export const PROOF_BYTES = 64

/** Bodies from here on are deflated: shorter ones do not shrink. */
export const DEFLATE_BYTES_MIN = KIB
/** Bodies up to here are deflated on any line: under a millisecond on a phone. */
export const DEFLATE_ALWAYS_BYTES_MAX = 32 * KIB
/** Deflated bodies are used when at most this share of the plain length. */
export const DEFLATE_RATIO_MAX = 0.9
/** A line below this speed is slow: a quarter of what deflating itself yields. */
export const SLOW_LINE_BYTES_PER_MS = 4000
/** Acknowledged bytes before the speed of a line is believed: one frame. */
export const LINE_SAMPLE_BYTES_MIN = 256 * KIB
/** Acknowledged bytes after which older measurements count half. */
export const LINE_SAMPLE_BYTES_MAX = 4 * MIB

/** Longest wait for a timer, in milliseconds: beyond 2^31 timers fire at once in every runtime, and a clock that jumped is noticed within the hour. */
export const TIMER_MS_MAX = 3_600_000

/** Records that a peer gave up during one session; beyond it every echo is sent, which costs bytes only. */
export const GIVEN_UP_MAX = 10_000

/**
 * What a peer may cost, over time and at once. One operation costs the engine some 12 µs, one entry some 0.6 ms (signature, record, its part of a commit), measured. So this
 * is half of one core for one peer over time, and at once what a device brings after weeks offline, or an adapter with its first 30,000 records.
 */
export const BUDGET_OPERATIONS = { perSecond: 40_000, burst: 2_000_000 }
/** What an item costs besides its operations: 0.6 ms. */
export const ENTRY_COST_OPERATIONS = 50
/** A frame costs a commit, and an acknowledgement: about a millisecond. Edits that are made together share one. */
export const BUDGET_MESSAGES = { perSecond: 500, burst: 10_000 }
/** What a good mobile line carries upward, and at once a day of telemetry. */
export const BUDGET_BYTES = { perSecond: 4 * MIB, burst: 64 * MIB }
/** Operations let in in one turn of the writer: as many as one change may have, so some 0.6 s at worst in which nobody else is served. */
export const OPERATIONS_PER_TURN_MAX = 50_000
/** Replies beyond those that what was sent accounts for: twice the frames that may be unacknowledged. */
export const REPLIES = { perSecond: 20, burst: 4 * UNACKNOWLEDGED_FRAMES_MAX }
/** WANT and CREDENTIAL: an app asks anew when its user opens another site, a credential is renewed a few times a day. */
export const REQUESTS = { perSecond: 5, burst: 256 }
/** Peers whose budgets are kept before those that are full again are dropped: some 500 bytes each. */
export const BUDGETS_KEPT_MIN = 1024
/** Milliseconds between two reports that a peer is slowed. */
export const SLOWED_TOLD_MS = 60_000
