import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const here = import.meta.dirname
const example = readFileSync(join(here, 'example.ts'), 'utf8')

test('the example in the README is the one that is run here, and short', () => {
  const [printed = ''] =
    /(?<=```ts\n).*?(?=```)/s.exec(readFileSync(join(here, '../../../README.md'), 'utf8')) ?? []
  expect(printed).toBe(example)
  expect(example.trimEnd().split('\n').length).toBeLessThanOrEqual(25)
})

test('the example runs in an empty folder and prints what it says', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-readme-'))
  try {
    const run = spawnSync(process.execPath, [join(here, 'example.ts')], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 30_000,
    })
    expect(run.stderr).toBe('')
    expect(run.status).toBe(0)
    expect(run.stdout).toContain('hours: 2')
    expect(run.stdout).toContain("title: 'Replace anemometer'")
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
