/** fault I5: a push that is forged, replayed or old changes nothing. Each scheme is checked by a sender of the test's own, over the wire. */
import { createHmac } from 'node:crypto'
import { type RestAdapterOptions, restAdapter } from '@skerry/adapter-rest'
import type { Hint } from '@skerry/bridge'
import { WEBHOOK_AGE_MS_MAX, WEBHOOK_IDS_MAX } from '@skerry/bridge/http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { call } from '../test/crm.ts'
import { serve } from '../test/server.ts'
import { checkConfig } from './config.ts'
import { PushCheck } from './webhook-schemes.ts'

type WebhookOptions = NonNullable<RestAdapterOptions['webhook']>

const event = { type: 'accounts.updated', data: { id: 'ACC-1', version: 9 } }
const standardKey = Buffer.alloc(32, 7)
const standardSecret = `whsec_${standardKey.toString('base64')}`

/** A receiver, the address that it told the system, and a clock that the test moves. */
async function receiving(webhook: WebhookOptions) {
  const clock = { now: Date.now() }
  const { baseUrl, asked } = await serve(() => ({ body: { id: 'w1' } }))
  const adapter = restAdapter({ baseUrl, now: () => clock.now, webhook })
  const hints: Hint[] = []
  const stop = await adapter.listen!((hint) => hints.push(hint), call)
  onTestFinished(stop)
  const { url } = JSON.parse(asked[0]?.body ?? '{}') as { url: string }
  const push = async (body: string, headers: Record<string, string>) =>
    (await fetch(url, { method: 'POST', body, headers })).status
  return { clock, hints, push, url }
}

describe('fault I5: Standard Webhooks', () => {
  const signed = (id: string, sentAt: number, body: string, key = standardKey) => {
    const timestamp = String(Math.floor(sentAt / 1000))
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
    return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
  }
  const body = JSON.stringify(event)

  test('an honest one is a hint; said again it was heard already, also when somebody else says it', async () => {
    const { hints, push, clock } = await receiving({ secret: standardSecret })
    const headers = signed('msg_1', clock.now, body)
    expect([await push(body, headers), await push(body, headers), await push(body, headers)]).toEqual([
      204, 204, 204,
    ])
    expect(hints).toEqual([{ type: 'accounts', id: 'ACC-1', version: '9' }])
    await push(body, signed('msg_2', clock.now, body))
    expect(hints).toHaveLength(2)
  })

  test('one signed by another key, or with another body, id or time, is refused', async () => {
    const { hints, push, clock } = await receiving({ secret: standardSecret })
    const headers = signed('msg_1', clock.now, body)
    const other = JSON.stringify({ ...event, data: { id: 'ACC-2', version: 9 } })
    const forged: [string, Record<string, string>][] = [
      [body, signed('msg_1', clock.now, body, Buffer.alloc(32, 8))],
      [other, headers],
      [body, { ...headers, 'webhook-id': 'msg_2' }],
      [body, { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) }],
      [body, { ...headers, 'webhook-signature': '' }],
      [body, {}],
    ]
    for (const [sent, given] of forged) expect(await push(sent, given)).toBe(401)
    expect(hints).toEqual([])
  })

  test('of two signatures, while a secret is changed, one is enough', async () => {
    const { push, clock } = await receiving({ secret: standardSecret })
    const headers = signed('msg_1', clock.now, body)
    const both = `${signed('msg_1', clock.now, body, Buffer.alloc(32, 8))['webhook-signature']} ${headers['webhook-signature']}`
    expect(await push(body, { ...headers, 'webhook-signature': both })).toBe(204)
  })

  test('one that is older than five minutes is refused, and so is one from the future', async () => {
    const { hints, push, clock } = await receiving({ secret: standardSecret })
    const sentAgo = (ms: number, id: string) => push(body, signed(id, clock.now - ms, body))
    expect(await sentAgo(WEBHOOK_AGE_MS_MAX - 10_000, 'msg_1')).toBe(204)
    expect(await sentAgo(WEBHOOK_AGE_MS_MAX + 10_000, 'msg_2')).toBe(401)
    expect(await sentAgo(10_000 - WEBHOOK_AGE_MS_MAX, 'msg_3')).toBe(204)
    expect(await sentAgo(-WEBHOOK_AGE_MS_MAX - 10_000, 'msg_4')).toBe(401)
    expect(hints).toHaveLength(2)
  })

  test('one that is kept until it is old is refused by this side’s clock', async () => {
    const { hints, push, clock } = await receiving({ secret: standardSecret, ageMsMax: 60_000 })
    const headers = signed('msg_1', clock.now, body)
    clock.now += 62_000
    expect(await push(body, headers)).toBe(401)
    expect(hints).toEqual([])
  })
})

describe('fault I5: HMAC in a header', () => {
  const secret = 'between us two'
  const hmac = (text: string, algorithm = 'sha256', encoding: 'hex' | 'base64' = 'hex', key = secret) =>
    createHmac(algorithm, key).update(text).digest(encoding)

  test('of the body alone: honest, forged, and heard before', async () => {
    const scheme = { kind: 'hmac', header: 'X-Hub-Signature-256', prefix: 'sha256=' } as const
    const { hints, push } = await receiving({ secret, scheme })
    const sent = JSON.stringify(event)
    const headers = { 'x-hub-signature-256': `sha256=${hmac(sent)}` }
    expect([await push(sent, headers), await push(sent, headers)]).toEqual([204, 204])
    expect(hints).toHaveLength(1)
    for (const signature of [
      hmac(sent),
      `sha256=${hmac(`${sent} `)}`,
      `sha256=${hmac(sent, 'sha256', 'hex', 'guess')}`,
      'sha256=',
      '',
    ])
      expect(await push(sent, { 'x-hub-signature-256': signature })).toBe(401)
    expect(hints).toHaveLength(1)
  })

  test('of method, address, body and time, in base64, as one system signs', async () => {
    const scheme = {
      kind: 'hmac',
      header: 'x-signature-v3',
      encoding: 'base64',
      signs: '{method}{url}{body}{timestamp}',
      timestamp: { header: 'x-request-timestamp', unit: 'ms' },
    } as const
    const { hints, push, clock, url } = await receiving({ secret, scheme })
    const sent = JSON.stringify(event)
    const at = (ms: number) => {
      const timestamp = String(clock.now + ms)
      return {
        'x-request-timestamp': timestamp,
        'x-signature-v3': hmac(`POST${url}${sent}${timestamp}`, 'sha256', 'base64'),
      }
    }
    expect([await push(sent, at(0)), await push(sent, at(1))]).toEqual([204, 204])
    expect(hints).toHaveLength(2)
    expect(await push(sent, at(-WEBHOOK_AGE_MS_MAX - 1))).toBe(401)
    expect(await push(sent, at(-WEBHOOK_AGE_MS_MAX))).toBe(204)
    const { 'x-request-timestamp': _, ...undated } = at(0)
    expect(await push(sent, undated)).toBe(401)
    expect(await push(sent, { ...at(0), 'x-request-timestamp': 'now' })).toBe(401)
  })

  test('with an id: the same message under another signature was heard before', async () => {
    const scheme = {
      kind: 'hmac',
      header: 'x-sig',
      algorithm: 'sha512',
      signs: '{id}.{body}',
      id: 'x-id',
    } as const
    const { hints, push } = await receiving({ secret, scheme })
    for (const sent of [JSON.stringify(event), JSON.stringify({ ...event, attempt: 2 })])
      expect(await push(sent, { 'x-id': '1', 'x-sig': hmac(`1.${sent}`, 'sha512') })).toBe(204)
    expect(hints).toHaveLength(1)
  })

  test('what is signed and is no JSON is refused', async () => {
    const { push } = await receiving({ secret, scheme: { kind: 'hmac', header: 'x-sig' } })
    expect(await push('no json', { 'x-sig': hmac('no json') })).toBe(401)
  })

  test('CDC-5: where hints stand is data: a list of events, types by name, and what is not named is none', async () => {
    const scheme = { kind: 'hmac', header: 'x-sig' } as const
    const events = [
      { kind: 'company.changed', key: { nr: 7 }, rev: 3 },
      { kind: 'weather.changed', key: { nr: 8 } },
      { kind: 'company.changed', key: {} },
      7,
    ]
    const places = {
      each: 'events',
      type: 'kind',
      types: { 'company.changed': 'accounts' },
      id: 'key.nr',
      version: 'rev',
    }
    const { hints, push } = await receiving({ secret, scheme, hint: places })
    const sent = JSON.stringify({ events })
    expect(await push(sent, { 'x-sig': hmac(sent) })).toBe(204)
    expect(hints).toEqual([{ type: 'accounts', id: '7', version: '3' }])
    const list = await receiving({ secret, scheme, hint: { type: 'kind', id: 'id' } })
    const listed = JSON.stringify([
      { kind: 'a.x', id: 1 },
      { kind: 'b.x', id: 2 },
    ])
    await list.push(listed, { 'x-sig': hmac(listed) })
    expect(list.hints).toMatchObject([
      { type: 'a', id: '1' },
      { type: 'b', id: '2' },
    ])
  })
})

describe('what is remembered of pushes', () => {
  const { webhook } = checkConfig({
    baseUrl: 'http://localhost:8080',
    webhook: { secret: 's', ageMsMax: 60_000, scheme: { kind: 'hmac', header: 'x', algorithm: 'sha1' } },
  })
  const checking = (now: () => number) => new PushCheck({ webhook: webhook!, secret: 's', url: '', now })
  const pushOf = (i: number) => {
    const body = JSON.stringify(i)
    return { method: 'POST', body, headers: { x: createHmac('sha1', 's').update(body).digest('hex') } }
  }

  test('has a ceiling: beyond it the oldest is forgotten', () => {
    const check = checking(() => 0)
    for (let i = 0; i < WEBHOOK_IDS_MAX; i++) expect(check.check(pushOf(i)).kind).toBe('believed')
    expect(check.check(pushOf(0)).kind).toBe('heard')
    expect(check.check(pushOf(WEBHOOK_IDS_MAX)).kind).toBe('believed')
    expect(check.check(pushOf(1)).kind).toBe('heard')
    expect(check.check(pushOf(0)).kind).toBe('believed')
  })

  test('has an end: twice as long as a push is young', () => {
    let now = 0
    const check = checking(() => now)
    check.check(pushOf(1))
    now = 2 * 60_000 - 1
    expect(check.check(pushOf(1)).kind).toBe('heard')
    now += 1
    expect(check.check(pushOf(1)).kind).toBe('believed')
  })
})

describe('a config', () => {
  test.each([
    [{ registers: false }, /want a secret where nothing is registered/],
    [{ secret: 'no whsec' }, /begins with whsec_/],
    [{ secret: 's', scheme: { kind: 'hmac' } }, /webhook\.scheme\.header/],
    [{ secret: 's', scheme: { kind: 'hmac', header: 'x', signs: '{timestamp}' } }, /want \{body\} in it/],
    [
      { secret: 's', scheme: { kind: 'hmac', header: 'x', timestamp: { header: 't' } } },
      /the timestamp is not signed/,
    ],
    [{ secret: 's', scheme: { kind: 'hmac', header: 'x', id: 'i' } }, /the id is not signed/],
    [{ secret: 's', scheme: { kind: 'magic' } }, /webhook\.scheme\.kind/],
    [{ ageMsMax: WEBHOOK_AGE_MS_MAX + 1 }, /webhook\.ageMsMax/],
    [{ hint: { ids: 'x' } }, /unknown key 'webhook\.hint\.ids'/],
  ])('that would believe too much says so: %o', (webhook, message) => {
    expect(() => restAdapter({ baseUrl: 'http://localhost:8080', webhook: webhook as never })).toThrow(
      message,
    )
  })
})
