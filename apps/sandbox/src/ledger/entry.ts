/** What the ledger tells of an API call; the tests' and the bench's evidence of what the CRM saw. */

export type LedgerOperation = {
  method: string
  type: string | null
  externalId: string | null
  /** Names of the fields the caller wrote, changed or not. */
  fields: string[]
  /** HTTP status of this operation alone. */
  status: number
  /** A new version of the row was stored. */
  committed: boolean
  created: boolean
}

export type LedgerEntry = {
  /** Grows by 1 with each call. */
  seq: number
  /** Milliseconds since 1970, when the answer was decided. */
  time: number
  method: string
  path: string
  /** Of the only operation, or null when there are several. */
  type: string | null
  externalId: string | null
  fields: string[]
  /** Bytes of the bodies, without headers; response bytes as they went out, 0 when the answer was lost. */
  requestBytes: number
  responseBytes: number
  /** What was answered, or would have been if the answer had not been lost; 0 when the call was dropped unread. */
  status: number
  fault: string | null
  /** Any operation committed, any row created. */
  committed: boolean
  created: boolean
  /** The token's client; null before authentication. */
  client: string | null
  operations: LedgerOperation[]
}

export type LedgerQuery = {
  since: number
  type?: string | undefined
  externalId?: string | undefined
  limit: number
}
