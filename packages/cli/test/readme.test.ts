import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { checkConfig } from '../src/config.ts'
import config from './config/skerry.config.ts'
import { block, runShell } from './readme.ts'
import { configFolder, startHub } from './skerry.ts'

test('the config in the README is the one that the tests run', () => {
  const source = readFileSync(join(configFolder, 'skerry.config.ts'), 'utf8')
  expect(block('ts')).toBe(`// skerry.config.ts\n${source}`)
  expect(checkConfig(config, 'skerry.config.ts')).toEqual(config)
})

test('the commands in the README do what they say', async () => {
  const hub = await startHub()
  const { stdout } = await runShell(block('sh'), dirname(hub.store), { HUB: hub.url })
  expect(stdout).toContain('tech:ana')
  expect(stdout).toContain('record  entries  channels  value')
  expect(stdout).toContain('revoked credential ')
})

test('the backup in the README is made beside the running hub, and restored where it ran', async () => {
  const hub = await startHub()
  const [backup, restore] = block('sh', 2).trim().split('\n')
  expect((await runShell(backup!, dirname(hub.store))).stdout).toContain('verified')
  await hub.stop()
  expect((await runShell(restore!, dirname(hub.store))).stdout).toContain('verified')
})
