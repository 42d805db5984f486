/** Files of a store that are not what they were: opened twice, copied, older than they should be. */
import { copyFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Accept } from '@skerry/store-sqlite'
import { sqliteStore } from '@skerry/store-sqlite'
import { describe, expect, test } from 'vitest'
import { HonestPair } from '../src/honest.ts'
import { refusal, refusalOf } from '../src/refusal.ts'
import {
  atHub,
  type Device,
  enrolled,
  issue,
  joinHub,
  openDevice,
  seen,
  startSpace,
  temporaryFolder,
} from '../src/space.ts'

/** A device on a file of its own, with an acknowledged job. */
async function world() {
  const space = await startSpace()
  const honest = await HonestPair.start(space)
  const path = join(temporaryFolder(), 'phone.db')
  const phone = await enrolled(space, { subject: 'tech:cleo' }, { store: sqliteStore({ path }) })
  const { link } = joinHub(space.hub, phone)
  await seen(phone, 'honest')
  await createSaved(phone, 'first')
  return { space, honest, path, phone, link }
}

async function createSaved({ replica }: Device, id: string): Promise<void> {
  await replica.jobs.create({ title: id, region: 'north' }, { id })
  await replica.jobs.saved(id, 'hub')
}

/** The database and what lies beside it, but neither the lock nor the ballast: what a backup takes. */
function copyStore(path: string, to: string): void {
  const own = readdirSync(dirname(path)).filter(
    (name) => name.startsWith(basename(path)) && !/\.(lock|ballast)$/.test(name),
  )
  for (const name of own) copyFileSync(join(dirname(path), name), to + name.slice(basename(path).length))
}

const open = (path: string, accept?: Accept) => sqliteStore({ path, ...(accept && { accept }) })

describe('fault S6: a store opened twice', () => {
  test('is refused with its owner; the owner goes on', async () => {
    const { space, honest, path, phone } = await world()
    const refused = await refusalOf(() => openDevice(space, { store: open(path) }))
    expect(refused).toMatchObject({
      name: 'StoreError',
      ...refusal('locked', path, `process ${process.pid}`),
    })
    await createSaved(phone, 'second')
    await atHub(space, 'second')
    await honest.goOn()
  })
})

describe('fault P11: a copied store', () => {
  test('is refused with both places; opened as a copy it is a device of its own, and both go on', async () => {
    const { space, honest, path, phone, link } = await world()
    await phone.replica.jobs.create({ title: 'not told yet', region: 'north' }, { id: 'pending' })
    await link.close()
    await phone.replica.close()
    const copy = join(temporaryFolder(), 'laptop.db')
    copyStore(path, copy)

    const refused = await refusalOf(() => openDevice(space, { store: open(copy) }))
    expect(refused).toMatchObject({
      name: 'StoreError',
      ...refusal('copied', copy, path, "accept: 'moved'", "accept: 'copy'"),
    })

    const original = await openDevice(space, { store: open(path) })
    const laptop = await openDevice(space, { store: open(copy, 'copy') })
    expect(laptop.replica.session.log).not.toBe(original.replica.session.log)
    expect(laptop.replica.publicKey).not.toEqual(original.replica.publicKey)
    expect(laptop.replica.credential).toBeUndefined()
    await laptop.replica.setCredential(await issue(space, laptop.replica.publicKey, { subject: 'tech:dora' }))
    for (const device of [original, laptop]) joinHub(space.hub, device)
    await createSaved(original, 'by-the-original')
    await createSaved(laptop, 'by-the-copy')
    for (const id of ['first', 'pending', 'by-the-original', 'by-the-copy']) await atHub(space, id)
    await Promise.all([seen(original, 'by-the-copy'), seen(laptop, 'by-the-original')])
    await honest.goOn()
  })
})

describe('fault S10: a store restored from an older copy', () => {
  test('of a device is refused; accepted, it gets back from the hub what it had lost, and goes on', async () => {
    const { space, honest, path, phone, link } = await world()
    const backup = join(temporaryFolder(), 'backup.db')
    await link.close()
    await phone.replica.close()
    copyStore(path, backup)
    const later = await openDevice(space, { store: open(path) })
    const laterLink = joinHub(space.hub, later).link
    await createSaved(later, 'after-the-backup')
    await laterLink.close()
    await later.replica.close()
    copyFileSync(backup, path)

    const refused = await refusalOf(() => openDevice(space, { store: open(path) }))
    expect(refused).toMatchObject({
      name: 'StoreError',
      ...refusal('restored', path, 'older than the log', "accept: 'restored'"),
    })

    const restored = await openDevice(space, { store: open(path, 'restored') })
    expect(await restored.replica.jobs.get('after-the-backup')).toBeUndefined()
    joinHub(space.hub, restored)
    await seen(restored, 'after-the-backup')
    await createSaved(restored, 'after-the-restore')
    await atHub(space, 'after-the-restore')
    await honest.goOn()
  })

  test('of a hub is refused; accepted, it gets back from the devices what it had lost', async () => {
    const { space, honest, phone } = await world()
    const { store, hub } = space
    const backup = join(temporaryFolder(), 'backup.db')
    await hub.close()
    copyStore(store, backup)
    const again = await startSpace({ store })
    joinHub(again.hub, phone)
    await createSaved(phone, 'after-the-backup')
    await again.hub.close()
    copyFileSync(backup, store)

    const refused = await refusalOf(() => startSpace({ store }))
    expect(refused).toMatchObject({ name: 'StoreError', ...refusal('restored', store, "accept: 'restored'") })

    const restored = await startSpace({ store, accept: 'restored' })
    expect(await restored.hub.replica.collection('jobs').get('after-the-backup')).toBeUndefined()
    joinHub(restored.hub, phone)
    await atHub(restored, 'after-the-backup')
    await createSaved(phone, 'after-the-restore')
    await honest.joinAgain(restored)
    await honest.kept()
  })
})
