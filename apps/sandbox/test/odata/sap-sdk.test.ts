/** The SAP profile against SAP's own SDK, which nobody here wrote: CSRF tokens, entity tags, queries, batches. */
import { and, asc, BatchChangeSet, ODataBatchRequestBuilder, or } from '@sap-cloud-sdk/odata-v4'
import { expect, test } from 'vitest'
import { sap } from '../../src/odata/profiles/sap.ts'
import { type Service, startService } from './service.ts'
import { VisitsApi } from './visits-api.ts'

const api = new VisitsApi()
const visits = api.requestBuilder()
const { schema } = api

function destinationOf({ url }: Service) {
  return {
    url,
    authentication: 'BasicAuthentication',
    username: 'skerry',
    password: 'skerry-odata-secret',
  } as const
}

function visit(title: string, more: { note?: string; externalReference?: string } = {}) {
  const built = api.entityBuilder().title(title)
  if (more.note !== undefined) built.note(more.note)
  if (more.externalReference !== undefined) built.externalReference(more.externalReference)
  return built.build()
}

/** What the service answered to a call that failed; the SDK keeps it in the cause of a cause. */
async function refusal(calling: Promise<unknown>) {
  let error: unknown = await calling.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  while (error instanceof Error && error.cause instanceof Error) error = error.cause
  const { response } = error as { response: { status: number; data: { error?: { code: string } } } }
  return { status: response.status, code: response.data.error?.code }
}

async function open() {
  const service = await startService({ profile: 'sap' })
  return { service, destination: destinationOf(service) }
}

test('create, read, change, delete, each change with a token of its session and under the tag of what was read', async () => {
  const { service, destination } = await open()
  const made = await visits.create(visit('Pump', { note: 'loud' })).execute(destination)
  expect(made).toMatchObject({ title: 'Pump', note: 'loud', versionIdentifier: 'W/"SADL-00000001"' })
  const read = await visits.getByKey(made.visitUuid).execute(destination)
  expect(read.versionIdentifier).toBe(made.versionIdentifier)
  expect(read.lastChangedAt.toISOString()).toMatch(/^20/)
  read.title = 'Pump 7'
  const changed = await visits.update(read).execute(destination)
  expect(changed.versionIdentifier).toBe('W/"SADL-00000002"')
  const [row] = await service.rows('Visits')
  expect(row?.fields).toMatchObject({ Title: 'Pump 7', Note: 'loud' })
  const entry = (await service.ledger()).findLast(({ method }) => method === 'PATCH')
  expect(entry?.fields, 'the SDK sends what changed').toEqual(['Title'])
  await visits.delete(await visits.getByKey(made.visitUuid).execute(destination)).execute(destination)
  expect(await refusal(visits.getByKey(made.visitUuid).execute(destination))).toMatchObject({ status: 404 })
})

test('a write under a stale tag is 412, one without a tag 428, and nothing is written', async () => {
  const { service, destination } = await open()
  const made = await visits.create(visit('Pump')).execute(destination)
  await service.edit('Visits', 'update', made.visitUuid, { Title: 'theirs' })
  made.title = 'ours'
  expect(await refusal(visits.update(made).execute(destination))).toEqual({ status: 412, code: 'ZVISIT/012' })
  expect(await refusal(visits.delete(made).execute(destination))).toEqual({ status: 412, code: 'ZVISIT/012' })
  const token = await service.call('GET', '/', undefined, { 'x-csrf-token': 'fetch' })
  const session = {
    'x-csrf-token': token.headers.get('x-csrf-token') ?? '',
    cookie: (token.headers.get('set-cookie') ?? '').split(';')[0] ?? '',
  }
  const unconditional = await service.call('PATCH', `/Visits(${made.visitUuid})`, { Title: 'x' }, session)
  expect([unconditional.status, unconditional.json.error.code]).toEqual([428, 'ZVISIT/028'])
  expect((await visits.getByKey(made.visitUuid).execute(destination)).title).toBe('theirs')
  const answer = await visits.update(made).ignoreVersionIdentifier().execute(destination)
  expect(answer.title, 'If-Match: *').toBe('ours')
})

test('without its token a change is 403, whatever else it carries; the SDK fetches one for each', async () => {
  const { service, destination } = await open()
  const authorization = `Basic ${Buffer.from('skerry:skerry-odata-secret').toString('base64')}`
  const refused = await service.call('POST', '/Visits', { Title: 'a' }, { authorization })
  expect(refused.status).toBe(403)
  expect(refused.headers.get('x-csrf-token')).toBe('Required')
  expect(await service.rows('Visits')).toEqual([])
  await visits.create(visit('b')).execute(destination)
  const fetched = (await service.ledger()).filter(({ method }) => method === 'HEAD')
  expect(fetched.length).toBeGreaterThan(0)
})

test('filters, order, paging by link and $select, as the SDK writes them', async () => {
  const { service, destination } = await open()
  await service.seed(
    'Visits',
    Array.from({ length: 7 }, (_, i) => ({
      Title: `visit ${i}`,
      Note: i % 2 ? "it's odd" : null,
      Cost: `${i}.50`,
    })),
  )
  const odd = await visits
    .getAll()
    .filter(and(schema.NOTE.equals("it's odd"), schema.TITLE.notEquals('visit 1')))
    .orderBy(asc(schema.TITLE))
    .execute(destination)
  expect(odd.map(({ title }) => title)).toEqual(['visit 3', 'visit 5'])
  const cheap = await visits
    .getAll()
    .filter(or(schema.COST.lessThan(1 as never), schema.COST.greaterThan(5.5 as never)))
    .execute(destination)
  expect(cheap.map(({ title }) => title).sort()).toEqual(['visit 0', 'visit 6'])
  const some = await visits
    .getAll()
    .select(schema.TITLE)
    .orderBy(asc(schema.TITLE))
    .top(2)
    .skip(3)
    .execute(destination)
  expect(some.map(({ title, note }) => [title, note])).toEqual([
    ['visit 3', undefined],
    ['visit 4', undefined],
  ])
  expect(odd[0]?.cost?.toFixed(2)).toBe('3.50')
})

test('a batch: reads and change sets, each whole or not at all, and no answer after one that failed', async () => {
  const { service, destination } = await open()
  const [first = ''] = await service.seed('Visits', [{ Title: 'first' }])
  const good = new BatchChangeSet([visits.create(visit('one')), visits.create(visit('two'))])
  const responses = await new ODataBatchRequestBuilder(sap.root, [
    visits.getByKey(first),
    good,
  ] as never).execute(destination)
  expect(responses.map((response) => response.isSuccess())).toEqual([true, true])
  const [read, written] = responses
  if (!read?.isReadResponse() || !written?.isWriteResponses()) throw new Error('other responses')
  expect(read.as(api as never)).toMatchObject([{ title: 'first' }])
  expect(written.responses.map(({ httpCode }) => httpCode)).toEqual([201, 201])
  const bad = new BatchChangeSet([visits.create(visit('three')), visits.create(visit('poison'))])
  const after = new BatchChangeSet([visits.create(visit('four'))])
  const [failed, ...rest] = await new ODataBatchRequestBuilder(sap.root, [bad, after] as never).execute(
    destination,
  )
  expect(failed).toMatchObject({ httpCode: 400, body: { error: { target: 'Title' } } })
  expect(rest).toEqual([])
  const titles = (await service.rows('Visits')).map(({ fields }) => fields.Title)
  expect(titles).toEqual(['first', 'one', 'two'])
})
