// The house rules that a machine can see. Each is one line here: what it is called, where it holds, what betrays it, and what to do
// instead. What a formatter, the compiler or knip already refuses is not repeated, except `any` in core, where no suppression
// comment may let it in.

import { type CheckResult, type Finding, lineAt } from './finding.ts'
import { maskSource } from './masked-source.ts'
import type { Document, SourceFile, Workspace } from './workspace.ts'

type HouseRule = {
  readonly rule: string
  readonly holds: (file: SourceFile) => boolean
  readonly reads: 'code' | 'comments' | 'commented' | 'path'
  readonly pattern: RegExp
  readonly message: string
}

const everywhere = (): boolean => true
const inTests = (file: SourceFile): boolean => file.isTest

const RULES: readonly HouseRule[] = [
  {
    rule: 'test-only',
    holds: inTests,
    reads: 'code',
    pattern: /(?<![.\w$])(?:describe|suite|it|test|bench)(?:\s*\.\s*\w+)*\s*\.\s*only\b/g,
    message: 'hides every other test of the file: remove .only',
  },
  {
    rule: 'test-skipped',
    holds: inTests,
    reads: 'code',
    pattern:
      /(?<![.\w$])(?:(?:describe|suite|it|test|bench)(?:\s*\.\s*\w+)*\s*\.\s*(?:skip|todo|fails)\b|xit\b|xdescribe\b)/g,
    message: 'a test that does not run proves nothing: mend it or delete it',
  },
  {
    rule: 'test-random',
    holds: inTests,
    reads: 'code',
    pattern: /(?<![.\w$])Math\s*\.\s*random\b/g,
    message: 'a failure must be a seed: draw from a seeded generator',
  },
  {
    rule: 'todo-without-issue',
    holds: everywhere,
    reads: 'comments',
    pattern: /\b(?:TODO|FIXME|XXX|HACK)\b(?![^\n]*#\d)/g,
    message: 'name the issue (#123), or do it now',
  },
  {
    rule: 'any-in-core',
    holds: ({ path }) => path.startsWith('packages/core/'),
    reads: 'code',
    pattern: /(?:[:<|&,(=]|=>|\bas|\bextends|\bkeyof|\bsatisfies)\s*any\b(?!\s*[:(.?])/g,
    message: 'core has no any: say what it is, or unknown',
  },
  {
    rule: 'compiler-silenced',
    holds: everywhere,
    reads: 'comments',
    pattern: /@ts-(?:ignore|nocheck)\b/g,
    message: 'fails silently once it is no longer needed: mend the type, or @ts-expect-error with the reason',
  },
  {
    rule: 'export-star',
    holds: everywhere,
    reads: 'code',
    pattern: /(?<![.\w$])export\s*\*(?!\s*as\b)/g,
    message: 'an index is a table of contents by hand: name what is exported',
  },
  {
    rule: 'error-swallowed',
    holds: everywhere,
    reads: 'commented',
    pattern: /\bcatch\s*(?:\(\w*\))?\s*\{\s*\}|\.catch\(\s*\(\w*\)\s*=>\s*\{\s*\}\s*\)/g,
    message: 'handle it, pass it on, or say in a comment why it may be lost',
  },
  {
    rule: 'attic',
    holds: everywhere,
    reads: 'path',
    pattern: /(?:^|\/)(?:helpers?|utils?|common|misc|shared)(?:\/|\.\w+$)/g,
    message: 'name it for what it holds',
  },
]

const MACHINE_PATH = /(?<=[\s'"`(=]|^)\/(?:home|root|Users|work)\/[\w.-]+/gm

export function checkHouseRules({ files, documents }: Workspace): CheckResult {
  const findings = [...files.flatMap(brokenRules), ...[...files, ...documents].flatMap(machinePaths)]
  const scope = `${RULES.length + 1} rules over ${files.length} files and ${documents.length} documents`
  return { findings, warnings: [], scope }
}

function brokenRules(file: SourceFile): Finding[] {
  const readings = { ...maskSource(file.text), path: file.path }
  return RULES.filter(({ holds }) => holds(file)).flatMap(({ rule, reads, pattern, message }) =>
    [...readings[reads].matchAll(pattern)].map((match): Finding => {
      const place = reads === 'path' ? {} : { line: lineAt(file.text, match.index) }
      return { rule, file: file.path, ...place, message: `\`${match[0].trim()}\` ${message}` }
    }),
  )
}

function machinePaths({ path, text }: Document): Finding[] {
  return [...text.matchAll(MACHINE_PATH)].map((match) => ({
    rule: 'machine-path',
    file: path,
    line: lineAt(text, match.index),
    message: `\`${match[0]}\` exists on one machine only: take it as an argument or make it relative`,
  }))
}
