// core runs in a simulator, a phone and a hub, and gives the same answer in each; so it never looks at the world by itself. The
// compiler already refuses most of that (packages/core/tsconfig.json has neither Node nor DOM types); this check guards that
// setting, and finds what plain ECMAScript lets through: the clock and the dice.

import { type CheckResult, type Finding, lineAt } from './finding.ts'
import { maskSource } from './masked-source.ts'
import type { Import } from './module-graph.ts'
import type { SourceFile, Workspace } from './workspace.ts'

const CORE = 'packages/core'

// `(?<![.\w$])`: a name of its own, so that `clock.setTimeout(…)` on a port that was handed in stays allowed.
const WORLD: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['Date.now', /(?<![.\w$])Date\s*\.\s*now\b/g],
  ['new Date()', /\bnew\s+Date\s*(?:\(\s*\)|(?!\s*\())/g],
  ['Date()', /(?<!new\s+)(?<![.\w$])Date\s*\(/g],
  ['Math.random', /(?<![.\w$])Math\s*\.\s*random\b/g],
  ['a timer', /(?<![.\w$])(?:setTimeout|setInterval|setImmediate|queueMicrotask)\s*\((?!\s*\w+\s*\??:)/g],
  ['process', /(?<![.\w$])process\s*(?:\?\.|\.|\[)/g],
  ['Buffer', /(?<![.\w$])Buffer\b/g],
  ['performance', /(?<![.\w$])performance\s*\./g],
  ['crypto', /(?<![.\w$])crypto\s*\.\s*(?:getRandomValues|randomUUID|subtle)\b/g],
  ['console', /(?<![.\w$])console\s*\./g],
  ['globalThis', /(?<![.\w$])globalThis\b/g],
]

/** Where core may look all the same, and why. */
const ALLOWED: readonly { readonly file: string; readonly what: string; readonly reason: string }[] = [
  {
    file: `${CORE}/src/bytes/utf8.ts`,
    what: 'globalThis',
    reason: 'the text codec is pure and in every runtime, only the ECMAScript types do not name it',
  },
]

export function checkCorePurity(
  workspace: Workspace,
  imports: readonly Import[],
  coreTsconfig: unknown,
): CheckResult {
  const shipped = workspace.files.filter(isCoreSource)
  const findings = [
    ...configFindings(coreTsconfig),
    ...imports
      .filter(({ from, target }) => isCoreSource(from) && target.kind === 'builtin')
      .map(({ from, line, specifier }) => impure(from.path, line, `imports "${specifier}"`)),
    ...shipped.flatMap(worldFindings),
  ]
  return { findings, warnings: [], scope: `${shipped.length} files of core` }
}

function isCoreSource(file: SourceFile): boolean {
  return file.path.startsWith(`${CORE}/src/`) && !file.isTest
}

function worldFindings(file: SourceFile): Finding[] {
  const { code } = maskSource(file.text)
  const allowed = ALLOWED.filter((each) => each.file === file.path).map((each) => each.what)
  return WORLD.filter(([what]) => !allowed.includes(what)).flatMap(([what, pattern]) =>
    [...code.matchAll(pattern)].map((match) => impure(file.path, lineAt(code, match.index), `uses ${what}`)),
  )
}

function impure(file: string, line: number, does: string): Finding {
  return { rule: 'core-purity', file, line, message: `core ${does}: take it as an argument instead` }
}

function configFindings(config: unknown): Finding[] {
  const options = (config as { compilerOptions?: { types?: unknown; lib?: unknown } } | null)?.compilerOptions
  const types = Array.isArray(options?.types) ? options.types.length : undefined
  const lib = JSON.stringify(options?.lib ?? [])
  if (types === 0 && !/dom|webworker/i.test(lib)) return []
  const message = `core is checked without Node and DOM: "types" must be [] and "lib" without DOM, got ${JSON.stringify(options)}`
  return [{ rule: 'core-purity', file: `${CORE}/tsconfig.json`, message }]
}
