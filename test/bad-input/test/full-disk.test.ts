/** A full disk: what cannot be made durable is refused and not acknowledged; what was acknowledged is there; everybody else goes on. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteStore } from '@skerry/store-sqlite'
import { afterAll, expect, test } from 'vitest'
import { HonestPair } from '../src/honest.ts'
import { refusal } from '../src/refusal.ts'
import { SmallDisk } from '../src/small-disk.ts'
import { atHub, enrolled, joinHub, seen, startSpace } from '../src/space.ts'

/** Bytes: room for a store with its ballast of 4 MiB, and no more than a moment's work takes. */
const DISK_BYTES = 12 * 2 ** 20
/** Edits after which a disk that was filled must have refused one. */
const EDITS_MAX = 5_000

const folder = mkdtempSync(join(tmpdir(), 'skerry-full-disk-'))
const disks = [
  new SmallDisk(mkdtempSync(join(folder, 'device-')), DISK_BYTES),
  new SmallDisk(mkdtempSync(join(folder, 'hub-')), DISK_BYTES),
] as const
afterAll(() => {
  for (const disk of disks) disk.unmount()
  rmSync(folder, { recursive: true, force: true })
})

test.skipIf(disks[0].unmountable)(
  'fault S1: of a device: the edit is refused where it is written, and all that were not arrive at the hub',
  async () => {
    const [disk] = disks
    const space = await startSpace()
    const honest = await HonestPair.start(space)
    const path = join(disk.path, 'phone.db')
    const phone = await enrolled(space, { subject: 'tech:cleo' }, { store: sqliteStore({ path }) })
    const { jobs } = phone.replica
    const { link } = joinHub(space.hub, phone)
    await seen(phone, 'honest')
    disk.fill()

    const acknowledged: string[] = []
    let refused: unknown
    while (!refused && acknowledged.length < EDITS_MAX) {
      const id = `edit-${acknowledged.length}`
      await jobs.create({ title: id, region: 'north', notes: 'n'.repeat(500) }, { id }).then(
        () => acknowledged.push(id),
        (error: unknown) => {
          refused = error
        },
      )
    }
    expect(refused).toMatchObject({ name: 'StoreError', ...refusal('full', path, 'full', 'free space') })
    for (const id of acknowledged) expect(await jobs.get(id), id).toMatchObject({ title: id })
    expect(await jobs.get(`edit-${acknowledged.length}`)).toBeUndefined()
    await honest.goOn()

    disk.makeRoom()
    await jobs.create({ title: 'there is room again', region: 'north' }, { id: 'again' })
    link.wake()
    for (const id of [...acknowledged, 'again']) await atHub(space, id)
    await honest.goOn()
  },
)

test.skipIf(disks[1].unmountable)(
  'fault S2: of a hub: nothing more is acknowledged, sessions are told why, and all of it arrives once there is room',
  async () => {
    const disk = disks[1]
    const space = await startSpace({ store: join(disk.path, 'hub.db') })
    const honest = await HonestPair.start(space)
    const phone = await enrolled(space, { subject: 'tech:cleo' })
    const { jobs } = phone.replica
    const { link, firstEnd } = joinHub(space.hub, phone)
    await seen(phone, 'honest')
    disk.fill()

    const acknowledged: string[] = []
    const ended = firstEnd.then((ending) => ({ ending }))
    for (let number = 0; number < EDITS_MAX; number += 1) {
      const id = `edit-${number}`
      await jobs.create({ title: id, region: 'north', notes: 'n'.repeat(500) }, { id })
      const answer = await Promise.race([jobs.saved(id, 'hub'), ended])
      if (answer) break
      acknowledged.push(id)
    }
    expect(await firstEnd).toMatchObject({
      code: 4507,
      retry: true,
      error: refusal('storage-full', 'no room', 'not acknowledged', 'try again later'),
    })
    const atHubNow = space.hub.replica.collection('jobs')
    for (const id of ['honest', ...acknowledged]) expect(await atHubNow.get(id), id).toBeDefined()
    const ready = await fetch(`${space.hub.url}/readyz`)
    expect([ready.status, await ready.text()]).toEqual([503, expect.stringMatching(/full|room/)])

    disk.makeRoom()
    link.wake()
    await atHub(space, `edit-${acknowledged.length}`)
    await honest.kept()
  },
)
