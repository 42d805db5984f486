import { expect, test } from 'vitest'
import type { CheckResult } from './finding.ts'
import { checkCycles } from './import-cycles.ts'
import { readImports } from './module-graph.ts'
import { buildWorkspace } from './workspace.test-support.ts'

function cyclesOf(files: Readonly<Record<string, string>>): CheckResult {
  using workspace = buildWorkspace(files)
  return checkCycles(readImports(workspace))
}

const messages = (files: Readonly<Record<string, string>>): string[] =>
  cyclesOf(files).findings.map(({ message }) => message)

test('a diamond is no ring', () => {
  const result = cyclesOf({
    'packages/core/src/index.ts': "import './a.ts'\nimport './b.ts'",
    'packages/core/src/a.ts': "import './c.ts'",
    'packages/core/src/b.ts': "import './c.ts'",
    'packages/core/src/c.ts': '',
  })
  expect(result.findings).toEqual([])
  expect(result.scope).toBe('4 files, 4 imports between them')
})

test('a ring of type imports is found, with the line where it can be cut', () => {
  const result = cyclesOf({
    'packages/core/src/a.ts': "import 'node:fs'\nimport type { B } from './b.ts'\nexport type A = B",
    'packages/core/src/b.ts': "export type B = import('./a.ts').A",
  })
  expect(result.findings).toEqual([
    {
      rule: 'import-cycle',
      file: 'packages/core/src/a.ts',
      line: 2,
      message: 'packages/core/src/a.ts → packages/core/src/b.ts → packages/core/src/a.ts',
    },
  ])
})

test('a file that imports itself is a ring', () => {
  expect(messages({ 'packages/core/src/a.ts': "export { a } from './a.ts'" })).toEqual([
    'packages/core/src/a.ts → packages/core/src/a.ts',
  ])
})

test('a ring through package names is found', () => {
  const found = messages({
    'packages/core/src/index.ts': "import '@skerry/hub'",
    'packages/hub/src/index.ts': "import './hub.ts'",
    'packages/hub/src/hub.ts': "import '@skerry/core'",
  })
  expect(found).toEqual([
    'packages/core/src/index.ts → packages/hub/src/index.ts → packages/hub/src/hub.ts → packages/core/src/index.ts',
  ])
})

test('a tangle gives one finding: its shortest ring', () => {
  const found = messages({
    'packages/core/src/a.ts': "import './b.ts'",
    'packages/core/src/b.ts': "import './c.ts'",
    'packages/core/src/c.ts': "import './d.ts'\nimport './a.ts'",
    'packages/core/src/d.ts': "import './c.ts'",
  })
  expect(found).toEqual([
    'packages/core/src/c.ts → packages/core/src/d.ts → packages/core/src/c.ts (one ring of a tangle of 4 files)',
  ])
})

test('two rings apart are two findings, and a long chain does not exhaust the stack', () => {
  const files: Record<string, string> = {}
  const length = 3_000
  for (let i = 0; i < length; i++) files[`packages/core/src/f${i}.ts`] = `import './f${i + 1}.ts'`
  files[`packages/core/src/f${length}.ts`] = `import './f${length - 1}.ts'`
  files['packages/hub/src/x.ts'] = "import './y.ts'"
  files['packages/hub/src/y.ts'] = "import './x.ts'"
  expect(messages(files)).toHaveLength(2)
})
