// Turns vitest's JSON report into the one line that a pipeline reads: `12 passed, 0 failed`, with `, 3 skipped` only if some were.
// A file that cannot even be loaded has no tests to fail, and an unhandled error fails the run without failing a test. Either
// would look like success in the numbers alone, so each counts as one failure.

type TestFile = {
  readonly name: string
  readonly status: string
  /** Why the file could not be loaded; empty otherwise. */
  readonly message: string
  /** Milliseconds since 1970. */
  readonly startTime?: number
  readonly endTime?: number
  readonly assertionResults: readonly TestResult[]
}

type TestResult = {
  readonly status: string
  readonly fullName: string
  readonly failureMessages?: readonly string[]
}

export type VitestReport = { readonly success: boolean; readonly testResults: readonly TestFile[] }

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

/** Lines that a failure's message is cut after: enough to see what was expected, and where. */
const MESSAGE_LINES_MAX = 12

/**
 * What failed, each with its file, its name and the head of its message: said at the end, so that whoever is shown only the end
 * of a long run can still mend it.
 */
export function failuresOf(report: VitestReport | undefined): readonly string[] {
  return (report?.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((each) => each.status === 'failed')
    if (failed.length === 0) return status === 'failed' ? [failureText(name, [message])] : []
    return failed.map((each) => failureText(`${name} > ${each.fullName}`, each.failureMessages ?? []))
  })
}

function failureText(title: string, messages: readonly string[]): string {
  const lines = messages.join('\n').split('\n').slice(0, MESSAGE_LINES_MAX)
  return [`FAILED ${title}`, ...lines.map((line) => `  ${line}`)].join('\n')
}

/** Files that are told because they took longest. */
const SLOWEST_MAX = 10

/** The files whose tests took longest, with their seconds: what to mend when a run is too slow. */
export function slowestOf(report: VitestReport | undefined): readonly string[] {
  return (report?.testResults ?? [])
    .map(({ name, startTime = 0, endTime = 0 }) => ({ name, seconds: (endTime - startTime) / 1000 }))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, SLOWEST_MAX)
    .map(({ name, seconds }) => `SLOW ${seconds.toFixed(0)} s ${name}`)
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
