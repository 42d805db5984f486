/** Two adapter nodes for one system, as processes: one works, the other waits, and takes over when the first is killed. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { type RunningHub, skerry, startCommand, startHub, temporaryFolder } from './skerry.ts'

vi.setConfig({ testTimeout: 120_000 })

const folder = fileURLToPath(new URL('./bridge-config', import.meta.url))

/** Arguments that start the adapter node `subject`, which has a credential. */
async function node(hub: RunningHub, subject: string): Promise<string[]> {
  const store = join(temporaryFolder(), 'bridge.db')
  const token = join(temporaryFolder(), 'bridge.token')
  const key = (await skerry(['credential', 'key', store], { folder })).out.trim()
  const grant = ['--subject', subject, '--key', key, '--read', '*', '--write', '*', '--systems', 'crm']
  const issued = await skerry(['credential', 'issue', ...grant, '--space', 'acme', '--store', hub.store])
  writeFileSync(token, issued.out)
  return ['bridge', '--hub', `${hub.url.replace('http', 'ws')}/sync`, '--store', store, '--credential', token]
}

test('the second takes over when the first is killed, and the first then waits', async () => {
  const hub = await startHub({ folder })
  const [ann, ben] = [await node(hub, 'ann'), await node(hub, 'ben')]
  const first = await startCommand(ann, "crm: it is this node's, in epoch 1", { folder })
  const second = await startCommand(ben, 'crm: this node waits: crm is lent to ann, in epoch 1', { folder })
  await first.stop('SIGKILL')
  await second.says("crm: it is this node's, in epoch 2")
  const again = await startCommand(ann, 'crm: this node waits: crm is lent to ben, in epoch 2', { folder })
  // Ended in order it gives the system back, and nobody has to wait.
  expect(await second.stop()).toMatchObject({ code: 0 })
  await again.says("crm: it is this node's, in epoch 3")
})
