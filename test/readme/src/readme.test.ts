import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const here = import.meta.dirname
const [example = ''] = /(?<=```ts\n).*?(?=```)/s.exec(readFileSync(join(here, '../../../README.md'), 'utf8')) ?? []

test('the example in the README is short, runs in an empty folder, and prints what it says', () => {
  expect(example.trimEnd().split('\n').length).toBeLessThanOrEqual(25)
  const folder = mkdtempSync(join(tmpdir(), 'skerry-readme-'))
  try {
    symlinkSync(join(here, '../node_modules'), join(folder, 'node_modules'))
    writeFileSync(join(folder, 'example.mts'), example)
    const run = spawnSync(process.execPath, ['example.mts'], { cwd: folder, encoding: 'utf8', timeout: 30_000 })
    expect(run.stderr).toBe('')
    expect(run.status).toBe(0)
    expect(run.stdout).toContain('hours: 2')
    expect(run.stdout).toContain("title: 'Replace anemometer'")
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
