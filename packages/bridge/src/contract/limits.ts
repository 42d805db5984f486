/** Every ceiling of the suite, with its unit and the reason for the number. */

/** Pages after which a listing that does not end is believed to have no end: the suite makes some thirty rows. */
export const PAGES_MAX = 300
/** Requests that one call of somebody who is not let in may cost: the call, fresh tokens, the call again, and one to find out where. */
export const IDENTITY_REQUESTS_MAX = 4
/** Requests of one call before which the suite comes in between: a call that makes more does the same again. */
export const REQUESTS_INTERRUPTED_MAX = 5
/** Milliseconds within which an aborted call has ended; beyond it an operator believes that the node hangs. */
export const ABORT_MS_MAX = 5_000
/** Writes and reads in one batch that the suite makes to go beyond an adapter's maximum; larger ones are no case for a test run. */
export const BATCH_TRIED_MAX = 1_000
/** Milliseconds by which a wait may be shorter than the system told: `Retry-After` and its like are whole seconds. */
export const RETRY_AFTER_MS_SLACK = 1_000
/** Milliseconds of real time that a back-off takes while the suite runs a bridge; the bridge's own clock moves on by all of it. */
export const BACK_OFF_MS_SHOWN = 20
