// Shows what the checks found: all of it, one line each, in the order of the files, then where it lies and how long it took.

import type { CheckResult, Finding } from './finding.ts'

export type CheckRun = { readonly name: string; readonly ms: number; readonly result: CheckResult }

/** Lines shown per check. Beyond that the cause is one and the list is noise. */
const LINES_SHOWN_MAX = 200

export function describeRun({ name, ms, result }: CheckRun): string {
  const verdict = result.findings.length === 0 ? 'ok' : `${result.findings.length} findings`
  const head = `${verdict === 'ok' ? '✓' : '✗'} ${name.padEnd(9)} ${`${Math.round(ms)} ms`.padStart(8)}  ${verdict}  (${result.scope})`
  return [head, ...listed(result.findings, 'error'), ...listed(result.warnings, 'warning')].join('\n')
}

/** The last lines: findings by folder, and the one line that says whether it is good. */
export function describeTotal(runs: readonly CheckRun[]): string {
  const findings = runs.flatMap(({ result }) => result.findings)
  const warnings = runs.flatMap(({ result }) => result.warnings)
  const seconds = (runs.reduce((sum, { ms }) => sum + ms, 0) / 1000).toFixed(1)
  const broken = runs.filter(({ result }) => result.findings.length > 0).length
  const counts = `${runs.length - broken} of ${runs.length} checks passed, ${findings.length} findings, ${warnings.length} warnings, ${seconds} s`
  const folders = [...countBy(findings.map(({ file }) => folderOf(file)))].sort(([a], [b]) =>
    a < b ? -1 : 1,
  )
  return [
    '',
    ...folders.map(([folder, count]) => `  ${String(count).padStart(5)}  ${folder}`),
    `check: ${counts}`,
  ].join('\n')
}

function listed(findings: readonly Finding[], level: string): string[] {
  const sorted = [...findings].sort((a, b) => compare(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0))
  const lines = sorted
    .slice(0, LINES_SHOWN_MAX)
    .map(
      ({ file, line, rule, message }) =>
        `    ${file}${line === undefined ? '' : `:${line}`}  ${level} ${rule}: ${message}`,
    )
  const hidden = sorted.length - lines.length
  return hidden > 0 ? [...lines, `    … and ${hidden} more`] : lines
}

function folderOf(file: string): string {
  const parts = file.split('/')
  return parts.length > 2 ? parts.slice(0, 2).join('/') : (parts[0] ?? file)
}

function countBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
