/** A bit of a stored entry that flipped while nobody looked: found when it is read, never told to anyone, no matter of other records, and brought back by who has it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { ReplicaBase } from '@skerry/core'
import { backupSqlite, restoreSqlite, sqliteStore, verifySqlite } from '@skerry/store-sqlite'
import { expect, test } from 'vitest'
import { HonestPair } from '../src/honest.ts'
import { refusal, refusalOf } from '../src/refusal.ts'
import { runSkerry } from '../src/run-skerry.ts'
import {
  type Device,
  enrolled,
  joinHub,
  openDevice,
  type Space,
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

const retitle = ({ replica }: Device, id: string, title: string) =>
  replica.jobs.update(id, (job) => {
    job.title = title
  })

const north = { read: ['region:north'], write: ['region:north'] }

/** Resolves when the replica has no damaged record. */
function whole(replica: ReplicaBase): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (replica.quarantined.length > 0) return
      stop()
      resolve()
    }
    const stop = replica.onCommit(look)
    look()
  })
}

async function quarantinedAt({ hub, store }: Space): Promise<unknown> {
  const token = (await readFile(`${store}.admin-token`, 'utf8')).trim()
  const answer = await fetch(`${hub.url}/api/v1/quarantined-records`, {
    headers: { authorization: `Bearer ${token}` },
  })
  return answer.json()
}

/** A hub, started again, with a damaged job and a sound one, both by a device that has gone home. */
async function damagedSpace() {
  const store = join(temporaryFolder(), 'hub.db')
  const first = await startSpace({ store })
  const cleo = await enrolled(first, { subject: 'tech:cleo', ...north })
  const { link } = joinHub(first.hub, cleo)
  for (const id of ['damaged', 'sound']) {
    await create(cleo, id)
    await cleo.replica.jobs.saved(id, 'hub')
  }
  await link.close()
  await first.hub.close()
  backupSqlite(store, `${store}.backup`)
  damage(store, 'jobs/damaged')
  expect(verifySqlite(store).join()).toContain('entry')
  return { space: await startSpace({ store }), store, cleo }
}

test('fault S3: a hub sets a damaged record aside, alone; its readers go on with everything else, and a device that has it brings it back', async () => {
  const { space, store, cleo } = await damagedSpace()
  const ben = await enrolled(space, { subject: 'tech:ben', ...north })
  const { link } = joinHub(space.hub, ben)
  await seen(ben, 'sound')
  await retitle(ben, 'sound', 'edited')
  await ben.replica.jobs.saved('sound', 'hub')
  expect(await ben.replica.jobs.get('damaged')).toBeUndefined()
  expect(await quarantinedAt(space)).toMatchObject({ records: [{ record: 'jobs/damaged', code: 'damaged' }] })
  expect(space.logged).toContainEqual(
    expect.objectContaining({ code: 'record-quarantined', reason: 'damaged' }),
  )
  const metrics = await (await fetch(`${space.hub.url}/metrics`)).text()
  expect(metrics).toContain('skerry_quarantines_total{reason="damaged"} 1')
  expect((await runSkerry(['inspect', store, 'quarantine'], temporaryFolder())).out).toContain('damaged')

  joinHub(space.hub, cleo)
  await seen(ben, 'damaged')
  expect(await ben.replica.jobs.get('damaged')).toMatchObject({ title: 'damaged' })
  expect(await quarantinedAt(space)).toEqual({ records: [] })
  await retitle(ben, 'damaged', 'by ben')
  await ben.replica.jobs.saved('damaged', 'hub')
  expect(link.session?.state).toBe('open')
  expect(space.logged.filter(({ msg }) => msg === 'session ended')).toEqual([])
  await space.hub.close()
  expect(verifySqlite(store)).toEqual([])
})

test('fault S3: what nobody has any more stays aside at the hub, which serves everything else, until its backup is restored', async () => {
  const { space, store, cleo } = await damagedSpace()
  await cleo.replica.close()
  const ben = await enrolled(space, { subject: 'tech:ben', ...north })
  joinHub(space.hub, ben)
  await seen(ben, 'sound')
  expect(await ben.replica.jobs.get('damaged')).toBeUndefined()
  // What the hub shows of it is its row, which is sound.
  expect(await space.hub.replica.collection('jobs').get('damaged')).toMatchObject({ title: 'damaged' })
  await space.hub.close()

  restoreSqlite(`${store}.backup`, store, { replace: true })
  const again = await startSpace({ store })
  joinHub(again.hub, ben)
  await seen(ben, 'damaged')
  expect(await ben.replica.jobs.get('damaged')).toMatchObject({ title: 'damaged' })
})

test('fault S3: on a device an edit of a damaged record is refused with what to do, the others go on, and it has it from the hub when they meet', async () => {
  const space = await startSpace()
  const honest = await HonestPair.start(space)
  const path = join(temporaryFolder(), 'phone.db')
  const phone = await enrolled(space, { subject: 'tech:cleo', ...north }, { store: sqliteStore({ path }) })
  const { link } = joinHub(space.hub, phone)
  for (const id of ['damaged', 'sound']) {
    await create(phone, id)
    await phone.replica.jobs.saved(id, 'hub')
  }
  await link.close()
  await phone.replica.close()
  damage(path, 'jobs/damaged')

  const again = await openDevice(space, { store: sqliteStore({ path }) })
  const refused = await refusalOf(() => retitle(again, 'damaged', 'edited'))
  expect(refused).toMatchObject({
    name: 'RecordQuarantined',
    ...refusal('record-quarantined', 'jobs/damaged', 'checksum', 'peers are asked for it'),
  })
  await retitle(again, 'sound', 'edited')
  joinHub(space.hub, again)
  await again.replica.jobs.saved('sound', 'hub')
  await whole(again.replica)
  await retitle(again, 'damaged', 'edited')
  await again.replica.jobs.saved('damaged', 'hub')
  expect(await space.hub.replica.collection('jobs').get('damaged')).toMatchObject({ title: 'edited' })
  await honest.goOn()
  await again.replica.close()
  expect(verifySqlite(path)).toEqual([])
})

test('fault S3: a record’s row that is damaged at a hub is made anew of its entries, and nobody notices', async () => {
  const store = join(temporaryFolder(), 'hub.db')
  const first = await startSpace({ store })
  const cleo = await enrolled(first, { subject: 'tech:cleo', ...north })
  const { link } = joinHub(first.hub, cleo)
  await create(cleo, 'damaged')
  await cleo.replica.jobs.saved('damaged', 'hub')
  await link.close()
  await first.hub.close()
  const db = new DatabaseSync(store)
  db.exec("UPDATE records SET view = replace(view, 'damaged', 'dameged') WHERE record = 'jobs/damaged'")
  db.close()
  const space = await startSpace({ store })
  const ben = await enrolled(space, { subject: 'tech:ben', ...north })
  joinHub(space.hub, ben)
  joinHub(space.hub, cleo)
  await seen(ben, 'damaged')
  expect(await space.hub.replica.collection('jobs').get('damaged')).toMatchObject({ title: 'damaged' })
  await retitle(ben, 'damaged', 'by ben')
  await ben.replica.jobs.saved('damaged', 'hub')
  expect(space.logged.filter(({ msg }) => msg === 'session ended')).toEqual([])
  await space.hub.close()
  expect(verifySqlite(store)).toEqual([])
})
