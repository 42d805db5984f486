/** `skerry proof` at a running hub, and without one. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MemoryDisk, memoryStore, toHex } from '@skerry/core'
import { createLog, startHub } from '@skerry/hub'
import { nodeHost, openReplica } from '@skerry/node'
import { connect } from '@skerry/ws'
import { expect, it, onTestFinished } from 'vitest'
import config from './config/skerry.config.ts'
import { runHere } from './in-process.ts'
import { temporaryFolder } from './skerry.ts'

const job = { title: 'pump', region: 'north' }

it('fault C6: the operator lists, fetches, checks and lifts', async () => {
  const folder = temporaryFolder()
  const store = join(folder, 'hub.db')
  const hub = await startHub(config, { store, port: 0, log: createLog({ level: 'silent' }) })
  onTestFinished(() => hub.close())
  const atHub = ['--hub', hub.url, '--store', store]
  const { collections, space } = config
  const random = (bytes: number) => new Uint8Array(bytes).fill(7)
  const disk = new MemoryDisk()
  const device = await openReplica({ store: memoryStore({ disk }), collections, space })
  const grant = { subject: 'tech:eve', publicKey: device.publicKey, read: ['*'], write: ['*'] }
  await device.setCredential(await hub.issue({ ...grant, expiresAt: Date.now() + 60_000 }))
  await device.close()
  for (const title of ['one', 'two']) {
    const life = await openReplica({
      store: memoryStore({ disk: disk.clone() }),
      host: { ...nodeHost(), random },
      authority: hub.authority,
      collections,
      space,
    })
    await life.collection('jobs').create({ ...job, title }, { id: 'j1' })
    const heard = new Promise<void>((resolve) => {
      const stop = hub.replica.onCommit(({ changes }) => {
        if (changes.length === 0 && hub.replica.proofs().length === 0) return
        stop()
        resolve()
      })
    })
    const link = connect(life, hub.syncUrl)
    await heard
    await link.close()
    await life.close()
  }
  const key = toHex(device.publicKey)
  const listed = await runHere(['proof', 'list', ...atHub, '--json'], folder)
  const [{ actor }] = JSON.parse(listed.out) as [{ actor: string }]
  expect((await runHere(['proof', 'list', ...atHub], folder)).out).toMatch(
    new RegExp(`tech:eve +${key} +jobs/j1 +${actor} .*in quarantine`),
  )
  const fetched = await runHere(['proof', 'fetch', actor, ...atHub], folder)
  writeFileSync(join(folder, 'eve.proof'), fetched.out)
  const against = ['--authority-key', toHex(hub.authority), '--space', space]
  const checked = await runHere(['proof', 'check', 'eve.proof', ...against], folder)
  expect(checked).toMatchObject({ code: 0, out: expect.stringContaining(`proven: tech:eve (device ${key})`) })
  const wrong = ['--authority-key', 'ab'.repeat(32), '--space', space]
  expect(await runHere(['proof', 'check', 'eve.proof', ...wrong], folder)).toMatchObject({ code: 1, out: '' })
  expect((await runHere(['proof', 'check', 'missing', ...against], folder)).code).toBe(2)
  expect(
    (await runHere(['proof', 'check', 'eve.proof', '--authority-key', 'x', '--space', space], folder)).code,
  ).toBe(2)
  expect((await runHere(['proof', 'lift', key, ...atHub], folder)).out).toBe(
    `lifted the quarantine of ${key}\n`,
  )
  expect((await runHere(['proof', 'lift', key, ...atHub], folder)).code).toBe(1)
  expect((await runHere(['proof', 'list', ...atHub], folder)).out).toContain('lifted ')
})
