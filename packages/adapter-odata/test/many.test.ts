import type { ODataAdapterOptions } from '@skerry/adapter-odata'
import type { Adapter, ExternalRow, Write, WriteAnswer } from '@skerry/bridge'
import type { HttpAnswer } from '@skerry/bridge/http'
import { change, create, onRequest, removal, rowIn } from '@skerry/bridge/testing'
import type { ODataFault, ProfileName } from '@skerry/sandbox/odata'
import { expect, test, vi } from 'vitest'
import { call, type Service, startService } from './service.ts'

vi.mock('@skerry/bridge/http', async (original) =>
  (await import('@skerry/bridge/testing')).onWire(await original()),
)

const upsert = (request: Parameters<Adapter['upsert']>[1]): Write => ({ action: 'upsert', ...request })
const remove = (request: Parameters<Adapter['delete']>[1]): Write => ({ action: 'delete', ...request })
const kinds = (answers: readonly { kind: string }[]) => answers.map(({ kind }) => kind)

/** Each form, and each profile that has batches by default. */
const forms = [
  ['sap', 'multipart'],
  ['sap', 'json'],
  ['dataverse', 'multipart'],
  ['business-central', 'json'],
] as const

async function opened(profile: ProfileName, batch: ODataAdapterOptions['batch'], responseBytesMax?: number) {
  const service = await startService(profile)
  const adapter = service.adapter({ batch, responseBytesMax })
  const { set, title } = service
  const write = (writes: readonly Write[]) => adapter.writeMany!(set, writes, call)
  const made = async (count: number): Promise<ExternalRow[]> => {
    const writes = Array.from({ length: count }, (_, i) => upsert(create(`row-${i}`, { [title]: `n${i}` })))
    return (await write(writes)).map(rowIn)
  }
  return { service, adapter, set, title, write, made }
}

async function spent({ requests }: Service, work: () => Promise<unknown>): Promise<number> {
  const before = (await requests()).length
  await work()
  return (await requests()).length - before
}

test.each(forms)(
  'OD-30, OD-31 on %s as %s each write has its own answer, and all of them are two requests',
  async (profile, form) => {
    const { service, set, title, write, made } = await opened(profile, form)
    const [a, b, c, d, e] = (await made(5)) as [
      ExternalRow,
      ExternalRow,
      ExternalRow,
      ExternalRow,
      ExternalRow,
    ]
    await service.edit('update', b.id, { [title]: 'theirs' })
    await service.edit('delete', d.id)
    const writes = [
      upsert(change(a, { [title]: 'changed' })),
      upsert(change(b, { [title]: 'stale' })),
      upsert(create('row-2', { [title]: 'there already' })),
      upsert(change(d, { [title]: 'into the void' })),
      upsert(create('new', { [title]: 'poison' })),
      upsert(create('newer', { [title]: 'made' })),
      remove(removal(e)),
      remove(removal(d)),
      remove({ ...removal(c), id: 'no key' }),
    ]
    let answers: WriteAnswer[] = []
    expect(await spent(service, async () => (answers = await write(writes)))).toBe(2)
    expect(kinds(answers)).toEqual([
      'done',
      'conflict',
      'conflict',
      'conflict',
      'rejected',
      'done',
      'done',
      'done',
      'done',
    ])
    expect(answers[0]).toMatchObject({ row: { id: a.id, value: { [title]: 'changed' } } })
    expect(answers[1]).toMatchObject({ row: { id: b.id, value: { [title]: 'theirs' } } })
    expect(answers[2]).toEqual({ kind: 'conflict', row: c })
    expect(answers[3]).toMatchObject({ row: { id: d.id, deleted: true } })
    expect(answers[4]).toMatchObject({ reason: expect.stringContaining('Nothing poisonous') })
    expect(answers[5]).toMatchObject({ row: { externalId: 'newer', value: { [title]: 'made' } } })
    const living = (await service.rows()).filter(({ deleted }) => !deleted)
    expect(living.map(({ fields }) => fields[title]).sort()).toEqual(['changed', 'made', 'n2', 'theirs'])
    expect(set).toBe(service.set)
  },
)

test.each(forms)(
  'OD-30 on %s as %s as many as fit are one request, and one more is none',
  async (profile, form) => {
    const { service, adapter, set, title, made } = await opened(profile, form)
    await made(1)
    let rows: ExternalRow[] = []
    expect(await spent(service, async () => (rows = await made(100)))).toBeLessThanOrEqual(2)
    expect(
      await spent(
        service,
        async () =>
          await adapter.readMany!(
            set,
            rows.slice(1).map(({ id }) => id),
            call,
          ),
      ),
    ).toBe(1)
    const ids = rows.map(({ id }) => id)
    await expect(adapter.readMany!(set, [...ids, ids[0]!], call)).rejects.toThrow(
      new RangeError('101 ids; 100 fit'),
    )
    const writes = [...rows, rows[0]!].map((row) => upsert(change(row, { [title]: 'b' })))
    await expect(adapter.writeMany!(set, writes, call)).rejects.toThrow(new RangeError('101 writes; 100 fit'))
  },
)

test.each(forms)(
  'OD-32 on %s as %s reads come in the order asked, odd and absent keys among them',
  async (profile, form) => {
    const { service, adapter, set, made } = await opened(profile, form)
    const [a, b, c] = (await made(3)) as [ExternalRow, ExternalRow, ExternalRow]
    await service.edit('delete', b.id)
    expect(await adapter.readMany!(set, [c.id, 'odd', b.id, a.id], call)).toEqual([
      { kind: 'row', row: c },
      { kind: 'absent' },
      { kind: 'absent' },
      { kind: 'row', row: a },
    ])
  },
)

test.each(forms)(
  'OD-31 on %s as %s what stands in a field ends no part of the batch',
  async (profile, form) => {
    const { title, write, service } = await opened(profile, form)
    const odd = '\r\n--batch_x--\r\nContent-Type: application/http\r\n\r\nDELETE /Visits HTTP/1.1\r\n'
    const writes = [odd, 'plain'].map((text, i) =>
      upsert(create(`x${i}`, { [title]: 'a', [service.note]: text })),
    )
    const answers = await write(writes)
    expect(answers.map((answer) => rowIn(answer).value[service.note])).toEqual([odd, 'plain'])
  },
)

/** What the service answered to the batch, changed on its way. */
function onBatch(change: (answer: HttpAnswer & { kind: 'answer' }) => HttpAnswer): void {
  onRequest(async (send, url) => {
    const answer = await send()
    return url.endsWith('/$batch') && answer.kind === 'answer' ? change(answer) : answer
  })
}

const withText = (answer: HttpAnswer & { kind: 'answer' }, body: string): HttpAnswer => ({ ...answer, body })

test.each([
  ['cut off', (text: string) => text.slice(0, -40)],
  ['with a part that is no answer', (text: string) => text.replace(/HTTP\/1\.1 201/, 'nonsense')],
  ['with one part too many', (text: string) => text.replace(/^(--\S+)(.*?)\1/s, '$1$2$1$2$1')],
  ['empty', () => ''],
  ['a page in HTML', () => '<html>login</html>'],
])('OD-32 an answer to a batch that is %s is unknown for all of it', async (_, broken) => {
  const { title, write } = await opened('sap', 'multipart')
  onBatch((answer) => withText(answer, broken(answer.body)))
  const writes = ['a', 'b', 'c'].map((name) => upsert(create(name, { [title]: name })))
  expect(kinds(await write(writes))).toEqual(['unknown', 'unknown', 'unknown'])
})

test('OD-32 a service that stops at the first failure: what comes after it was not tried', async () => {
  const { service, title, write } = await opened('sap', 'multipart')
  onRequest((send, url, request) => {
    // As a service behaves that does not know the preference.
    if (url.endsWith('/$batch')) delete request.headers?.prefer
    return send()
  })
  const writes = ['a', 'poison', 'c', 'd'].map((name) => upsert(create(name, { [title]: name })))
  const answers = await write(writes)
  expect(kinds(answers)).toEqual(['done', 'rejected', 'later', 'later'])
  expect(answers[2]).toMatchObject({ reason: expect.stringContaining('no answer to part 3 of 4') })
  expect(await service.rows()).toHaveLength(1)
})

const without = (text: string, drop: number) => {
  const { responses } = JSON.parse(text)
  return JSON.stringify({ responses: responses.filter((_: unknown, i: number) => i !== drop) })
}

test.each([
  [
    'an answer is missing in the middle',
    (text: string) => without(text, 1),
    ['unknown', 'unknown', 'unknown'],
  ],
  [
    'the last answer is missing, and none failed',
    (text: string) => without(text, 2),
    ['done', 'done', 'unknown'],
  ],
  [
    'answers come in another order',
    (text: string) => JSON.stringify({ responses: JSON.parse(text).responses.reverse() }),
    ['done', 'done', 'done'],
  ],
  ['ids are numbers', (text: string) => text.replace(/"id":"(\d)"/g, '"id":$1'), ['done', 'done', 'done']],
  [
    'an id is another one',
    (text: string) => text.replace('"id":"3"', '"id":"4"'),
    ['unknown', 'unknown', 'unknown'],
  ],
])('OD-32 in JSON, %s', async (_, broken, expected) => {
  const { title, write } = await opened('business-central', 'json')
  onBatch((answer) => withText(answer, broken(answer.body)))
  const writes = ['a', 'b', 'c'].map((name) => upsert(create(name, { [title]: name })))
  const answers = await write(writes)
  expect(kinds(answers)).toEqual(expected)
  for (const [i, answer] of answers.entries())
    if (answer.kind === 'done') expect(answer.row.externalId).toBe(['a', 'b', 'c'][i])
})

test('OD-41 one part that is throttled waits as long as it is told, and the others do not', async () => {
  const { title, write } = await opened('business-central', 'json')
  onBatch((answer) => {
    const { responses } = JSON.parse(answer.body)
    const error = { code: 'Application_TooManyRequests', message: 'slowly' }
    responses[1] = { id: '2', status: 429, headers: { 'Retry-After': '7' }, body: { error } }
    return withText(answer, JSON.stringify({ responses }))
  })
  const writes = ['a', 'b', 'c'].map((name) => upsert(create(name, { [title]: name })))
  const answers = await write(writes)
  expect(kinds(answers)).toEqual(['done', 'later', 'done'])
  expect(answers[1]).toMatchObject({ retryAfterMs: 7_000 })
})

test('OD-31 a change set on the wire holds one write, and addresses are the profile’s', async () => {
  const bodies: string[] = []
  for (const profile of ['sap', 'dataverse'] as const) {
    const { title, write, service } = await opened(profile, 'multipart')
    onRequest((send, url, { body = '' }) => {
      if (url.endsWith('/$batch')) bodies.push(body)
      return send()
    })
    await write(['a', 'b'].map((name) => upsert(create(name, { [title]: name, [service.note]: 'n' }))))
  }
  const lines = bodies.map((body) => body.split('\r\n').filter((line) => /^(POST|PATCH) /.test(line)))
  expect(lines).toEqual([
    ['POST Visits HTTP/1.1', 'POST Visits HTTP/1.1'],
    [expect.stringMatching(/^PATCH \/api\/data\/v9\.2\/skerry_visits\(/), expect.stringMatching(/^PATCH \//)],
  ])
  for (const body of bodies) expect(body.match(/boundary=set_/g)).toHaveLength(2)
})

test.each(forms)(
  'OD-42 on %s as %s a batch of reads whose answer is too large is refused: nothing was written',
  async (profile, form) => {
    const { service, adapter, set, made } = await opened(profile, form, 100_000)
    const ids = (await made(2)).map(({ id }) => id)
    await service.fault({ fault: 'swell-body', bytes: 100_000, count: 1 } as ODataFault)
    const answers = await adapter.readMany!(set, ids, call)
    expect(kinds(answers)).toEqual(['rejected', 'rejected'])
  },
)
