/**
 * Every ceiling of the sandbox with its unit and the reason for the number, in one place, because a caller that is
 * refused will ask which limit it met.
 */

/** Bytes of one API request. Salesforce and NetSuite stand near it; larger work belongs in several batches. */
export const requestBytesMax = 1_048_576

/** Bytes of one admin request. A seed of 100,000 rows of 500 bytes must fit. */
export const adminRequestBytesMax = 67_108_864

/** Bytes by which a fault makes an answer larger: four times what an adapter reads by default. */
export const swellBytesMax = 67_108_864

/** Operations in one batch; the number Salesforce gives for sObject Collections. */
export const batchOperationsMax = 200

/** Rows of one page, and how many when the caller does not say. */
export const pageRowsMax = 500
export const pageRowsDefault = 100

/** Characters of an external id: two SHA-256 sums in hex fit. */
export const externalIdLengthMax = 128

/** Milliseconds for which an answer to an Idempotency-Key is kept; 24 h is what the IETF draft's users expect. */
export const idempotencyKeptMs = 86_400_000

/** Characters of an Idempotency-Key; Stripe's limit. */
export const idempotencyKeyLengthMax = 255

/** Calls and milliseconds a rate window may span: the limiter keeps one number per call in memory. */
export const rateCallsMax = 100_000
export const rateWindowMsMax = 3_600_000

/** Webhook endpoints. Each multiplies every delivery. */
export const webhookEndpointsMax = 20

/** Deliveries on the wire at once. More than one, so that order is not guaranteed: no CRM guarantees it. */
export const deliveriesInFlightMax = 4

/** Milliseconds an endpoint has to answer; Standard Webhooks asks for 15 to 30 s. */
export const deliveryTimeoutMs = 15_000

/** Finished deliveries kept for inspection. */
export const deliveriesKeptMax = 20_000

/** Ledger calls kept, and how many one answer lists. A night of bench runs stays below the first. */
export const ledgerCallsMax = 1_000_000
export const ledgerPageMax = 100_000
export const ledgerPageDefault = 10_000

/** Faults in the plan; each call is compared with every one. */
export const faultsMax = 1_000

/** Milliseconds a long poll of the admin side, or an injected delay, may last. */
export const waitMsMax = 120_000

/** Rows and calls the office page lists: one screen of work, whatever the size of the CRM. */
export const officeRowsMax = 60
export const officeCallsMax = 40

/** Office pages open at once, and bytes one may lag behind before it is cut and has to load again. */
export const officeFeedsMax = 64
export const officeFeedLagMax = 512

/** Milliseconds that a graceful end waits for calls under way. */
export const closeGraceMs = 2_000
