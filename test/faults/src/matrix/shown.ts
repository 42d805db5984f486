/** What a run showed of each line of a table: from vitest's report to one entry for each title of a file that names it. */
import type { Titles } from './table.ts'

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

export function shownBy(titles: Titles, report: TestReport, relative: (file: string) => string): Shown[] {
  const found = new Map<string, Shown>()
  for (const { name, assertionResults } of report.testResults) {
    const file = relative(name)
    for (const { ancestorTitles, title, status } of assertionResults) {
      for (const one of [...ancestorTitles, title].map((text) => titles.read(text))) {
        for (const id of one?.ids ?? []) {
          const says = one?.says ?? ''
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
