// Turns vitest's JSON report into the one line that a pipeline reads: `12 passed, 0 failed`, with `, 3 skipped` only if some were.
// A file that cannot even be loaded has no tests to fail, and an unhandled error fails the run without failing a test. Either
// would look like success in the numbers alone, so each counts as one failure.

type TestFile = {
  readonly status: string
  readonly assertionResults: readonly { readonly status: string }[]
}

type VitestReport = { readonly success: boolean; readonly testResults: readonly TestFile[] }

export type Tally = { readonly passed: number; readonly failed: number; readonly skipped: number }

/** @param report the parsed JSON, or `undefined` when the run left none. @param exitCode of the run itself. */
export function tallyOf(report: VitestReport | undefined, exitCode: number): Tally {
  const files = report?.testResults ?? []
  const statuses = files.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status))
  const brokenFiles = files.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((each) => each.status === 'failed'),
  )
  const passed = statuses.filter((status) => status === 'passed').length
  const failedTests = statuses.filter((status) => status === 'failed').length
  const failed = failedTests + brokenFiles.length
  const runFailed = exitCode !== 0 || report?.success !== true
  return {
    passed,
    failed: failed === 0 && runFailed ? 1 : failed,
    skipped: statuses.length - passed - failedTests,
  }
}

/** Of all runs. Runs in which nothing was tried at all are one failure: whoever asked for tests misspelt them. */
export function sumOf(tallies: readonly Tally[]): Tally {
  const sum = (name: keyof Tally) => tallies.reduce((total, tally) => total + tally[name], 0)
  const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')]
  return { passed, failed: passed + failed + skipped === 0 ? 1 : failed, skipped }
}

export function tallyLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
