/**
 * Runs every example of every document, each in a process of its own and in an empty folder, as a reader would. It imports what its package
 * may import. An example says what must hold by `assert`, or by `// prints: …`.
 */
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Block, blocks, read, root } from './documents.ts'

const EXAMPLE_MS_MAX = 20_000

/** The root is no package that could import the others; its example is for whoever installed them, as this package did. */
const PACKAGE_OF_THE_ROOT = 'test/readme'

const shown = blocks.filter(({ language }) => language === 'ts' || language === 'js')
const programs = shown.filter(({ partOf }) => partOf === undefined)
/** Parts of a file by its name: whoever runs the file runs them. */
const files = Map.groupBy(
  shown.filter(({ partOf }) => partOf !== undefined),
  ({ partOf = '' }) => partOf,
)

test('every block of code is of a kind that is tested: programs here, commands in commands.test.ts', () => {
  expect(programs.length).toBeGreaterThan(0)
  expect(blocks.filter(({ language }) => !['', 'sh', 'ts', 'js'].includes(language))).toEqual([])
})

test.each(programs.map((block) => [block.at, block] as const))('the example at %s runs', (_, block) => {
  const { stdout, stderr, status } = run(block)
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  const printed = stdout.trimEnd().split('\n')
  const promised = Array.from(block.code.matchAll(/\/\/ prints: (.*)/g), ([, line]) => line)
  expect(printed.filter((line) => promised.includes(line))).toEqual(promised)
})

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
