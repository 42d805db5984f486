/** What is asked of a record that is not here. */
export class RecordNotFound extends Error {
  override readonly name = 'RecordNotFound'
  readonly code = 'not-found'
}
