/** A config with a key that nobody knows: the node does not start with half of what was meant, and nothing of an earlier run is touched. */
import { spawn } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { MemorySystem, startBridgeFromConfig } from '@skerry/bridge'
import { loadConfig } from '@skerry/cli'
import { nodeHost } from '@skerry/node'
import { expect, test } from 'vitest'
import { HonestPair } from '../src/honest.ts'
import { inMessage, refusal, refusalOf } from '../src/refusal.ts'
import { enrolled, startSpace, temporaryFolder } from '../src/space.ts'

/** The command of @skerry/cli, beside what the package exports. */
const skerry = createRequire(import.meta.url)
  .resolve('@skerry/cli')
  .replace('index.ts', 'main.ts')

interface Done {
  code: number | null
  out: string
  err: string
}

function run(args: readonly string[], folder: string): Promise<Done> {
  const child = spawn(process.execPath, [skerry, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const done: Done = { code: null, out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    done.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    done.err += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ ...done, code }))
  })
}

test('a hub is not started with an unknown key: file, key and nearest neighbour are named, no store is made', async () => {
  const space = await startSpace()
  const honest = await HonestPair.start(space)
  const folder = temporaryFolder()
  writeFileSync(
    join(folder, 'skerry.config.mjs'),
    "export default { space: 'acme', collections: {}, hub: { prot: 0 } }\n",
  )
  const refused = await refusalOf(() => loadConfig(undefined, folder))
  expect(refused).toMatchObject({
    name: 'CliError',
    class: 'config',
    message: inMessage("unknown key 'hub.prot'"),
  })
  const { code, out, err } = await run(['hub', '--store', 'hub.db'], folder)
  expect([code, out]).toEqual([3, ''])
  expect(err.trim().split('\n')).toEqual([
    "error: skerry.config.mjs: unknown key 'hub.prot'; did you mean 'port'?",
  ])
  expect(readdirSync(folder)).toEqual(['skerry.config.mjs'])
  await honest.goOn()
})

test('a bridge is not started with an unknown key', async () => {
  const space = await startSpace()
  const honest = await HonestPair.start(space)
  const { replica } = await enrolled(space, { subject: 'adapter:crm' })
  const config = {
    name: 'crm',
    adapter: new MemorySystem().adapter(),
    mappings: [{ collection: 'jobs', type: 'cases', fields: { title: { field: 'Title', rool: 'merge' } } }],
  }
  const refused = await refusalOf(() => startBridgeFromConfig(replica, config, { host: nodeHost() }))
  expect(refused).toMatchObject({ name: 'BridgeError', ...refusal('bridge-config', 'rool') })
  await honest.goOn()
})
