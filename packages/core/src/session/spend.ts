/** Pays for operations that were judged, before they are let in. False: the session has ended, and nothing more is to be let in. */
export type Spend = (operations: number) => Promise<boolean>
