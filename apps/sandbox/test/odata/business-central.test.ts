/** The Business Central profile: tags told as 409, deltas with `@removed` and 410, batches as JSON. */

import { expect, test } from 'vitest'
import { buildQuery } from './build-query.ts'
import { startService } from './service.ts'

const open = (more: object = {}) => startService({ profile: 'business-central', ...more })

test('a stale tag is told as a changed entity, a second row of one external id as the same key', async () => {
  const { call } = await open()
  const { json: made } = await call('POST', '/visits', { title: 'a', externalId: 'x' })
  const again = await call('POST', '/visits', { title: 'b', externalId: 'x' })
  expect([again.status, again.json.error.code]).toEqual([400, 'Internal_EntityWithSameKeyExists'])
  const stale = await call('PATCH', `/visits(${made.id})`, { title: 'c' }, { 'if-match': 'W/"old"' })
  expect([stale.status, stale.json.error.code]).toEqual([409, 'Request_EntityChanged'])
  const fresh = await call(
    'PATCH',
    `/visits(${made.id})`,
    { title: 'c' },
    { 'if-match': made['@odata.etag'] },
  )
  expect([fresh.status, fresh.json.title]).toEqual([200, 'c'])
})

test('rows changed since, by the time of their change, ties included', async () => {
  const { call, seed, rows } = await open({ now: () => 1_767_225_600_123 })
  const ids = await seed('visits', [{ title: 'a' }, { title: 'b' }, { title: 'c' }])
  const at = (await rows('visits'))[0]?.modifiedAt.replace(/(\.\d{3})\d*/, '$1')
  expect(at).toBe('2026-01-01T00:00:00.123Z')
  const after = [...ids].sort()[0]
  const filter = `systemModifiedAt gt ${at} or (systemModifiedAt eq ${at} and id gt ${after})`
  const query = buildQuery({ filter, orderBy: ['systemModifiedAt', 'id'], select: ['title'] })
  const { json } = await call('GET', `/visits${query}`)
  expect(json.value.map(({ id }) => id)).toEqual([...ids].sort().slice(1))
})

test('a delta tells deleted rows as removed; a link that has ended is 410 and says where to begin', async () => {
  const { call, seed, edit, admin } = await open()
  const [id = ''] = await seed('visits', [{ title: 'a' }])
  const { json: first } = await call('GET', '/visits?$select=title', undefined, {
    prefer: 'odata.track-changes',
  })
  await edit('visits', 'delete', id)
  const { json: delta } = await call('GET', first['@odata.deltaLink'])
  expect(delta.value).toEqual([{ '@removed': { reason: 'deleted' }, '@odata.id': `visits(${id})`, id }])
  await admin('POST', '/deltas/forget')
  const ended = await call('GET', delta['@odata.deltaLink'])
  expect(ended.status).toBe(410)
  expect(ended.headers.get('location')).toMatch(/\/visits\?%24select=title$/)
  expect((await call('GET', ended.headers.get('location') ?? '')).status).toBe(200)
})

const create = (id: string, title: string, more: object = {}) => ({
  id,
  method: 'POST',
  url: 'visits',
  body: { title },
  ...more,
})

test('a batch as JSON: answers by id, groups whole or not at all, what depends on a failure is not tried', async () => {
  const { call, rows } = await open()
  const requests = [
    create('1', 'one'),
    { id: '2', method: 'patch', url: '$1', body: { note: 'of one' } },
    create('3', 'three', { atomicityGroup: 'g' }),
    create('4', 'poison', { atomicityGroup: 'g' }),
    create('5', 'five', { dependsOn: ['g'] }),
    create('6', 'six'),
    { id: '7', method: 'GET', url: 'visits?$select=title&$orderby=title' },
  ]
  const { json } = await call('POST', '/$batch', { requests }, { prefer: 'odata.continue-on-error' })
  expect(json.responses.map(({ id, status }) => [id, status])).toEqual([
    ['1', 201],
    ['2', 200],
    ['3', 424],
    ['4', 400],
    ['5', 424],
    ['6', 201],
    ['7', 200],
  ])
  expect(json.responses[6]?.body?.value.map(({ title }) => title)).toEqual(['one', 'six'])
  const stopped = await call('POST', '/$batch', { requests: [create('1', 'poison'), create('2', 'b')] })
  expect(stopped.json.responses.map(({ status }) => status)).toEqual([400])
  expect(await rows('visits')).toHaveLength(2)
  expect((await call('POST', '/$batch', { requests: [create('1', 'a'), create('1', 'b')] })).status).toBe(400)
  const most = Array.from({ length: 101 }, (_, i) => create(`${i}`, 'many'))
  expect((await call('POST', '/$batch', { requests: most.slice(1) })).status).toBe(200)
  expect((await call('POST', '/$batch', { requests: most })).status).toBe(400)
})

test('Isolation: snapshot makes one transaction of a batch', async () => {
  const { call, rows, ledger } = await open()
  const requests = [create('1', 'one'), create('2', 'poison'), create('3', 'three')]
  const { json } = await call('POST', '/$batch', { requests }, { isolation: 'snapshot' })
  expect(json.responses.map(({ id, status }) => [id, status])).toEqual([
    ['1', 424],
    ['2', 400],
  ])
  expect(await rows('visits')).toEqual([])
  expect((await ledger()).at(-1)?.committed).toBe(false)
})
