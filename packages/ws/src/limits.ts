/**
 * Ceilings of the WebSocket transport, the link and the listener. SPEC.md says what happens at each of them.
 */

/** The subprotocol that both sides require: an endpoint that does not speak it is not ours. */
export const SUBPROTOCOL = 'skerry.v1'

/** Milliseconds between the audits of a session that lasts: one costs a round trip and some 600 bytes where nothing differs. */
export const AUDIT_MS = 3_600_000

/** 64 KiB: largest message before a session is authenticated (session/SPEC.md, Limits). */
export const HANDSHAKE_MESSAGE_BYTES_MAX = 64 * 1024

/** 4 MiB + 64 KiB: one entry and its frame (session/SPEC.md, Limits). Given to ws as the last resort (`maxPayload`). */
export const MESSAGE_BYTES_MAX = 4 * 1024 * 1024 + 64 * 1024

/** 8 MiB: the session stops at 1 MiB; whoever goes on without looking is cut off before a slow reader costs more memory. */
export const SEND_BUFFER_HARD_BYTES_MAX = 8 * 1024 * 1024

/**
 * 1,024 WebSocket frames in one message: a browser may cut a 4 MiB message each time its pipe to the network process is full, so the
 * 64 that would do for Node peers refuse honest ones; 16,384 (the default of ws) lets tiny frames cost a hundred times their size.
 */
export const FRAGMENTS_MAX = 1024

/**
 * 8,192 chunks of one unfinished message: MESSAGE_BYTES_MAX in the smallest TCP segments in use (536 bytes) is 7,947. Fewer would cut off
 * honest peers on slow lines, where each segment arrives alone.
 */
export const BUFFERED_CHUNKS_MAX = 8192

/** WebSocket framing of one message beyond its content: 14 bytes (length and mask) for each of FRAGMENTS_MAX frames. */
export const FRAMING_BYTES_MAX = 14 * FRAGMENTS_MAX

/** 2 s: how long the closing handshake may take before the socket is destroyed with whatever is still queued. */
export const CLOSE_GRACE_MS = 2_000

/** 123 bytes: a control frame holds 125, two are the code (RFC 6455, 5.5). */
export const CLOSE_REASON_BYTES_MAX = 123

/** 15 s between heartbeats: below the 30 s after which strict mobile gateways forget an idle mapping. */
export const HEARTBEAT_MS = 15_000

/** ± 20 %: sessions that were opened together do not beat together. */
export const HEARTBEAT_JITTER = 0.2

/** 2 beats without a byte from the other side and it is gone. One is lost by any radio. */
export const HEARTBEATS_MISSED_MAX = 2

/** 5 s for the answer to a probe: a person looks at the app just now, a slow radio needs seconds. */
export const PROBE_MS_MAX = 5_000

/** 10 ms between looks at `bufferedAmount` where no event tells that it fell; 1 MiB a look is 100 MB/s. */
export const DRAIN_POLL_MS = 10

/** 10 s from the first DNS question to the 101 answer. */
export const CONNECT_MS_MAX = 10_000

/** Full jitter: a wait is random between 0 and this, doubled with every attempt … */
export const RETRY_MS_BASE = 250

/** … up to 30 s: a person who walks out of the basement waits half of that on average, and `wake` is there. */
export const RETRY_MS_MAX = 30_000

/** 30 s: a session open that long proves the line, so that the next wait starts small again. */
export const STABLE_MS = 30_000

/** 5 s: peers that were told "draining" or "too many" come back spread over at least this. */
export const BUSY_SPREAD_MS = 5_000

/** 1 h: a Retry-After beyond this is a mistake at the other end, and must not silence a device. */
export const RETRY_AFTER_MS_MAX = 3_600_000

/** 5 min between attempts after a refusal that trying again does not change (protocol error, replaced): mended by an update of the hub. */
export const REFUSED_RETRY_MS = 300_000

/** 10 min: 4 MiB at 8 kB/s. A browser cannot see part of a message arrive, so silence up to this may be one slow message. */
export const SILENCE_MS_MAX = 600_000

/** 10,000 sockets of one listener: about 200 MB of idle ws sessions at the 17 kB each that was measured. */
export const CONNECTIONS_MAX = 10_000

/** 5 s for a listener's sessions to end: more than the closing handshake of one may take. */
export const LISTENER_GRACE_MS = 5_000

/** 1,024 sockets of a stand-alone listener that have not asked yet, or are being told why not; above, the system drops them. */
export const UNDECIDED_MAX = 1024

/** 256 sockets of one address: an office of technicians behind one NAT. */
export const PER_ADDRESS_MAX = 256

/** 5 s, and up to 30 s more at random: when an upgrade refused for load may come back. */
export const REFUSED_RETRY_AFTER_S = 5
export const REFUSED_RETRY_SPREAD_S = 30

/** 10 s for the request line and headers of an upgrade at a stand-alone listener. */
export const HEADERS_MS_MAX = 10_000
