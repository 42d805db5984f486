/** Two adapter nodes for one system, as processes: one works, the other waits, and takes over when the first is killed. */
import { expect, test, vi } from 'vitest'
import { adapterNode, folder } from './adapter-node.ts'
import { startCommand, startHub } from './skerry.ts'

vi.setConfig({ testTimeout: 120_000 })

test('RES-7: the second takes over when the first is killed, and the first then waits', async () => {
  const hub = await startHub({ folder })
  const [{ args: ann }, { args: ben }] = [await adapterNode(hub, 'ann'), await adapterNode(hub, 'ben')]
  const first = await startCommand(ann, "crm: it is this node's, in epoch 1", { folder })
  const second = await startCommand(ben, 'crm: this node waits: crm is lent to ann, in epoch 1', { folder })
  await first.stop('SIGKILL')
  await second.says("crm: it is this node's, in epoch 2")
  const again = await startCommand(ann, 'crm: this node waits: crm is lent to ben, in epoch 2', { folder })
  // Ended in order it gives the system back, and nobody has to wait.
  expect(await second.stop()).toMatchObject({ code: 0 })
  await again.says("crm: it is this node's, in epoch 3")
})
