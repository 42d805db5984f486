/** Every ceiling of the harness, with its unit and the reason for the number. */

/** Milliseconds from start to ready: a database takes half a second, Tryton some five on a busy machine. */
export const READY_MS_MAX = 60_000
/** Milliseconds from the polite signal to the one that cannot be refused. What these servers hold is thrown away. */
export const END_MS_MAX = 5_000
/** Lines kept of what a server said, for when something goes wrong. */
export const LINES_KEPT_MAX = 200
/** Ports tried: between looking for a free one and taking it, somebody else may. */
export const PORTS_TRIED_MAX = 5
/** Milliseconds for a tool of a database, and for one step of making the demo database: 90 s on two idle cores. */
export const TOOL_MS_MAX = 60_000
export const BUILD_MS_MAX = 900_000
/** Milliseconds for one call of the office. */
export const CALL_MS_MAX = 60_000
