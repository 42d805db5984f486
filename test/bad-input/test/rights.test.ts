/** Who may not, is told so, and keeps what was written beside the record; everybody else goes on. */
import { createAuthority, issueCredential } from '@skerry/credentials'
import { describe, expect, test } from 'vitest'
import { HonestPair } from '../src/honest.ts'
import { SPACE } from '../src/jobs.ts'
import { enrolled, HOUR_MS, issue, joinHub, openDevice, startSpace } from '../src/space.ts'

async function world() {
  const space = await startSpace()
  return { space, honest: await HonestPair.start(space) }
}

describe('a credential', () => {
  test('that another authority signed is refused by the device itself', async () => {
    const { space, honest } = await world()
    const { replica } = await openDevice(space)
    const stranger = { authority: await createAuthority() }
    const token = await issue(stranger, replica.publicKey, { subject: 'tech:eve' })
    const refused = await replica.setCredential(token).catch((error: unknown) => error)
    console.log(refused)
    expect(refused).toMatchObject({ name: 'CredentialError', code: 'credential-bad-signature' })
    await honest.goOn()
  })

  test('that another authority signed is refused by the hub', async () => {
    const { space, honest } = await world()
    const stranger = await createAuthority()
    const { replica } = await openDevice({ ...space, hub: { ...space.hub, authority: stranger.publicKey } })
    await replica.setCredential(await issue({ authority: stranger }, replica.publicKey, { subject: 'tech:eve' }))
    const job = await replica.jobs.create({ title: 'kept here', region: 'north' })
    const { link, firstEnd } = joinHub(space.hub, { replica })
    const { code, error } = await firstEnd
    console.log(code, error, link.state)
    expect(code).toBe(4401)
    expect(error).toMatchObject({ code: 'credential-bad-signature' })
    expect(link.state).toMatchObject({ phase: 'blocked', lastError: { code: 'credential-refused' } })
    expect(await replica.jobs.get(job.id)).toMatchObject({ title: 'kept here' })
    await honest.goOn()
  })

  test('for another space is refused by the hub', async () => {
    const { space, honest } = await world()
    const { replica } = await openDevice(space)
    const token = await issue(space, replica.publicKey, { subject: 'tech:eve', space: 'initech' })
    const refused = await replica.setCredential(token).catch((error: unknown) => error)
    console.log(refused)
    expect(refused).toMatchObject({ code: 'credential-wrong-space' })
    await honest.goOn()
  })

  test('that is missing is asked for', async () => {
    const { space, honest } = await world()
    const device = await openDevice(space)
    const job = await device.replica.jobs.create({ title: 'before enrolment', region: 'north' })
    const { link, firstEnd } = joinHub(space.hub, device)
    const { code, error } = await firstEnd
    console.log(code, error, link.state)
    expect(code).toBe(4401)
    expect(error).toMatchObject({ code: 'credential-missing' })
    await honest.goOn()
    // Once enrolled, the same link brings what was written before.
    const token = await issue(space, device.replica.publicKey, { subject: 'tech:new' })
    await device.replica.setCredential(token)
    link.renew(token)
    await device.replica.jobs.saved(job.id, 'hub')
    expect(await space.hub.replica.collection('jobs').get(job.id)).toMatchObject({ title: 'before enrolment' })
    await honest.goOn()
  })

  test('that has expired ends the session, and a new one brings what was written meanwhile', async () => {
    const { space, honest } = await world()
    const device = await openDevice(space)
    const { replica } = device
    const token = await issueCredential(space.authority, {
      space: SPACE, subject: 'tech:late', publicKey: replica.publicKey, role: 'device', read: ['*'], write: ['*'], systems: [],
      issuedAt: Date.now() - 2 * HOUR_MS, expiresAt: Date.now() - HOUR_MS,
    })
    await replica.setCredential(token)
    const job = await replica.jobs.create({ title: 'written with an old credential', region: 'north' })
    const { link, firstEnd } = joinHub(space.hub, device)
    const { code, error } = await firstEnd
    console.log(code, error, link.state)
    expect(code).toBe(4401)
    expect(error).toMatchObject({ code: 'credential-expired' })
    await honest.goOn()
    const renewed = await issue(space, replica.publicKey, { subject: 'tech:late' })
    await replica.setCredential(renewed)
    link.renew(renewed)
    await replica.jobs.saved(job.id, 'hub')
    expect(await space.hub.replica.collection('jobs').get(job.id)).toMatchObject({ title: 'written with an old credential' })
    await honest.goOn()
  })
})

describe('an edit without the right to it', () => {
  test('under a read-only credential is set aside', async () => {
    const { space, honest } = await world()
    const device = await enrolled(space, { subject: 'tech:reader', read: ['region:north'], write: [] })
    const { link } = joinHub(space.hub, device)
    await link.opened()
    const job = await device.replica.jobs.create({ title: 'not allowed', region: 'north' })
    const refused = await device.replica.jobs.saved(job.id, 'hub').catch((error: unknown) => error)
    console.log(refused, await device.replica.aside(), space.logged.filter((l) => l['code'] === 'entry-refused'))
    expect(refused).toMatchObject({ name: 'SaveRefused', code: 'read-only', place: 'hub' })
    expect(await device.replica.aside()).toMatchObject([{ record: `jobs/${job.id}`, code: 'read-only', edits: expect.anything() }])
    expect(link.state.phase).toBe('open')
    await honest.goOn()
  })

  test('into a channel that is not granted is set aside, and the other edits of the device go through', async () => {
    const { space, honest } = await world()
    const device = await enrolled(space, { subject: 'tech:north', read: ['region:north'], write: ['region:north'] })
    const { link } = joinHub(space.hub, device)
    await link.opened()
    const bad = await device.replica.jobs.create({ title: 'not allowed', region: 'south' })
    const good = await device.replica.jobs.create({ title: 'allowed', region: 'north' })
    const refused = await device.replica.jobs.saved(bad.id, 'hub').catch((error: unknown) => error)
    console.log(refused, await device.replica.aside())
    expect(refused).toMatchObject({ name: 'SaveRefused', code: 'channel-not-granted' })
    await device.replica.jobs.saved(good.id, 'hub')
    expect(await space.hub.replica.collection('jobs').get(good.id)).toMatchObject({ title: 'allowed' })
    expect(await space.hub.replica.collection('jobs').get(bad.id)).toBeUndefined()
    expect(link.state.phase).toBe('open')
    await honest.goOn()
  })

  test('of a record in a channel that is not granted is refused', async () => {
    const { space, honest } = await world()
    const device = await enrolled(space, { subject: 'tech:half', read: ['region:north'], write: ['region:south'] })
    const { link } = joinHub(space.hub, device)
    await link.opened()
    while (!(await device.replica.jobs.get('honest'))) await new Promise<void>((resolve) => { const stop = device.replica.onCommit(() => { stop(); resolve() }) })
    await device.replica.jobs.update('honest', (job) => { job.title = 'defaced' })
    const refused = await device.replica.jobs.saved('honest', 'hub').catch((error: unknown) => error)
    console.log(refused)
    expect(refused).toMatchObject({ name: 'SaveRefused', code: 'not-granted' })
    expect(await device.replica.jobs.get('honest')).toMatchObject({ title: 'acknowledged before' })
    await honest.goOn()
  })
})
