// Runs the compiler over the root tsconfig and over every `tsconfig.json` and `tsconfig.NAME.json` that a package brings (core and streams without Node types,
// browser packages with DOM types and without Node's, what their tests run in a page in `tsconfig.test.json`). Code for the browser is excluded from the root one. A file that no program reads would be checked by nobody, so that is a finding too; only an annex is checked when
// its packages happen to be installed, and otherwise not.

import { readdirSync } from 'node:fs'
import { isAbsolute, join, posix, relative } from 'node:path'
import type { CheckResult, Finding } from './finding.ts'
import { lastWords, runTool, type ToolOutput } from './tool.ts'
import type { Workspace } from './workspace.ts'

const DIAGNOSTIC = /^(?<file>[^\s(][^(]*)\((?<line>\d+),\d+\): error (?<code>TS\d+): (?<message>.*)$/

const CONFIG = /^tsconfig(?:\.[\w-]+)?\.json$/

export function checkTypes(workspace: Workspace): CheckResult {
  const [installed, absent] = [true, false].map((is) =>
    workspace.annexes.filter(({ isInstalled }) => isInstalled === is),
  )
  const programs = [...workspace.packages, ...installed!].flatMap(({ folder }) =>
    readdirSync(join(workspace.root, folder))
      .filter((name) => CONFIG.test(name))
      .sort()
      .map((name) => posix.join(folder, name)),
  )
  const byPlace = new Map<string, Finding>()
  const read = new Set<string>()
  for (const config of programs) {
    const output = runTool(workspace.root, 'tsc', [
      '-p',
      config,
      '--noEmit',
      '--pretty',
      'false',
      '--listFiles',
    ])
    const findings = readDiagnostics(config, output)
    for (const each of findings) byPlace.set(`${each.file}:${each.line}:${each.message}`, each)
    for (const file of readFiles(workspace.root, output.stdout)) read.add(file)
  }
  const isAbsent = (path: string) => absent!.some(({ folder }) => path.startsWith(`${folder}/`))
  const unread = workspace.files.filter(
    ({ path }) => /\.m?tsx?$/.test(path) && !read.has(path) && !isAbsent(path),
  )
  const findings = [
    ...byPlace.values(),
    ...unread.map(({ path }) => ({
      rule: 'types-unread',
      file: path,
      message: `none of ${programs.join(', ')} reads this file`,
    })),
  ]
  return { findings, warnings: [], scope: `${read.size} files in ${programs.length} programs` }
}

/** A failure that names no place is one finding against the tsconfig itself. */
export function readDiagnostics(config: string, output: ToolOutput): Finding[] {
  const findings = output.stdout.split('\n').flatMap((line): Finding[] => {
    const { file, line: row, code, message } = DIAGNOSTIC.exec(line)?.groups ?? {}
    if (file === undefined || code === undefined || message === undefined) return []
    return [{ rule: code, file, line: Number(row), message }]
  })
  if (output.exitCode === 0 || findings.length > 0) return findings
  return [{ rule: 'types', file: config, message: lastWords(output) }]
}

function readFiles(root: string, stdout: string): string[] {
  return stdout
    .split('\n')
    .filter((line) => isAbsolute(line) && !/[\\/]node_modules[\\/]/.test(line))
    .map((line) => relative(root, line.trim()))
}
