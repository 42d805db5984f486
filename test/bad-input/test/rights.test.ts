/** Who may not, is told so, and keeps what was written beside the record; everybody else goes on. */
import { createAuthority } from '@skerry/credentials'
import { describe, expect, test } from 'vitest'
import { HonestPair } from '../src/honest.ts'
import { inMessage, refusal, refusalOf } from '../src/refusal.ts'
import { atHub, enrolled, HOUR_MS, issue, joinHub, openDevice, seen, startSpace } from '../src/space.ts'

async function world() {
  const space = await startSpace()
  return { space, honest: await HonestPair.start(space) }
}

describe('fault A1: a wrong credential', () => {
  test('of another authority is refused by the device that is handed it', async () => {
    const { space, honest } = await world()
    const { replica } = await openDevice(space)
    const token = await issue({ authority: await createAuthority() }, replica.publicKey, {
      subject: 'tech:eve',
    })
    const refused = await refusalOf(() => replica.setCredential(token))
    expect(refused).toMatchObject(
      refusal('credential-bad-signature', "authority of space 'acme'", 'ask the operator'),
    )
    await honest.goOn()
  })

  test('of another authority is refused by the hub, and the device keeps what it wrote', async () => {
    const { space, honest } = await world()
    const authority = await createAuthority()
    const device = await openDevice({ ...space, hub: { ...space.hub, authority: authority.publicKey } })
    const { jobs } = device.replica
    await device.replica.setCredential(
      await issue({ authority }, device.replica.publicKey, { subject: 'tech:eve' }),
    )
    const job = await jobs.create({ title: 'kept here', region: 'north' })
    const { link, firstEnd } = joinHub(space.hub, device)
    const refused = refusal('credential-bad-signature', "authority of space 'acme'", 'ask the operator')
    expect(await firstEnd).toMatchObject({ code: 4401, retry: false, error: refused })
    await expect(link.opened()).rejects.toMatchObject({ code: 'other-authority' })
    expect(link.state.phase).toBe('blocked')
    expect(await jobs.get(job.id)).toMatchObject({ title: 'kept here' })
    await honest.goOn()
  })

  test('for another space is refused', async () => {
    const { space, honest } = await world()
    const { replica } = await openDevice(space)
    const token = await issue(space, replica.publicKey, { subject: 'tech:eve', space: 'initech' })
    const refused = await refusalOf(() => replica.setCredential(token))
    expect(refused).toMatchObject(
      refusal('credential-wrong-space', '"initech"', "'acme'", 'use a credential of this space'),
    )
    await honest.goOn()
  })

  test("of another device's key is refused", async () => {
    const { space, honest } = await world()
    const [mine, theirs] = [await openDevice(space), await openDevice(space)]
    const token = await issue(space, theirs.replica.publicKey, { subject: 'tech:ana' })
    const refused = await refusalOf(() => mine.replica.setCredential(token))
    expect(refused).toMatchObject(
      refusal('credential-malformed', 'tech:ana', "another device's key", 'ask for one for'),
    )
    await honest.goOn()
  })

  test('that is missing is asked for; once it is there, the same link brings what was written before', async () => {
    const { space, honest } = await world()
    const device = await openDevice(space)
    const { replica } = device
    const job = await replica.jobs.create({ title: 'before enrolment', region: 'north' })
    const { link, firstEnd } = joinHub(space.hub, device)
    expect(await firstEnd).toMatchObject({
      code: 4401,
      error: refusal('credential-missing', 'enrol this device first'),
    })
    await honest.goOn()
    const token = await issue(space, replica.publicKey, { subject: 'tech:new' })
    await replica.setCredential(token)
    link.renew(token)
    await atHub(space, job.id)
    await honest.goOn()
  })
})

test('fault T5: an expired credential ends the session; a new one brings what was written meanwhile', async () => {
  const { space, honest } = await world()
  const device = await openDevice(space)
  const { replica } = device
  const past = { issuedAt: Date.now() - 2 * HOUR_MS, expiresAt: Date.now() - HOUR_MS }
  await replica.setCredential(await issue(space, replica.publicKey, { subject: 'tech:late', ...past }))
  const job = await replica.jobs.create({ title: 'written with an old one', region: 'north' })
  const { link, firstEnd } = joinHub(space.hub, device)
  const expired = refusal(
    'credential-expired',
    'tech:late',
    'expired at 20',
    'ask the operator for a new one',
  )
  expect(await firstEnd).toMatchObject({ code: 4401, retry: false, error: expired })
  await honest.goOn()
  const token = await issue(space, replica.publicKey, { subject: 'tech:late' })
  await replica.setCredential(token)
  link.renew(token)
  await atHub(space, job.id)
  await honest.goOn()
})

describe('an edit without the right to it', () => {
  test('fault A3: under a read-only credential is set aside with the reason', async () => {
    const { space, honest } = await world()
    const device = await enrolled(space, { subject: 'tech:reader', read: ['region:north'], write: [] })
    const { jobs } = device.replica
    const { link } = joinHub(space.hub, device)
    await seen(device, 'honest')
    const job = await jobs.create({ title: 'not allowed', region: 'north' })
    const key = `jobs/${job.id}`
    const refused = await refusalOf(() => jobs.saved(job.id, 'hub'))
    const words = ['tech:reader may read', key, 'ask the operator'] as const
    expect(refused).toMatchObject({ name: 'SaveRefused', place: 'hub', ...refusal('read-only', ...words) })
    expect(await device.replica.aside()).toMatchObject([
      { record: key, code: 'read-only', reason: inMessage(...words) },
    ])
    expect(await space.hub.replica.collection('jobs').get(job.id)).toBeUndefined()
    expect(link.state.phase).toBe('open')
    await honest.goOn()
  })

  test('into a channel that was not granted is set aside; the other edits of the device go through', async () => {
    const { space, honest } = await world()
    const device = await enrolled(space, {
      subject: 'tech:north',
      read: ['region:north'],
      write: ['region:north'],
    })
    const { jobs } = device.replica
    const { link } = joinHub(space.hub, device)
    await link.opened()
    const bad = await jobs.create({ title: 'not allowed', region: 'south' })
    const good = await jobs.create({ title: 'allowed', region: 'north' })
    const refused = await refusalOf(() => jobs.saved(bad.id, 'hub'))
    const words = ['tech:north', `jobs/${bad.id}`, 'region:south', 'ask the operator']
    expect(refused).toMatchObject({ name: 'SaveRefused', ...refusal('channel-not-granted', ...words) })
    await jobs.saved(good.id, 'hub')
    expect(await space.hub.replica.collection('jobs').get(good.id)).toMatchObject({ title: 'allowed' })
    expect(await space.hub.replica.collection('jobs').get(bad.id)).toBeUndefined()
    expect(link.state.phase).toBe('open')
    await honest.goOn()
  })

  test('of a record in a channel that was not granted leaves the record as it was, on the device too', async () => {
    const { space, honest } = await world()
    const device = await enrolled(space, {
      subject: 'tech:half',
      read: ['region:north'],
      write: ['region:south'],
    })
    const { jobs } = device.replica
    joinHub(space.hub, device)
    await seen(device, 'honest')
    await jobs.update('honest', (job) => {
      job.title = 'defaced'
    })
    const refused = await refusalOf(() => jobs.saved('honest', 'hub'))
    expect(refused).toMatchObject(
      refusal('not-granted', 'tech:half', 'jobs/honest', 'region:north', 'ask the operator'),
    )
    expect(await jobs.get('honest')).toMatchObject({ title: 'acknowledged before' })
    await honest.goOn()
  })
})
