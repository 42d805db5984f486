/** A second implementation of a device, written from the pages, meets a real hub over a WebSocket, and a device of the project through it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collection, memoryStore, type Store, StoreError, type TableWrite } from '@skerry/core'
import { createLog, type Hub, startHub } from '@skerry/hub'
import { openReplica } from '@skerry/node'
import { connect } from '@skerry/ws'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { makeKey, Stranger } from './stranger.ts'
import { readRow } from './tables.ts'

const SPACE = 'skerries'
const HOUR_MS = 3_600_000
const folder = mkdtempSync(join(tmpdir(), 'skerry-stranger-'))
const visits = collection('visits', z.object({ title: z.string(), site: z.string() }), {
  channels: (visit) => [`site:${visit.site}`],
})

let hub: Hub
beforeAll(async () => {
  const log = createLog({ level: 'error' })
  hub = await startHub(
    { space: SPACE, collections: { visits } },
    { port: 0, store: join(folder, 'hub.db'), log },
  )
})
afterAll(async () => {
  await hub.close()
  rmSync(folder, { recursive: true, force: true })
})

const grant = (publicKey: Uint8Array, subject: string, channels: string[]) =>
  hub.issue({ subject, publicKey, read: channels, write: channels, expiresAt: Date.now() + HOUR_MS })

/** `as`: who it says it is, where that is another one. */
async function meet(channels: string[], as: { seed?: Uint8Array } = {}): Promise<Stranger> {
  const key = makeKey()
  const token = await grant(key.publicKey, 'stranger', channels)
  const socket = new WebSocket(hub.syncUrl, 'skerry.v1')
  socket.binaryType = 'arraybuffer'
  const options = { key: { ...key, ...as }, space: SPACE, token, authority: hub.authority }
  const stranger = new Stranger(options, {
    send: (message) => socket.send(message as Uint8Array<ArrayBuffer>),
  })
  const failed = new Promise<never>((_, reject) => {
    socket.onmessage = ({ data }) => {
      try {
        stranger.hear(new Uint8Array(data as ArrayBuffer))
      } catch (error) {
        reject(error)
      }
    }
    socket.onerror = () => reject(new Error('the socket broke'))
  })
  onTestFinished(() => socket.close())
  await Promise.race([failed, expect.poll(() => stranger.isCurrent || stranger.ended).toBeTruthy()])
  return stranger
}

/** A device of the project. */
async function openDevice() {
  const store = memoryStore()
  const replica = await openReplica({
    store,
    space: SPACE,
    authority: hub.authority,
    collections: { visits },
  })
  await replica.setCredential(await grant(replica.publicKey, 'tech:ana', ['site:SEA']))
  const link = connect(replica, hub.syncUrl)
  onTestFinished(async () => {
    await link.close()
    await replica.close()
  })
  await link.opened
  return replica
}

describe('a stranger', () => {
  test('session H1 to H4, I2: proves its key, tells a signed edit, and hears that it is durable', async () => {
    const stranger = await meet(['site:SEA'])
    stranger.create('visits/s', { title: 'by a stranger', site: 'SEA' })
    await expect.poll(() => stranger.acknowledged).toBe(1)
    expect(stranger.refusals).toEqual([])
    const [state] = await Promise.all([hub.replica.collection('visits').get('s')])
    expect(state).toEqual({ id: 's', title: 'by a stranger', site: 'SEA' })
  })

  test('replica A-3, session O1: reads what another device wrote, and that one reads the stranger', async () => {
    const device = await openDevice()
    const stranger = await meet(['site:SEA'])
    await device.visits.create({ title: 'by ana', site: 'SEA' }, { id: 'a' })
    await expect.poll(() => stranger.records.get('visits/a')?.value).toEqual({ title: 'by ana', site: 'SEA' })
    expect(stranger.records.get('visits/a')?.author).toBe('tech:ana')
    await expect.poll(() => stranger.entered.get('visits/a')).toEqual(new Set(['site:SEA']))
    stranger.create('visits/t', { title: 'for ana', site: 'SEA' })
    await expect.poll(() => device.visits.get('t')).toMatchObject({ title: 'for ana' })
  })

  test('session I4: hears that an edit outside of its channels is refused, and why', async () => {
    const stranger = await meet(['site:SEA'])
    stranger.create('visits/n', { title: 'elsewhere', site: 'NYC' })
    await expect.poll(() => stranger.acknowledged).toBe(1)
    expect(stranger.refusals).toMatchObject([{ seq: 1, code: 'channel-not-granted' }])
  })

  test('session H3: is not believed with another key than its credential names', async () => {
    const stranger = await meet(['site:SEA'], { seed: makeKey().seed })
    expect(stranger.ended).toBe('bad-proof')
    expect(stranger.isOpen).toBe(false)
  })
})

test('TABLES, hub: the process of a hub leaves a probe where its store failed', async () => {
  const rows: TableWrite[] = []
  let isFull = false
  const openStore = (): Store => {
    const store = memoryStore()
    const commit: Store['commit'] = async (batch) => {
      if (isFull) throw new StoreError('full', 'no room')
      await store.commit(batch)
      rows.push(...batch.tables.filter(({ table }) => table === 'hub'))
    }
    return { ...store, commit }
  }
  const settings = {
    port: 0,
    store: join(folder, 'probed.db'),
    openStore,
    log: createLog({ level: 'silent' }),
  }
  const failing = await startHub({ space: SPACE, collections: { visits } }, settings)
  onTestFinished(() => failing.close())
  isFull = true
  const created = failing.replica.collection('visits').create({ title: 'a', site: 'SEA' })
  await expect(created).rejects.toThrow('no room')
  isFull = false
  expect((await fetch(`${failing.url}/readyz`)).status).toBe(200)
  expect(rows.map(({ key, value }) => [key, typeof readRow('hub', key, value!)])).toEqual([
    ['probe', 'number'],
  ])
})
