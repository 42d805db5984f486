/** Whatever a service sends, no method throws, nothing is done that is not said to be, and no listing ends in silence. Answers are drawn from a seed. */
import { odataAdapter } from '@skerry/adapter-odata'
import type { Adapter } from '@skerry/bridge'
import type { HttpAnswer } from '@skerry/bridge/http'
import { change, create, onRequest, removal } from '@skerry/bridge/testing'
import { expect, test, vi } from 'vitest'
import { call } from './service.ts'

vi.mock('@skerry/bridge/http', async (original) =>
  (await import('@skerry/bridge/testing')).onWire(await original()),
)

const ROUNDS = 60
const id = '7c9e6679-7425-40de-944b-e07fc1f90ae7'
const row = { type: 'Visits', id, externalId: 'x', version: '"1"', deleted: false, value: {} }

/** Numbers in [0, 1) from a seed (xorshift). */
function drawn(seed: number): () => number {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 4_294_967_296
  }
}

/** No row of Visits can be made of these: none has a key that is text and a tag. */
const pieces: unknown[] = [
  null,
  0,
  '',
  'text',
  [],
  {},
  { value: null },
  { value: [null] },
  { value: [{}] },
  { value: {} },
  { value: [{ Id: {}, '@odata.etag': '"1"' }] },
  { value: [{ Id: id, '@odata.etag': 7 }] },
  { Id: [id], '@odata.etag': '"1"' },
  { Id: id, '@odata.etag': 'no tag' },
  { error: null },
  { error: { code: {}, message: [] } },
  { error: { code: 'x', message: 'said', target: 7, details: [null] } },
  { responses: [] },
  { responses: [{ id: '1', status: 'x' }] },
  { responses: [{ id: '9', status: 200 }] },
  { __proto__: null, constructor: 'x' },
]
const statuses = [
  200, 200, 200, 201, 202, 206, 300, 304, 400, 403, 404, 409, 410, 412, 418, 428, 429, 500, 503,
]
const headers: Record<string, string>[] = [
  {},
  { 'retry-after': '-1' },
  { 'retry-after': 'x'.repeat(100) },
  { 'content-type': 'multipart/mixed; boundary=b' },
  { 'content-type': 'multipart/mixed; boundary=' },
  { 'content-type': 'application/xml' },
  { 'x-csrf-token': 'Required' },
  { etag: 'nonsense' },
  { date: 'yesterday', location: 'nowhere' },
]
const texts = [
  '',
  '{',
  '<html>',
  '--b\r\n\r\nx\r\n--b--',
  '--b\r\nx: y\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{}\r\n--b--',
  '\u0000',
]

function answer(random: () => number): HttpAnswer {
  const pick = <One>(list: readonly One[]) => list[Math.floor(random() * list.length)]!
  const isText = random() < 0.3
  const json = isText ? undefined : pick(pieces)
  const body = isText ? pick(texts) : JSON.stringify(json)
  return { kind: 'answer', status: pick(statuses), headers: new Headers(pick(headers)), body, json }
}

const methods: Record<string, (adapter: Adapter) => Promise<{ kind: string } | readonly { kind: string }[]>> =
  {
    check: (adapter) => adapter.check(call),
    describe: (adapter) => adapter.describe!(undefined, call),
    read: (adapter) => adapter.read('Visits', { id }, call),
    'read by external id': (adapter) => adapter.read('Visits', { externalId: 'x' }, call),
    changes: (adapter) => adapter.changes('Visits', undefined, 5, call),
    list: (adapter) => adapter.list!('Visits', undefined, 5, call),
    create: (adapter) => adapter.upsert('Visits', create('x', { Title: 'a' }), call),
    change: (adapter) => adapter.upsert('Visits', change(row, { Title: 'a' }), call),
    delete: (adapter) => adapter.delete('Visits', removal(row), call),
    readMany: (adapter) => adapter.readMany!('Visits', [id, id], call),
    writeMany: (adapter) =>
      adapter.writeMany!(
        'Visits',
        [
          { action: 'upsert', ...create('x', { Title: 'a' }) },
          { action: 'upsert', ...change(row, { Title: 'a' }) },
        ],
        call,
      ),
  }

const kinds = [
  'absent',
  'conflict',
  'done',
  'expired',
  'later',
  'ok',
  'page',
  'rejected',
  'row',
  'types',
  'unauthorized',
  'unknown',
]

test.each(['sap', 'dataverse', 'business-central', 'plain'] as const)(
  `OD-42 on %s, ${ROUNDS} drawn answers to each method`,
  async (profile) => {
    const visits = { key: 'Id', externalId: 'Reference', modified: 'ModifiedAt', fields: ['Title'] }
    const adapter = odataAdapter({
      profile,
      serviceUrl: 'https://erp.example/odata',
      types: { Visits: visits },
      batch: profile === 'sap' ? 'multipart' : 'json',
    })
    let random = drawn(1)
    onRequest(async () => answer(random))
    for (const [name, ask] of Object.entries(methods))
      for (let seed = 1; seed <= ROUNDS; seed++) {
        random = drawn(seed)
        const answers = [await ask(adapter)].flat()
        for (const one of answers) {
          const about = `${name}, seed ${seed}: ${JSON.stringify(one)}`
          expect(kinds, about).toContain(one.kind)
          // No piece is a row, so that none can be read, made or changed; a bare 2xx is how a delete is answered.
          if (name !== 'delete') expect(['done', 'row', 'ok'], about).not.toContain(one.kind)
          if (one.kind === 'page') expect(one, about).toMatchObject({ rows: [], complete: true })
        }
      }
  },
)
