/**
 * What a run under a break proves. Red alone proves little: a break that makes a test wait for ever, a file that no longer loads, a machine that is slow all end red. A suite has found a break when an assertion of
 * the named test failed; the simulator when a seed failed.
 */

/** Of vitest's JSON report, what is looked at. */
export interface TestReport {
  testResults: {
    /** Why the file did not load. */
    message?: string
    assertionResults: { fullName: string; status: string; failureMessages?: readonly string[] | null }[]
  }[]
}

export interface Verdict {
  isFound: boolean
  /** What was found, or why nothing counts. */
  finding: string
}

const FINDING_LENGTH_MAX = 160

/** `name` is a part of the full name of the test; `report` is undefined when the run had to be ended, or wrote none. */
export function verdictOfTests(report: TestReport | undefined, name: string): Verdict {
  if (!report) return none('no report: it hung or broke down')
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults)
  const named = tests.filter(({ fullName, status }) => fullName.includes(name) && status !== 'skipped')
  if (named.length === 0) {
    const [message = `no test is named '${name}'`] = report.testResults.flatMap((file) => file.message || [])
    return none(`the test did not run: ${message}`)
  }
  const failed = named.filter(({ status }) => status === 'failed')
  if (failed.length === 0) return none('the test stayed green')
  const messages = failed.map(({ failureMessages }) => failureMessages?.[0]?.split('\n')[0] ?? '')
  const told = messages.find((message) => message.startsWith('AssertionError'))
  return told === undefined
    ? none(`no assertion failed: ${messages[0]}`)
    : { isFound: true, finding: told.slice(0, FINDING_LENGTH_MAX) }
}

/** `output` of the simulator. */
export function verdictOfSeeds(output: string): Verdict {
  const [finding] = /seed \d+ failed: [^\n]*/.exec(output) ?? []
  return finding === undefined
    ? none('no seed failed')
    : { isFound: true, finding: finding.slice(0, FINDING_LENGTH_MAX) }
}

function none(finding: string): Verdict {
  return { isFound: false, finding: finding.slice(0, FINDING_LENGTH_MAX) }
}
