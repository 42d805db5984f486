import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Hint } from '@skerry/bridge'
import { describe, expect, onTestFinished, test } from 'vitest'
import { call, startCrm } from '../test/crm.ts'
import { WEBHOOK_BYTES_HELD_MAX, WEBHOOK_BYTES_MAX, WEBHOOK_CONNECTIONS_MAX } from './limits.ts'

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

test('EVT-13, CDC-4: an office edit arrives at once as a hint with id and version; a duplicate is heard once, a dropped one not at all', async () => {
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
  ])
  await stop()
})

test('fault I5: nobody without the secret is believed', async () => {
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

/** A sender that says `declared` bytes, sends `bytes` of them, and waits. */
function sender(url: string, { declared, bytes }: { declared: number; bytes: number }): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  socket.write(`POST /webhooks HTTP/1.1\r\nHost: x\r\nContent-Length: ${declared}\r\n\r\n`)
  socket.write(Buffer.alloc(bytes, 'x'))
  return socket
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

async function statusOf(socket: Socket): Promise<number> {
  const [answer] = (await once(socket, 'data')) as [Buffer]
  return Number(answer.toString('latin1').split(' ')[1])
}

describe('B-45 what strangers can make a node hold has a ceiling', () => {
  /** Each is one byte short of its end, and together they are that much short of the ceiling. */
  const fill = (url: string) =>
    Array.from({ length: WEBHOOK_BYTES_HELD_MAX / WEBHOOK_BYTES_MAX }, () =>
      sender(url, { declared: WEBHOOK_BYTES_MAX, bytes: WEBHOOK_BYTES_MAX - 1 }),
    )

  test('up to it, each is read to its end', async () => {
    const { url, stop } = await listening()
    onTestFinished(stop)
    const statuses = fill(url).map((socket) => {
      socket.write('x')
      return statusOf(socket)
    })
    expect(new Set(await Promise.all(statuses))).toEqual(new Set([401]))
  })

  test('beyond it they are told to come again, and when some have gone there is room', async () => {
    const { url, stop } = await listening()
    onTestFinished(stop)
    const held = [...fill(url), sender(url, { declared: WEBHOOK_BYTES_MAX, bytes: 64 * 1024 })]
    expect(await Promise.race(held.map(statusOf))).toBe(503)
    for (const socket of held) socket.destroy()
    let status = 503
    while (status === 503) status = (await fetch(url, { method: 'POST', body: 'x'.repeat(1_000) })).status
    expect(status).toBe(401)
  })
})

test('B-45 a body that is announced as too large is refused before it is sent', async () => {
  const { url, stop } = await listening()
  onTestFinished(stop)
  expect(await statusOf(sender(url, { declared: WEBHOOK_BYTES_MAX + 1, bytes: 0 }))).toBe(413)
  expect(await statusOf(sender(url, { declared: WEBHOOK_BYTES_MAX, bytes: WEBHOOK_BYTES_MAX }))).toBe(401)
})

test('B-45 connections have a ceiling: one more is closed unanswered, and when one has gone the next is heard', async () => {
  const { url, stop } = await listening()
  onTestFinished(stop)
  const open = Array.from({ length: WEBHOOK_CONNECTIONS_MAX }, () => sender(url, { declared: 10, bytes: 1 }))
  await Promise.all(open.map((socket) => once(socket, 'connect')))
  const extra = sender(url, { declared: 1, bytes: 1 })
  await closed(extra)
  expect(extra.bytesRead).toBe(0)
  expect(open.filter(({ destroyed }) => destroyed)).toEqual([])
  open[0]!.write('x'.repeat(9))
  expect(await statusOf(open[0]!)).toBe(401)
  await closed(open[0]!)
  expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(401)
})
