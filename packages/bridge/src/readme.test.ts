/** Runs every example of the README in a process of its own, as a reader would. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const PACKAGE = new URL('..', import.meta.url)
const EXAMPLE_MS_MAX = 20_000
const readme = readFileSync(new URL('README.md', PACKAGE), 'utf8')
const examples = Array.from(readme.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = '']) => code)

test('has its examples', () => {
  expect(examples.length).toBe(2)
})

test.each(examples.map((code, i) => [i + 1, code] as const))('example %d runs', (_, code) => {
  execFileSync(process.execPath, ['--input-type=module-typescript', '--eval', code], {
    cwd: fileURLToPath(PACKAGE),
    timeout: EXAMPLE_MS_MAX,
    stdio: 'pipe',
  })
})
