/** Ceilings of meeting on the LAN. SPEC.md says what happens at each of them. */

/**
 * 8 peers dialled that were found on the LAN. Each node dials those whose ids follow its own, so 8 is also about how many dial it; edits cross such a mesh of 50 nodes in
 * 7 steps.
 */
export const DIALLED_MAX = 8

/** 32 sessions accepted: the 8 that mDNS leads here, and as many again thrice that were given this address. */
export const ACCEPTED_MAX = 32

/** 32 addresses given by hand: more is a directory, and wants a hub. */
export const ADDRESSES_MAX = 32

/** 256 nodes seen are remembered, 200 bytes each: a depot at the change of shift, and a bound for whoever invents some. */
export const SIGHTINGS_MAX = 256

/**
 * 64 addresses that refused lately: on a LAN of honest nodes there are a few with old credentials. Beyond it somebody invents nodes, and this one stops running after them until the
 * first of the refusals is over.
 */
export const REFUSALS_MAX = 64

/** 32 services are taken from one packet: a reflector between two networks gathers some; an honest node tells one. */
export const SERVICES_PER_PACKET_MAX = 32

/** 249 bytes of space name: a string in a TXT record has 255 (RFC 1035, 3.3), `space=` takes 6. */
export const SPACE_BYTES_MAX = 249

/** 120 s: how long an announcement is believed (RFC 6762, section 10, for records that name a host). */
export const ANNOUNCED_S = 120

/** 4,500 s: nobody's announcement is believed longer than the longest that RFC 6762 (section 10) suggests. */
export const BELIEVED_S_MAX = 4_500

/** 1 s between the first question and the second; then twice as long each time (RFC 6762, 5.2) … */
export const QUESTION_MS_MIN = 1_000

/** … up to 60 s: twice in the life of an announcement. */
export const QUESTION_MS_MAX = 60_000

/** 1 s between the two announcements at the start (RFC 6762, 8.3), and the least between any two of this node (section 6). */
export const ANNOUNCE_GAP_MS = 1_000

/** 20 to 120 ms, at random, before an answer: everybody was asked at once (RFC 6762, section 6). */
export const ANSWER_MS_MIN = 20
export const ANSWER_MS_MAX = 120

/** 5 min, from half of it at random, before an address is dialled again that refused, or was refused: only a new credential there or here changes that. */
export const REFUSED_REDIAL_MS = 300_000
