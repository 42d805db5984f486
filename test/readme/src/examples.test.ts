/**
 * Runs every example of every document, each in a process of its own and in an empty folder, as a reader would. It imports what its package
 * may import. An example says what must hold by `assert`, or by `// prints: …`.
 */
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Service } from '@skerry/systems'
import { whereThereIs } from '@skerry/systems/testing'
import { expect, onTestFinished, test } from 'vitest'
import { type Block, blocks, read, root } from './documents.ts'

const EXAMPLE_MS_MAX = 20_000

/** The root is no package that could import the others; its example is for whoever installed them, as this package did. */
const PACKAGE_OF_THE_ROOT = 'test/readme'

/** With JSX only as parts of a file, which Node alone could not run. */
const shown = blocks.filter(
  ({ language, partOf }) => ['ts', 'js'].includes(language) || (language === 'tsx' && partOf !== undefined),
)
const programs = shown.filter(({ partOf }) => partOf === undefined)
/** Parts of a file by its name: whoever runs the file runs them. */
const files = Map.groupBy(
  shown.filter(({ partOf }) => partOf !== undefined),
  ({ partOf = '' }) => partOf,
)

test('every block of code is of a kind that is tested: programs here, commands in commands.test.ts', () => {
  expect(programs.length).toBeGreaterThan(0)
  const isTested = (block: Block) => ['', 'sh'].includes(block.language) || shown.includes(block)
  expect(blocks.filter((block) => !isTested(block))).toEqual([])
})

for (const block of programs) {
  const service = serviceOf(block)
  if (service === undefined) test(`the example at ${block.at} runs`, () => expectToRun(block))
  else whereThereIs(service, () => test(`the example at ${block.at} runs`, () => expectToRun(block)))
}

function expectToRun(block: Block): void {
  const { stdout, stderr, status } = run(block)
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  const printed = stdout.trimEnd().split('\n')
  const promised = Array.from(block.code.matchAll(/\/\/ prints: (.*)/g), ([, line]) => line)
  expect(printed.filter((line) => promised.includes(line))).toEqual(promised)
}

/** The server that an example starts for itself. */
function serviceOf({ code }: Block): Service | undefined {
  if (code.includes('startPostgres(')) return 'postgres'
  return code.includes('startMariaDb(') ? 'mariadb' : undefined
}

test.each([...files])(
  'the parts of %s that a document shows are, one after the other, that file',
  (path, parts) => {
    const withoutGaps = (text: string) => text.replace(/\n+/g, '\n').trim()
    expect(withoutGaps(parts.map(({ code }) => code).join('\n'))).toBe(withoutGaps(read(path)))
  },
)

test('no docstring has an example: nothing would run it', () => {
  const sources = globSync('{packages,apps,test}/*/**/*.ts', {
    cwd: root,
    exclude: (name) => name.split('/').includes('node_modules'),
  })
  expect(sources.length).toBeGreaterThan(0)
  expect(sources.filter((path) => /^\s*(?:\/\*)?\*+ (?:@example|```)/m.test(read(path)))).toEqual([])
})

function run({ code, language, package: of }: Block) {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-example-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  // Imports are resolved before the first line runs, so from the package; files are made in the empty folder.
  const program = `process.chdir(${JSON.stringify(folder)})\n${code}`
  const type = language === 'ts' ? 'module-typescript' : 'module'
  return spawnSync(process.execPath, [`--input-type=${type}`, '--eval', program], {
    cwd: join(root, of === '.' || of === 'docs' ? PACKAGE_OF_THE_ROOT : of),
    encoding: 'utf8',
    timeout: EXAMPLE_MS_MAX,
  })
}
