// What an app pays for Skerry in bytes (`npm run size`): above the limits it is a finding, as anything else that grew unseen.

import type { CheckResult, Finding } from './finding.ts'
import { lastWords, runTool, type ToolOutput } from './tool.ts'

const LIMITS = 'test/size/src/limits.ts'
const TOTAL = /^page and worker.*$/m

export function checkBundleSize(root: string): CheckResult {
  return readSizes(runTool(root, 'node', ['test/size/src/main.ts']))
}

export function readSizes(output: ToolOutput): CheckResult {
  const words = output.stderr.split('\n').filter((line) => line.startsWith('size: '))
  const findings: Finding[] = words.map((message) => ({ rule: 'bundle-size', file: LIMITS, message }))
  if (output.exitCode !== 0 && findings.length === 0)
    findings.push({ rule: 'bundle-size', file: LIMITS, message: lastWords(output) })
  return {
    findings,
    warnings: [],
    scope: TOTAL.exec(output.stdout)?.[0].replaceAll(/ +/g, ' ') ?? 'no figure',
  }
}
