/** A failure with a message for people and a class for scripts. */
export type ExitClass = 'failure' | 'usage' | 'config' | 'credential' | 'store' | 'network'

export class CliError extends Error {
  override readonly name = 'CliError'
  readonly class: ExitClass
  constructor(exitClass: ExitClass, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.class = exitClass
  }
}
