/** A bit of a stored entry that flipped while nobody looked: found when it is read, never told to anyone, and no matter of other records. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { backupSqlite, restoreSqlite, sqliteStore, verifySqlite } from '@skerry/store-sqlite'
import { expect, test } from 'vitest'
import { HonestPair } from '../src/honest.ts'
import { inMessage, refusal, refusalOf } from '../src/refusal.ts'
import {
  type Device,
  enrolled,
  issue,
  joinHub,
  openDevice,
  seen,
  startSpace,
  temporaryFolder,
} from '../src/space.ts'

/** Flips one bit in the middle of every entry of this record. */
function damage(path: string, record: string): void {
  const db = new DatabaseSync(path)
  const wanted = db.prepare('SELECT id FROM records WHERE record = ?').get(record)
  const rows = db.prepare('SELECT seq, bytes FROM entries WHERE record = ?').all(Number(wanted?.id))
  expect(rows.length).toBeGreaterThan(0)
  for (const row of rows) {
    const bytes = new Uint8Array(row.bytes as Uint8Array)
    const at = bytes.length >> 1
    bytes[at] = bytes[at]! ^ 1
    db.prepare('UPDATE entries SET bytes = ? WHERE seq = ?').run(bytes, Number(row.seq))
  }
  db.close()
}

const create = ({ replica }: Device, id: string) =>
  replica.jobs.create({ title: id, region: 'north' }, { id })

test('fault S3: on a device an edit of that record is refused with what to do, the others go on, and a store made anew has it from the hub', async () => {
  const space = await startSpace()
  const honest = await HonestPair.start(space)
  const path = join(temporaryFolder(), 'phone.db')
  const phone = await enrolled(space, { subject: 'tech:cleo' }, { store: sqliteStore({ path }) })
  const { link } = joinHub(space.hub, phone)
  for (const id of ['damaged', 'sound']) {
    await create(phone, id)
    await phone.replica.jobs.saved(id, 'hub')
  }
  await link.close()
  await phone.replica.close()
  damage(path, 'jobs/damaged')
  expect(verifySqlite(path).join()).toContain('entry')

  const again = await openDevice(space, { store: sqliteStore({ path }) })
  joinHub(space.hub, again)
  const edit = (id: string) =>
    again.replica.jobs.update(id, (job) => {
      job.title = 'edited'
    })
  const refused = await refusalOf(() => edit('damaged'))
  expect(refused).toMatchObject({
    name: 'StoreError',
    ...refusal('corrupt', path, 'checksum', 'sync again from peers'),
  })
  await edit('sound')
  await again.replica.jobs.saved('sound', 'hub')
  expect(await space.hub.replica.collection('jobs').get('damaged')).toMatchObject({ title: 'damaged' })
  await honest.goOn()

  const anew = await openDevice(space, { store: sqliteStore({ path: join(temporaryFolder(), 'phone.db') }) })
  await anew.replica.setCredential(await issue(space, anew.replica.publicKey, { subject: 'tech:cleo' }))
  joinHub(space.hub, anew)
  await seen(anew, 'damaged')
  expect(await anew.replica.jobs.get('damaged')).toMatchObject({ title: 'damaged' })
})

test('fault S3: a hub tells nobody a damaged entry: sessions that would read it end with the reason, until its backup is restored', async () => {
  const folder = temporaryFolder()
  const [store, backup] = [join(folder, 'hub.db'), join(folder, 'backup.db')]
  const first = await startSpace({ store })
  const phone = await enrolled(first, { subject: 'tech:cleo' })
  const { link } = joinHub(first.hub, phone)
  await create(phone, 'damaged')
  await phone.replica.jobs.saved('damaged', 'hub')
  await link.close()
  await first.hub.close()
  backupSqlite(store, backup)
  damage(store, 'jobs/damaged')

  const space = await startSpace({ store })
  const late = await enrolled(space, { subject: 'tech:late' })
  const { firstEnd } = joinHub(space.hub, late)
  expect(await firstEnd).toMatchObject({ code: 4507, retry: true, error: { code: 'storage-failed' } })
  expect(await late.replica.jobs.get('damaged')).toBeUndefined()
  const told = space.logged.find(({ msg, reason }) => msg === 'session ended' && reason === 'storage-failed')
  expect(told).toMatchObject({ error: inMessage('checksum of entry', 'restore a backup or sync again') })
  await space.hub.close()

  restoreSqlite(backup, store, { replace: true })
  const again = await startSpace({ store })
  joinHub(again.hub, late)
  await seen(late, 'damaged')
  expect(await late.replica.jobs.get('damaged')).toMatchObject({ title: 'damaged' })
})
