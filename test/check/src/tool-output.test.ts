// The compiler, biome and knip speak their own languages; here each is shown what it says, so that a change of their wording is
// noticed as a failure and not as a clean report.

import { describe, expect, test } from 'vitest'
import { readAnnotations } from './format-and-lint.ts'
import { readDiagnostics } from './type-programs.ts'
import { readReport } from './unused.ts'

const failed = (stdout: string, stderr = '') => ({ exitCode: 1, stdout, stderr })
const passed = (stdout: string) => ({ exitCode: 0, stdout, stderr: '' })

describe('types', () => {
  test('a diagnostic has file, line and code', () => {
    const output = failed(
      "packages/a/src/b.ts(7,3): error TS2307: Cannot find module 'x'.\n  more\n/lib/es.d.ts\n",
    )
    expect(readDiagnostics('tsconfig.json', output)).toEqual([
      { rule: 'TS2307', file: 'packages/a/src/b.ts', line: 7, message: "Cannot find module 'x'." },
    ])
  })

  test('a failure without a place is still a finding', () => {
    const [finding] = readDiagnostics('tsconfig.json', failed('error TS5023: Unknown compiler option'))
    expect(finding?.message).toContain('Unknown compiler option')
    expect(readDiagnostics('tsconfig.json', passed(''))).toEqual([])
  })
})

describe('biome', () => {
  test('errors are findings, warnings are not', () => {
    const output = failed(
      [
        '::error title=lint/a/b,file=/r/x.ts,line=3,endLine=3,col=1,endColumn=2::No%0Amore',
        '::warning title=lint/c,file=/r/y.ts,line=4,endLine=4,col=1,endColumn=2::Better',
        '::notice title=lint/d,file=/r/y.ts,line=4,endLine=4,col=1,endColumn=2::Maybe',
      ].join('\n'),
    )
    const { findings, warnings } = readAnnotations('/r', output)
    expect(findings).toEqual([{ rule: 'lint/a/b', file: 'x.ts', line: 3, message: 'No' }])
    expect(warnings).toEqual([{ rule: 'lint/c', file: 'y.ts', line: 4, message: 'Better' }])
  })

  test('a failure that says nothing readable is a finding', () => {
    const { findings } = readAnnotations('/r', failed('', 'unknown configuration key'))
    expect(findings[0]?.message).toContain('unknown configuration key')
  })
})

describe('knip', () => {
  test('each item of each kind is a finding', () => {
    const issue = {
      file: 'packages/a/package.json',
      files: [],
      dependencies: [{ name: 'x', line: 9 }],
      exports: [{ name: 'y', line: 2 }],
    }
    expect(readReport(failed(JSON.stringify({ issues: [issue] }))).findings).toEqual([
      {
        rule: 'unused-dependencies',
        file: 'packages/a/package.json',
        line: 9,
        message: '`x` is a dependency that nothing uses',
      },
      {
        rule: 'unused-exports',
        file: 'packages/a/package.json',
        line: 2,
        message: '`y` is exported, and imported nowhere',
      },
    ])
  })

  test('no report is a finding', () => {
    expect(readReport(failed('', 'boom')).findings[0]?.message).toContain('boom')
  })
})
