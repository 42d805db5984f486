/** fault I5, HS-50, HS-51: pushes of the stand-in, and of others who would like to be believed. */
import { createHmac } from 'node:crypto'
import { WebhookError } from '@skerry/adapter-hubspot'
import type { Hint } from '@skerry/bridge'
import { expect, onTestFinished, test } from 'vitest'
import { call, freePort, startAccount } from './account.ts'

const secret = 'skerry-hubspot-secret'

async function listening(path = '/hubspot') {
  const account = await startAccount()
  const port = await freePort()
  const publicUrl = `http://127.0.0.1:${port}${path}`
  const clock = { now: Date.now() }
  const types = {
    visits: { externalId: 'skerry_id', properties: ['title'], objectTypeId: '2-4242' },
    contacts: { externalId: 'skerry_id', properties: ['email'] },
  }
  const adapter = account.adapter({ types, webhook: { port, publicUrl, secret }, now: () => clock.now })
  const hints: Hint[] = []
  const stop = await adapter.listen!((hint) => hints.push(hint), call)
  onTestFinished(stop)
  const signed = (body: string, { at = clock.now, key = secret, url = publicUrl, method = 'POST' } = {}) => ({
    'x-hubspot-request-timestamp': String(at),
    'x-hubspot-signature-v3': createHmac('sha256', key)
      .update(`${method}${url}${body}${at}`)
      .digest('base64'),
  })
  const push = async (body: string, headers: Record<string, string>) =>
    (await fetch(publicUrl, { method: 'POST', body, headers })).status
  const idle = () => account.admin('POST', '/deliveries/idle', {})
  return { ...account, publicUrl, port, clock, hints, stop, signed, push, idle }
}

const event = [{ subscriptionType: 'object.propertyChange', objectTypeId: '2-4242', objectId: 501 }]
const body = JSON.stringify(event)

test('HS-51 changes there are hints: each row once, merges by all their rows, other types not at all', async () => {
  const { admin, publicUrl, hints, seed, edit, idle, clock, fault } = await listening()
  await admin('PUT', '/webhook', { targetUrl: publicUrl })
  clock.now = Date.now()
  const [a = '', b = ''] = await seed([{ title: 'a' }, { title: 'b' }])
  await idle()
  expect(hints.map(({ type, id }) => `${type} ${id}`).sort()).toEqual([`visits ${a}`, `visits ${b}`])
  hints.length = 0
  await fault({ fault: 'webhook-duplicate' })
  await edit('update', a, { title: 'x', note: 'y', hours: '1' })
  await idle()
  expect(hints).toEqual([{ type: 'visits', id: a }])
  hints.length = 0
  await edit('merge', a, {}, { merged: b })
  await idle()
  expect(hints).toEqual([
    { type: 'visits', id: a },
    { type: 'visits', id: b },
  ])
  hints.length = 0
  await seed([{ dealname: 'not bridged' }], 'deals')
  const [contact = ''] = await seed([{ email: 'a@example.com' }], 'contacts')
  await idle()
  expect(hints).toEqual([{ type: 'contacts', id: contact }])
})

test('fault I5: HS-50 an honest push is heard once; another signature of the same is heard again, as a retry is', async () => {
  const { push, signed, hints, clock } = await listening()
  const headers = signed(body)
  expect([await push(body, headers), await push(body, headers)]).toEqual([204, 204])
  expect(hints).toEqual([{ type: 'visits', id: '501' }])
  clock.now += 1
  expect(await push(body, signed(body))).toBe(204)
  expect(hints).toHaveLength(2)
})

test('fault I5: HS-50 a forged push is refused: key, body, address, method, time, no signature, another version', async () => {
  const { push, signed, hints, clock, publicUrl } = await listening()
  const headers = signed(body)
  const v2 = { 'x-hubspot-signature': headers['x-hubspot-signature-v3'], 'x-hubspot-signature-version': 'v2' }
  const forged: [string, Record<string, string>][] = [
    [body, signed(body, { key: 'a guess' })],
    [body.replace('501', '502'), headers],
    [body, signed(body, { url: `${publicUrl}x` })],
    [body, signed(body, { method: 'PUT' })],
    [body, { ...headers, 'x-hubspot-request-timestamp': String(clock.now + 1) }],
    [body, { ...headers, 'x-hubspot-signature-v3': '' }],
    [body, v2],
    [body, {}],
  ]
  for (const [sent, given] of forged) expect(await push(sent, given)).toBe(401)
  expect(hints).toEqual([])
})

test('fault I5: HS-50 a push that is older than five minutes is refused, one from the future too, and one kept until it is old', async () => {
  const { push, signed, hints, clock } = await listening()
  const minutes = 300_000
  const at = (ms: number) => push(body, signed(body, { at: clock.now + ms }))
  expect([await at(-minutes), await at(-minutes - 1), await at(minutes), await at(minutes + 1)]).toEqual([
    204, 401, 204, 401,
  ])
  const kept = signed(body)
  clock.now += minutes + 1
  expect(await push(body, kept)).toBe(401)
  const odd = createHmac('sha256', secret).update(`POSTnever`).digest('base64')
  expect(await push(body, { 'x-hubspot-request-timestamp': 'now', 'x-hubspot-signature-v3': odd })).toBe(401)
  expect(hints).toHaveLength(2)
})

test('HS-50 what is signed and is no list of events is refused; odd events in a list are passed by', async () => {
  const { push, signed, hints } = await listening()
  for (const sent of ['no json', '{"subscriptionType":"contact.creation","objectId":1}'])
    expect(await push(sent, signed(sent))).toBe(400)
  const mixed = JSON.stringify([
    7,
    null,
    {},
    { subscriptionType: 'object.creation', objectTypeId: '2-4242', objectId: '../x' },
    { subscriptionType: 'contact.creation', objectId: 9 },
    { subscriptionType: 'spaceship.creation', objectId: 9 },
  ])
  expect(await push(mixed, signed(mixed))).toBe(204)
  expect(hints).toEqual([{ type: 'contacts', id: '9' }])
})

test('HS-50 an address is signed with some of its characters decoded', async () => {
  const { push, signed, publicUrl } = await listening('/hook%3Fa%2Fb?x=%40%20')
  const decoded = publicUrl.replace('%3F', '?').replace('%2F', '/').replace('%40', '@')
  expect(await push(body, signed(body, { url: decoded }))).toBe(204)
  expect(await push(body, signed(body))).toBe(401)
})

test('once it has ended nothing listens; where somebody listens already it says so', async () => {
  const { port, stop, publicUrl, adapter } = await listening()
  const second = adapter({ webhook: { port, publicUrl, secret } })
  await expect(second.listen!(() => undefined, call)).rejects.toThrow(WebhookError)
  await stop()
  await expect(fetch(publicUrl, { method: 'POST', body })).rejects.toThrow()
})
