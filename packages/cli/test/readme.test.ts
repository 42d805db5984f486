import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { checkConfig } from '../src/config.ts'
import config from './config/skerry.config.ts'
import { configFolder, startHub } from './skerry.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const block = (language: string) => new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(readme)?.[1] ?? ''

test('the config in the README is the one that the tests run', () => {
  const source = readFileSync(join(configFolder, 'skerry.config.ts'), 'utf8')
  expect(block('ts')).toBe(`// skerry.config.ts\n${source}`)
  expect(checkConfig(config, 'skerry.config.ts')).toEqual(config)
})

test('the commands in the README do what they say', async () => {
  const hub = await startHub()
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const script = `set -e\nskerry() { "${process.execPath}" "${main}" "$@"; }\n${block('sh')}`
  const { stdout } = await promisify(execFile)('bash', ['-c', script], {
    cwd: dirname(hub.store),
    env: { ...process.env, HUB: hub.url, NO_COLOR: '1' },
    timeout: 25_000,
  })
  expect(stdout).toContain('tech:ana')
  expect(stdout).toContain('record  entries  channels  value')
  expect(stdout).toContain('revoked credential ')
})
