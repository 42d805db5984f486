// A reporter of vitest that notes errors which belong to no test: the JSON report does not tell them from failed tests, and a run that
// had one is not mended by running its failed tests again.

import { writeFileSync } from 'node:fs'

export default class UnhandledReporter {
  onTestRunEnd(_modules: unknown, unhandled: readonly unknown[]): void {
    const note = process.env.UNHANDLED_NOTE
    if (note && unhandled.length > 0) writeFileSync(note, `${unhandled.length}\n`)
  }
}
