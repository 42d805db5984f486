// knip: files nobody reaches, exports nobody imports, dependencies nobody uses. What a package's `exports` name is its public
// face and is never unused; knip.json says where the other entries are.

import type { CheckResult, Finding } from './finding.ts'
import { lastWords, runTool, type ToolOutput } from './tool.ts'

type KnipItem = { readonly name: string; readonly line?: number }
type KnipIssue = { readonly file: string } & Readonly<Record<string, readonly KnipItem[] | string>>

const WORDING: Readonly<Record<string, string>> = {
  files: 'is reached from no entry',
  dependencies: 'is a dependency that nothing uses',
  devDependencies: 'is a development dependency that nothing uses',
  unlisted: 'is used but not in package.json',
  binaries: 'is called but no dependency brings it',
  unresolved: 'cannot be resolved',
  exports: 'is exported, and imported nowhere',
  types: 'is an exported type, and imported nowhere',
  duplicates: 'is exported twice',
}

export function checkUnused(root: string): CheckResult {
  return readReport(runTool(root, 'knip', ['--reporter', 'json', '--no-progress', '--no-config-hints']))
}

export function readReport(output: ToolOutput): CheckResult {
  const issues = parseIssues(output.stdout)
  if (issues === undefined) {
    const failure = { rule: 'knip', file: 'knip.json', message: lastWords(output) }
    return { findings: [failure], warnings: [], scope: 'no report' }
  }
  const findings = issues.flatMap((issue) =>
    Object.entries(issue).flatMap(([kind, items]) =>
      typeof items === 'string' ? [] : items.map(told(issue.file, kind)),
    ),
  )
  return { findings, warnings: [], scope: `${issues.length} files with findings` }
}

function told(file: string, kind: string): (item: KnipItem) => Finding {
  return ({ name, line }) => {
    const message = `${kind === 'files' ? 'this file' : `\`${name}\``} ${WORDING[kind] ?? `(${kind})`}`
    return { rule: `unused-${kind}`, file, ...(line === undefined ? {} : { line }), message }
  }
}

/** `undefined` when knip did not get as far as a report. */
function parseIssues(stdout: string): KnipIssue[] | undefined {
  const start = stdout.indexOf('{')
  if (start === -1) return undefined
  return (JSON.parse(stdout.slice(start)) as { issues?: KnipIssue[] }).issues
}
