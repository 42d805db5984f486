/** A file system that may only be read: a node does not start on it, says what to do, changes nothing, and starts once it may be written. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteStore } from '@skerry/store-sqlite'
import { afterAll, expect, test } from 'vitest'
import { HonestPair } from '../src/honest.ts'
import { refusal, refusalOf } from '../src/refusal.ts'
import { runSkerry } from '../src/run-skerry.ts'
import { SmallDisk } from '../src/small-disk.ts'
import { atHub, enrolled, joinHub, openDevice, startSpace } from '../src/space.ts'

const DISK_BYTES = 16 * 2 ** 20

const folder = mkdtempSync(join(tmpdir(), 'skerry-read-only-'))
const disk = new SmallDisk(folder, DISK_BYTES)
afterAll(() => {
  disk.unmount()
  rmSync(folder, { recursive: true, force: true })
})

test.skipIf(disk.unmountable)(
  'fault S9: a device and a hub are refused their stores, with what to do; once the disk may be written they go on',
  async () => {
    const space = await startSpace()
    const honest = await HonestPair.start(space)
    const path = join(disk.path, 'phone.db')
    const phone = await enrolled(space, { subject: 'tech:cleo' }, { store: sqliteStore({ path }) })
    await phone.replica.jobs.create({ title: 'kept', region: 'north' }, { id: 'kept' })
    await phone.replica.close()
    const config = "export default { space: 'acme', collections: {}, hub: { port: 0 } }\n"
    writeFileSync(join(folder, 'skerry.config.mjs'), config)
    const before = readdirSync(disk.path)
    disk.makeReadOnly()

    const refused = await refusalOf(() => openDevice(space, { store: sqliteStore({ path }) }))
    expect(refused).toMatchObject({
      name: 'StoreError',
      ...refusal('io', path, 'may be written'),
    })
    const { code, err } = await runSkerry(['hub', '--store', join(disk.path, 'hub.db')], folder)
    // A new hub makes its secrets first.
    expect([code, err]).toEqual([4, expect.stringMatching(/read-only/)])
    expect(readdirSync(disk.path)).toEqual(before)
    await honest.goOn()

    disk.makeWritable()
    const again = await openDevice(space, { store: sqliteStore({ path }) })
    expect(await again.replica.jobs.get('kept')).toMatchObject({ title: 'kept' })
    joinHub(space.hub, again)
    await atHub(space, 'kept')
    await honest.goOn()
  },
)
