import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from './temporary-folder.test-support.ts'

test('the example in the README runs and prints what it says', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? ''
  const store = JSON.stringify(join(temporaryFolder(), 'hub.db'))
  const program = example.replace("'hub.db'", store)
  const out = execFileSync(process.execPath, ['--input-type=module-typescript', '-e', program], {
    cwd: new URL('..', import.meta.url),
    encoding: 'utf8',
    timeout: 20_000,
  })
  const lines = out.trim().split('\n')
  expect(lines.at(-1)).toBe(/prints: (.*)/.exec(example)?.[1])
  expect(lines.slice(0, -1).map((line) => (JSON.parse(line) as { level: string }).level)).toEqual([
    'warn',
    'warn',
  ])
})
