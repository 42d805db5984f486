import { createHmac } from 'node:crypto'
import type { Hint } from '@skerry/bridge'
import { expect, test } from 'vitest'
import { call, startCrm } from '../test/crm.ts'

async function listening(options: object = {}) {
  const crm = await startCrm()
  const hints: Hint[] = []
  const heard: (() => void)[] = []
  const adapter = crm.adapter({ webhook: options })
  const stop = await adapter.listen!((hint) => {
    hints.push(hint)
    heard.shift()?.()
  }, call)
  const [webhook] = (await crm.admin('GET', '/deliveries')) && (await registered(crm.url))
  const next = () => new Promise<void>((resolve) => heard.push(resolve))
  return { crm, hints, stop, url: webhook?.url ?? '', next }
}

async function registered(url: string): Promise<{ id: string; url: string }[]> {
  const token = await fetch(`${url}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      client_id: 'skerry',
      client_secret: 'skerry-sandbox-secret',
      grant_type: 'client_credentials',
    }),
  })
  const { access_token } = (await token.json()) as { access_token: string }
  const answer = await fetch(`${url}/v1/webhooks`, { headers: { authorization: `Bearer ${access_token}` } })
  return ((await answer.json()) as { webhooks: { id: string; url: string }[] }).webhooks
}

test('an office edit arrives as a hint with id and version; a duplicate arrives twice, a dropped one not at all', async () => {
  const { crm, hints, stop } = await listening()
  const row = await crm.edit('accounts', {}, { name: 'a' })
  await crm.fault({ fault: 'webhook-duplicate', count: 1 } as never)
  await crm.edit('accounts', { id: row.id }, { name: 'b' })
  await crm.fault({ fault: 'webhook-drop', count: 1 } as never)
  await crm.edit('accounts', { id: row.id }, { name: 'c' })
  await crm.admin('POST', '/deliveries/idle', {})
  const seen = hints
    .map(({ type, id, version }) => [type, id, version])
    .sort((a, b) => (a.join() < b.join() ? -1 : 1))
  expect(seen).toEqual([
    ['accounts', row.id, '1'],
    ['accounts', row.id, '2'],
    ['accounts', row.id, '2'],
  ])
  await stop()
})

test('nobody without the secret is believed', async () => {
  const { hints, stop, url } = await listening()
  const body = JSON.stringify({ type: 'accounts.updated', data: { id: 'ACC-1', version: 9 } })
  const timestamp = String(Math.floor(Date.now() / 1000))
  const forged = createHmac('sha256', 'guess').update(`msg_1.${timestamp}.${body}`).digest('base64')
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${forged}`,
  }
  expect((await fetch(url, { method: 'POST', body, headers })).status).toBe(401)
  expect((await fetch(url, { method: 'POST', body })).status).toBe(401)
  expect((await fetch(url)).status).toBe(405)
  expect((await fetch(url, { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1), headers })).status).toBe(413)
  expect(hints).toEqual([])
  await stop()
})

test('the address is given back when listening ends', async () => {
  const { crm, stop, url } = await listening()
  expect(await registered(crm.url)).toMatchObject([{ url }])
  await stop()
  expect(await registered(crm.url)).toEqual([])
  await expect(fetch(url)).rejects.toThrow()
})

test('a system that will not register us is an error that says why, and nothing stays open', async () => {
  const crm = await startCrm()
  const adapter = crm.adapter({ webhook: { publicUrl: 'https://example.com/hooks' } })
  await expect(adapter.listen!(() => undefined, call)).rejects.toThrow('only loopback')
})
