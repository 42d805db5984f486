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
const block = (language: string, nth = 0) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))][nth]?.[1] ?? ''
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

function runShell(lines: string, hub: { store: string; url: string }) {
  const script = `set -e\nskerry() { "${process.execPath}" "${main}" "$@"; }\n${lines}`
  return promisify(execFile)('bash', ['-c', script], {
    cwd: dirname(hub.store),
    env: { ...process.env, HUB: hub.url, NO_COLOR: '1' },
    timeout: 25_000,
  })
}

test('the config in the README is the one that the tests run', () => {
  const source = readFileSync(join(configFolder, 'skerry.config.ts'), 'utf8')
  expect(block('ts')).toBe(`// skerry.config.ts\n${source}`)
  expect(checkConfig(config, 'skerry.config.ts')).toEqual(config)
})

test('the commands in the README do what they say', async () => {
  const hub = await startHub()
  const { stdout } = await runShell(block('sh'), hub)
  expect(stdout).toContain('tech:ana')
  expect(stdout).toContain('record  entries  channels  value')
  expect(stdout).toContain('revoked credential ')
})

test('the backup in the README is made beside the running hub, and restored where it ran', async () => {
  const hub = await startHub()
  const [backup, restore] = block('sh', 1).trim().split('\n')
  expect((await runShell(backup!, hub)).stdout).toContain('verified')
  await hub.stop()
  expect((await runShell(restore!, hub)).stdout).toContain('verified')
})
