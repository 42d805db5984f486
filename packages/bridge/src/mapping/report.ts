/** Collects all that is wrong with the mappings of a bridge, so that an operator mends it in one go. */
import { BridgeError } from '../bridge-error.ts'
import { type ConfigIssue, dotted } from '../config-issue.ts'

export class Report {
  readonly #issues: ConfigIssue[]
  readonly #path: readonly PropertyKey[]

  constructor(path: readonly PropertyKey[] = [], issues: ConfigIssue[] = []) {
    this.#path = path
    this.#issues = issues
  }

  /** The same report, for what stands under these keys. */
  within(...steps: readonly PropertyKey[]): Report {
    return new Report([...this.#path, ...steps], this.#issues)
  }

  say(message: string): undefined {
    this.#issues.push({ path: this.#path, message: `${dotted(this.#path)}: ${message}` })
  }

  /** The key that the report is at is wrong, and not what stands under it. */
  sayOfKey(message: string): undefined {
    this.#issues.push({ path: this.#path, message: `${dotted(this.#path)}: ${message}`, onKey: true })
  }

  /** What `make` gives; what it throws as RangeError is said. */
  attempt<T>(make: () => T): T | undefined {
    try {
      return make()
    } catch (error) {
      if (error instanceof RangeError) return this.say(error.message)
      throw error
    }
  }

  /** @param at says where an issue stands @throws BridgeError bridge-config when something was said */
  close(at: (issue: ConfigIssue) => string): void {
    if (this.#issues.length === 0) return
    throw new BridgeError(
      'bridge-config',
      this.#issues.map((issue) => `${at(issue)}: ${issue.message}`).join('\n'),
    )
  }
}
