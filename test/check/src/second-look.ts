// A test that waits for real processes and browsers can be late on a machine that does other work; a defect fails twice. So the few
// files that failed are run once more, alone. What passes then is told as unsteady, each time, until somebody has mended it.

import { failuresOf, type VitestReport } from './test-tally.ts'

/** More than these do not fail by chance. */
export const FILES_LOOKED_AT_AGAIN_MAX = 3

/** Files to run again; none when there are too many, or when the run failed beside its tests (`unhandled`). */
export function filesToLookAtAgain(report: VitestReport | undefined, unhandled: boolean): readonly string[] {
  const failed = failedFiles(report)
  return unhandled || failed.length > FILES_LOOKED_AT_AGAIN_MAX ? [] : failed
}

export type SecondLook = {
  readonly report: VitestReport | undefined
  /** What failed at first and passed alone, told as failures are. */
  readonly unsteady: readonly string[]
}

/** The run, with what passed alone in place of what failed beside others. */
export function withSecondLook(
  report: VitestReport | undefined,
  again: VitestReport | undefined,
): SecondLook {
  if (!report || !again) return { report, unsteady: [] }
  const sound = new Map(
    again.testResults
      .filter(({ status, assertionResults }) => status === 'passed' && assertionResults.length > 0)
      .map((file) => [file.name, file]),
  )
  const isMended = (name: string) => sound.has(name) && failedFiles(report).includes(name)
  const testResults = report.testResults.map((file) => (isMended(file.name) ? sound.get(file.name)! : file))
  const mended = report.testResults.filter(({ name }) => isMended(name))
  const merged = { success: false, testResults }
  return {
    report: { ...merged, success: mended.length > 0 && failedFiles(merged).length === 0 },
    unsteady: failuresOf({ success: false, testResults: mended }).map((text) =>
      text.replace('FAILED', 'UNSTEADY'),
    ),
  }
}

function failedFiles(report: VitestReport | undefined): readonly string[] {
  const files = report?.testResults ?? []
  return files.filter(({ status }) => status === 'failed').map(({ name }) => name)
}
