/** Webhooks: batches, signatures as HubSpot's own client checks them, retries, disorder, duplicates. */
import { Signature } from '@hubspot/api-client/lib/src/utils/signature.js'
import { defaultHubSpotClient } from '@skerry/sandbox/hubspot'
import { expect, test } from 'vitest'
import { startReceiver } from '../crm.ts'
import { startAccount } from './account.ts'

type Told = Record<string, unknown>

async function listening(answers: number[] = []) {
  const account = await startAccount({ settings: { webhookScheduleMs: [0, 60_000] } })
  const receiver = await startReceiver(answers)
  await account.admin('PUT', '/webhook', { targetUrl: receiver.url })
  const next = async () => {
    const { text, headers } = await receiver.next()
    return { text, headers, events: JSON.parse(text) as Told[] }
  }
  return { ...account, url: receiver.url, next, idle: () => account.admin('POST', '/deliveries/idle', {}) }
}

test('a change is told for each property, signed with version 3, and a forged body is not', async () => {
  const { seed, edit, next, url } = await listening()
  const [id = ''] = await seed('contacts', [{ email: 'a@example.com' }])
  expect((await next()).events).toMatchObject([
    { subscriptionType: 'contact.creation', objectId: Number(id), changeFlag: 'CREATED', attemptNumber: 0 },
  ])
  await edit('contacts', 'update', id, { city: 'Oban', phone: '1' })
  const { text, headers, events } = await next()
  expect(events.map(({ propertyName, propertyValue }) => [propertyName, propertyValue])).toEqual([
    ['phone', '1'],
    ['city', 'Oban'],
  ])
  const signature = {
    signature: headers['x-hubspot-signature-v3'] ?? '',
    clientSecret: defaultHubSpotClient.clientSecret,
    url,
    method: 'POST',
    signatureVersion: 'v3',
    timestamp: Number(headers['x-hubspot-request-timestamp']),
  }
  expect(Signature.isValid({ ...signature, requestBody: text })).toBe(true)
  expect(Signature.isValid({ ...signature, requestBody: text.replace('Oban', 'Rome') })).toBe(false)
})

test('deletion, restore and merge are events of their own; custom objects name their type by number', async () => {
  const { seed, edit, next } = await listening()
  const [a = '', b = ''] = await seed('visits', [{ title: 'a' }, { title: 'b' }])
  expect((await next()).events).toMatchObject([
    { objectId: Number(b), subscriptionType: 'object.creation', objectTypeId: '2-4242' },
    { objectId: Number(a) },
  ])
  await edit('visits', 'archive', a)
  expect((await next()).events).toMatchObject([{ subscriptionType: 'object.deletion', objectId: Number(a) }])
  await edit('visits', 'restore', a)
  expect((await next()).events).toMatchObject([{ subscriptionType: 'object.restore' }])
  await edit('visits', 'merge', a, {}, { merged: b })
  expect((await next()).events).toMatchObject([
    { subscriptionType: 'object.merge', primaryObjectId: Number(a), mergedObjectIds: [Number(b)] },
  ])
})

test('a hundred events are one request, and more are several', async () => {
  const { seed, next } = await listening()
  await seed(
    'visits',
    Array.from({ length: 150 }, () => ({ title: 'one of many' })),
  )
  const sizes = [(await next()).events.length, (await next()).events.length]
  expect(sizes.sort()).toEqual([100, 50])
})

test('one that is not answered well comes again with another number of the attempt, and is given up in the end', async () => {
  const { seed, next, admin } = await listening([500, 404, 503])
  await seed('visits', [{ title: 'a' }])
  const [first] = (await next()).events
  const [second] = (await next()).events
  expect([first?.attemptNumber, second?.attemptNumber]).toEqual([0, 1])
  expect(second?.eventId).toBe(first?.eventId)
  while ((await deliveries(admin))[0]?.attempts !== 2) await new Promise((resolve) => setImmediate(resolve))
  await admin('POST', '/clock', { advanceMs: 60_000 })
  expect((await next()).events[0]?.attemptNumber).toBe(2)
  await admin('POST', '/deliveries/idle', {})
  expect(await deliveries(admin)).toMatchObject([{ state: 'failed', attempts: 3, lastError: 'answered 503' }])
})

test('events are doubled, dropped and late on demand', async () => {
  const { seed, fault, next, admin, idle } = await listening()
  await fault(
    { fault: 'webhook-duplicate', count: 1 },
    { fault: 'webhook-drop', count: 1, match: { externalId: 'lost' } },
    { fault: 'webhook-delay', ms: 120_000, count: 1, match: { externalId: 'late' } },
  )
  const ids = await seed('visits', [
    { title: 'a' },
    { title: 'b', skerry_id: 'lost' },
    { title: 'c', skerry_id: 'late' },
    { title: 'd' },
  ])
  const told = (await next()).events.map(({ objectId }) => String(objectId))
  expect(told).toEqual([ids[3], ids[0], ids[0]])
  await admin('POST', '/clock', { advanceMs: 120_000 })
  expect((await next()).events.map(({ objectId }) => String(objectId))).toEqual([ids[2]])
  expect(await idle()).toEqual({ idle: true })
})

test('only this machine is called', async () => {
  const { admin } = await startAccount()
  await expect(admin('PUT', '/webhook', { targetUrl: 'https://example.com/hook' })).rejects.toThrow(
    'only loopback',
  )
})

async function deliveries(admin: Awaited<ReturnType<typeof startAccount>>['admin']) {
  return (
    await admin<{ deliveries: { state: string; attempts: number; lastError: string }[] }>(
      'GET',
      '/deliveries',
    )
  ).deliveries
}
