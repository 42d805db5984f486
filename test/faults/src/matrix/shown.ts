/** What a run showed of each case: from vitest's report to one line for each fault title of a file. */
import { readFaultTitle } from './fault-title.ts'

/** Of vitest's JSON report, what is looked at. */
export interface TestReport {
  testResults: {
    /** The file. */
    name: string
    status: string
    message?: string
    assertionResults: { ancestorTitles: string[]; title: string; status: string }[]
  }[]
}

export interface Shown {
  id: string
  /** Relative to the root. */
  file: string
  says: string
  passed: number
  failed: number
  /** Neither: it could not run here. */
  skipped: number
}

export function shownBy(report: TestReport, relative: (file: string) => string): Shown[] {
  const found = new Map<string, Shown>()
  for (const { name, assertionResults } of report.testResults) {
    const file = relative(name)
    for (const { ancestorTitles, title, status } of assertionResults) {
      for (const fault of [...ancestorTitles, title].map(readFaultTitle)) {
        for (const id of fault?.ids ?? []) {
          const says = fault?.says ?? ''
          const key = JSON.stringify([id, file, says])
          const shown = found.get(key) ?? { id, file, says, passed: 0, failed: 0, skipped: 0 }
          found.set(key, shown)
          if (status === 'passed') shown.passed += 1
          else if (status === 'failed') shown.failed += 1
          else shown.skipped += 1
        }
      }
    }
  }
  return [...found.values()]
}

/** Files that did not load: what they would have shown is not known. */
export function brokenFiles(report: TestReport): { name: string; message: string }[] {
  return report.testResults
    .filter(
      ({ status, assertionResults }) =>
        status === 'failed' && !assertionResults.some((one) => one.status === 'failed'),
    )
    .map(({ name, message = '' }) => ({ name, message }))
}
