/** Thrown in a writer's turn that cannot go on before something was done outside of it. Nothing of the turn is kept; it is run again afterwards, and nobody waits for it meanwhile. */
export class NotYet extends Error {
  override readonly name = 'NotYet'
  /** Rejects when the turn is to fail. */
  readonly settle: () => Promise<void>
  constructor(message: string, settle: () => Promise<void>) {
    super(message)
    this.settle = settle
  }
}
