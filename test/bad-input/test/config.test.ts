/** A config with a key that nobody knows: the node does not start with half of what was meant, and nothing of an earlier run is touched. */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MemorySystem, startBridgeFromConfig } from '@skerry/bridge'
import { loadConfig } from '@skerry/cli'
import { nodeHost } from '@skerry/node'
import { expect, test } from 'vitest'
import { HonestPair } from '../src/honest.ts'
import { inMessage, refusal, refusalOf } from '../src/refusal.ts'
import { runSkerry } from '../src/run-skerry.ts'
import { enrolled, startSpace, temporaryFolder } from '../src/space.ts'

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
  const { code, out, err } = await runSkerry(['hub', '--store', 'hub.db'], folder)
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
