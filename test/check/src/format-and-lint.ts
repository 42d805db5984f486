// Biome, read only: formatting and lint in one pass. Its GitHub report is taken because it has one line per finding; the
// pictures of the default report are for a person, who runs `npx biome check --write <path>` and sees them there.

import { relative } from 'node:path'
import type { CheckResult, Finding } from './finding.ts'
import { lastWords, runTool, type ToolOutput } from './tool.ts'

const ANNOTATION =
  /^::(?<level>error|warning) title=(?<rule>[^,]+),file=(?<file>[^,]+),line=(?<line>\d+)[^:]*::(?<message>.*)$/

export function checkFormatAndLint(root: string): CheckResult {
  return readAnnotations(
    root,
    runTool(root, 'biome', ['ci', '.', '--reporter=github', '--max-diagnostics=none']),
  )
}

export function readAnnotations(root: string, output: ToolOutput): CheckResult {
  const findings: Finding[] = []
  const warnings: Finding[] = []
  for (const row of output.stdout.split('\n')) {
    const { level, rule, file, line, message } = ANNOTATION.exec(row)?.groups ?? {}
    if (rule === undefined || file === undefined || message === undefined) continue
    const found = {
      rule,
      file: relative(root, file),
      line: Number(line),
      message: decodeURI(message).split('\n')[0] ?? '',
    }
    if (level === 'error') findings.push(found)
    else warnings.push(found)
  }
  if (output.exitCode !== 0 && findings.length === 0) {
    findings.push({ rule: 'biome', file: 'biome.json', message: lastWords(output) })
  }
  return { findings, warnings, scope: 'format, lint and import order of all files' }
}
