/** What is asked wrongly is known before half a minute goes into packing. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const main = join(import.meta.dirname, 'src/create-app.ts')

/** Where there is no npm: packing would fail, and say so. */
function withoutPacking(...words: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-release-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'mine.txt'), 'mine')
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
    cwd: folder,
    env: { ...process.env, PATH: folder },
    encoding: 'utf8',
  })
  return { status, out: stdout, said: stderr }
}

test.each([
  { words: ['My App'], status: 2, why: "'My App' cannot be the app's name" },
  { words: ['app', '--collection', 'close'], status: 2, why: "--collection 'close'" },
  { words: ['app', '--colection', 'jobs'], status: 2, why: "Unknown option '--colection'" },
  { words: ['mine.txt'], status: 1, why: 'mine.txt is a file' },
  { words: ['app', '--packages', 'nowhere'], status: 1, why: 'there is no skerry-*.tgz in it' },
])('$words is refused before anything is packed', ({ words, status, why }) => {
  const answer = withoutPacking(...words)
  expect(answer).toMatchObject({ status, out: '' })
  expect(answer.said).toContain(`create-skerry: `)
  expect(answer.said).toContain(why)
})

test('help is told without packing', () => {
  expect(withoutPacking('--help')).toMatchObject({ status: 0, out: expect.stringContaining('--collection') })
})
