import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { memoryStore } from '@skerry/core'
import { expect, onTestFinished, test, vi } from 'vitest'
import config from './bridge-config/skerry.config.ts'
import { joinHub } from './join-hub.ts'
import { skerry, startCommand, startHub, temporaryFolder } from './skerry.ts'

// Each test starts several processes, on machines that do other things too.
vi.setConfig({ testTimeout: 240_000 })

const folder = fileURLToPath(new URL('./bridge-config', import.meta.url))

test('MAP-9: a bridge runs as a process, its mapping a file: asks for its credential, brings rows to the hub, ends with 0 on SIGTERM', async () => {
  const hub = await startHub({ folder })
  const office = await joinHub(hub, config, memoryStore())
  const node = temporaryFolder()
  const args = [
    'bridge',
    '--hub',
    `${hub.url.replace('http', 'ws')}/sync`,
    '--store',
    join(node, 'bridge.db'),
  ]

  const refused = await skerry(args, { folder })
  expect(refused.code).toBe(4)
  const key = /--key ([0-9a-f]{64})/.exec(refused.err)![1]!
  const grant = ['--subject', 'bridge', '--key', key, '--read', '*', '--write', '*']
  const issue = (systems: string) =>
    skerry(['credential', 'issue', ...grant, '--systems', systems, '--space', 'acme', '--store', hub.store])
  const token = join(node, 'bridge.token')
  writeFileSync(token, (await issue('erp')).out)
  const foreign = await skerry([...args, '--credential', token], { folder })
  expect(foreign).toMatchObject({ code: 4, err: expect.stringContaining("is not for the system 'crm'") })

  writeFileSync(token, (await issue('crm')).out)
  const bridge = await startCommand([...args, '--credential', token], 'bridge ready', { folder })
  const arrived = new Promise<void>((resolve) => {
    const look = async () => {
      const jobs = await office.collection('jobs').where({}).all()
      if (jobs.some((job) => 'title' in job && job.title === 'from the CRM')) resolve()
    }
    onTestFinished(office.onCommit(() => void look()))
    void look()
  })
  await arrived
  const { code, out } = await bridge.stop()
  expect(code).toBe(0)
  expect(out).toContain('bridge closed')
})

test('a bridge that is not in the config is a usage error, a config without bridges one of the config', async () => {
  const args = ['--hub', 'ws://127.0.0.1:1/sync', '--store', join(temporaryFolder(), 'bridge.db')]
  expect(await skerry(['bridge', 'crn', ...args], { folder })).toMatchObject({
    code: 2,
    err: expect.stringContaining("did you mean 'crm'?"),
  })
  expect((await skerry(['bridge', ...args])).code).toBe(3)
})

test.each([
  ['broken', "broken.mapping.yaml:3:5: unknown key 'mappings.0.tpye'; did you mean 'type'?"],
  ['missing', 'missing.mapping.yaml: the mapping file cannot be read'],
])('MAP-5: a mapping file that is %s is an error of the config that says where', async (name, message) => {
  const args = ['--hub', 'ws://127.0.0.1:1/sync', '--store', join(temporaryFolder(), 'bridge.db')]
  const env = { MAPPINGS: `${name}.mapping.yaml` }
  expect(await skerry(['bridge', ...args], { folder, env })).toMatchObject({
    code: 3,
    err: expect.stringContaining(message),
  })
})
