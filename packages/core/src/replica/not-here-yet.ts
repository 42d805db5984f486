/** The hub has shown the record, and its entries are still on their way: it can be looked at, and not yet be edited. */
export class NotHereYet extends Error {
  override readonly name = 'NotHereYet'
  readonly code = 'not-here-yet'
  constructor(record: string, timeoutMs: number) {
    super(
      `${record} is shown as the hub told it, and did not arrive itself within ${timeoutMs} ms; connect to the hub, and try again when the first sync has gone on`,
    )
  }
}
