// `npm run check`: everything about the source that can be judged without running it. Fast, writes nothing, and goes on after the
// first failure, so that one run shows all there is to mend.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { commandLine } from '@skerry/command-line'
import { checkBundleSize } from './src/bundle-size.ts'
import { checkCorePurity } from './src/core-purity.ts'
import { checkSizes } from './src/file-sizes.ts'
import type { Check } from './src/finding.ts'
import { checkFormatAndLint } from './src/format-and-lint.ts'
import { checkHouseRules } from './src/house-rules.ts'
import { checkCycles } from './src/import-cycles.ts'
import { readImports } from './src/module-graph.ts'
import { checkArrows } from './src/package-arrows.ts'
import { type CheckRun, describeRun, describeTotal } from './src/report.ts'
import { checkTypes } from './src/type-programs.ts'
import { checkUnused } from './src/unused.ts'
import { readWorkspace } from './src/workspace.ts'

const root = join(import.meta.dirname, '..', '..')
const workspace = readWorkspace(root)
const imports = readImports(workspace)
const coreTsconfig: unknown = JSON.parse(readFileSync(join(root, 'packages/core/tsconfig.json'), 'utf8'))

const checks: readonly Check[] = [
  { name: 'types', run: () => checkTypes(workspace) },
  { name: 'biome', run: () => checkFormatAndLint(root) },
  { name: 'cycles', run: () => checkCycles(imports) },
  { name: 'arrows', run: () => checkArrows(workspace, imports) },
  { name: 'core', run: () => checkCorePurity(workspace, imports, coreTsconfig) },
  { name: 'unused', run: () => checkUnused(root) },
  { name: 'sizes', run: () => checkSizes(workspace.files) },
  { name: 'house', run: () => checkHouseRules(workspace) },
  { name: 'bundle', run: () => checkBundleSize(root) },
]

const names = checks.map(({ name }) => name)
const usage = `npm run check                    all of it
npm run check -- cycles arrows   only these of ${names.join(', ')}
`

const wanted = commandLine(usage, (words) => {
  const { positionals } = parseArgs({ args: [...words], allowPositionals: true })
  const unknown = positionals.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new TypeError(`there is no check '${unknown}'; there are ${names.join(', ')}`)
  return positionals
})

const runs: CheckRun[] = []
for (const { name, run } of checks.filter((check) => wanted.length === 0 || wanted.includes(check.name))) {
  const start = performance.now()
  const result = run()
  const done = { name, ms: performance.now() - start, result }
  runs.push(done)
  console.log(describeRun(done))
}
console.log(describeTotal(runs))
process.exitCode = runs.some(({ result }) => result.findings.length > 0) ? 1 : 0
