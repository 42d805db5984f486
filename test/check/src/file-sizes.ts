// One file, one noun. Lengths are a smell, not a measure of quality, so only the far end fails: past 800 lines nobody reads a
// file, past 500 its first paragraph says why it is so long. The band of the whole is shown and warned about.

import type { CheckResult, Finding } from './finding.ts'
import { maskSource } from './masked-source.ts'
import type { SourceFile } from './workspace.ts'

/** Lines. From here on a file fails the check. */
export const LINES_MAX = 800
/** Lines. From here on a file must give its reason. */
export const LINES_UNEXPLAINED_MAX = 500
/** Lines. The band that the best packages of this field keep to. */
export const LINES_MEDIAN_MAX = 120
export const LINES_PERCENTILE_95_MAX = 450

const GIVES_REASON = /\b(?:long|length|lines|size|one file)\b/i

export function checkSizes(files: readonly SourceFile[]): CheckResult {
  const findings: Finding[] = []
  const warnings: Finding[] = []
  const lengths = files.map(({ text }) => lineCount(text)).sort((a, b) => a - b)
  for (const { path, text } of files) {
    const lines = lineCount(text)
    if (lines > LINES_MAX) {
      findings.push(
        sized(path, `${lines} lines, above the ceiling of ${LINES_MAX}: find the next noun inside it`),
      )
    } else if (lines > LINES_UNEXPLAINED_MAX && !GIVES_REASON.test(firstParagraph(text))) {
      warnings.push(
        sized(path, `${lines} lines, above ${LINES_UNEXPLAINED_MAX}: its first paragraph must say why`),
      )
    }
  }
  const median = percentile(lengths, 0.5)
  const high = percentile(lengths, 0.95)
  if (median > LINES_MEDIAN_MAX)
    warnings.push(sized('.', `median ${median} lines, above ${LINES_MEDIAN_MAX}`))
  if (high > LINES_PERCENTILE_95_MAX) {
    warnings.push(sized('.', `95th percentile ${high} lines, above ${LINES_PERCENTILE_95_MAX}`))
  }
  const scope = `${files.length} files, median ${median} lines, 95th percentile ${high}, longest ${lengths.at(-1) ?? 0}`
  return { findings, warnings, scope }
}

function sized(file: string, message: string): Finding {
  return { rule: 'file-size', file, message }
}

function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}

/** The comment that opens the file, up to its first empty line. */
function firstParagraph(text: string): string {
  const { comments } = maskSource(text.replace(/^#!.*\n/, ''))
  return comments.trimStart().split(/\n\s*(?:\/\/|\*)?\s*\n/)[0] ?? ''
}

/** Nearest rank; 0 for an empty list. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}
