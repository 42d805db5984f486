/** Ceilings of presence, each with its unit and reason. SPEC.md, section Limits, says what happens at each. */
const KIB = 1024

/** Bytes of UTF-8 of one value: a name, a cursor and a selection; it is told to everyone again and again. */
export const VALUE_BYTES_MAX = KIB
/** Milliseconds until a presence is said again: a beat is some 250 bytes, so 750 a minute for each that is here. */
export const BEAT_MS = 20_000
/** Milliseconds after which who was not heard is gone: three beats and some slow hops; a browser lets a hidden page's timers run once a minute. */
export const EXPIRY_MS = 70_000
/** Milliseconds for which who is gone is remembered: a copy on a slow line is older than one expiry, rarely than two. */
export const GONE_KEPT_MS = 2 * EXPIRY_MS
/** Sessions that a message crosses: wider than any mesh; ends what nothing else ends. */
export const HOPS_MAX = 32
/** Channels in which one replica is present: one person looks at few places. */
export const PRESENT_CHANNELS_MAX = 32
/** Slots of one replica: some 2 KB each, 8 MB on a hub. */
export const SLOTS_MAX = 4096
/** Slots of one channel: what a list of people can show, and what makes each beat of one cost all others something. */
export const SLOTS_PER_CHANNEL_MAX = 256
/** Slots of one node: its channels, in three instances. A device alone cannot fill the table. */
export const SLOTS_PER_NODE_MAX = 3 * PRESENT_CHANNELS_MAX
/** Authors known by their credential: one for each slot. */
export const AUTHORS_MAX = 4096
/** Messages of one session whose author is being asked for: one round trip's worth. */
export const PARKED_MAX = 64
/** Checks under way at once in one replica: 7 ms of signatures. */
export const CHECKS_MAX = 64

/** Messages and bytes that one link sends at once: what goes ahead of data at most. */
export const TURN_MESSAGES_MAX = 32
export const TURN_BYTES_MAX = 16 * KIB
/** Milliseconds between such turns: four a second look live. */
export const PACE_MS = 250
/** Milliseconds until a link under pressure looks again: pressure lasts. */
export const HELD_MS = 1_000
/** Bytes waiting in the transport above which nothing is sent: a sixteenth of what data may fill. */
export const BUFFER_LOW_BYTES = 64 * KIB

/** Messages and bytes of one session that are read in a window: what an honest peer's full buffer brings at once, twice. */
export const ARRIVALS_MAX = 512
export const ARRIVAL_BYTES_MAX = 256 * KIB
export const ARRIVAL_WINDOW_MS = 1_000
