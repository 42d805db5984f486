import { expect, test } from 'vitest'
import { type AppFixture, openApp, problemIn } from './app.test-support.ts'
import { PAGE_RECORDS_MAX, UNREADABLE_TOLD_MS } from './limits.ts'

interface Page {
  records: { id: string; value: { title: string; region: string } }[]
  next?: string
}

async function withJobs(): Promise<AppFixture> {
  const fixture = await openApp()
  const jobs = fixture.replica.collection('jobs')
  for (let i = 0; i < 6; i++) {
    const region = i % 3 === 0 ? 'south' : 'north'
    await jobs.create({ title: `job ${i}`, region, open: i < 4, rank: i }, { id: `j${i}` })
  }
  return fixture
}

const idsIn = async (response: Response) => ((await response.json()) as Page).records.map(({ id }) => id)

test('an administrator reads every record, a device those of its channels', async () => {
  const { asAdmin, device } = await withJobs()
  expect(await idsIn(await asAdmin('/api/v1/records/jobs'))).toEqual(['j0', 'j1', 'j2', 'j3', 'j4', 'j5'])
  const north = await device(['region:north'])
  expect(await idsIn(await north.get('/api/v1/records/jobs'))).toEqual(['j1', 'j2', 'j4', 'j5'])
  expect(await idsIn(await (await device(['region:west'])).get('/api/v1/records/jobs'))).toEqual([])
  expect(await idsIn(await (await device(['*'])).get('/api/v1/records/jobs'))).toHaveLength(6)
})

test('fault A2: one record: there, or in no channel the caller may read, which looks the same as not there', async () => {
  const { device } = await withJobs()
  const north = await device(['region:north'])
  expect(await (await north.get('/api/v1/records/jobs/j1')).json()).toMatchObject({
    id: 'j1',
    value: { title: 'job 1' },
  })
  const foreign = await problemIn(await north.get('/api/v1/records/jobs/j0'))
  const missing = await problemIn(await north.get('/api/v1/records/jobs/j9'))
  expect(foreign.detail.replace('j0', 'j9')).toBe(missing.detail)
  expect(foreign).toMatchObject({ status: 404, code: 'not-found' })
})

test('fault A2: who asks for what it may not read is written down, once a minute for each device, with how often; what is not there is not', async () => {
  const { device, logged, clock, metrics } = await withJobs()
  const north = await device(['region:north'], { subject: 'tech:north' })
  const south = await device(['region:south'], { subject: 'tech:south' })
  const told = () =>
    logged
      .map((line) => JSON.parse(line) as { code?: string })
      .filter(({ code }) => code === 'unreadable-asked')
  for (const id of ['j0', 'j0', 'j3', 'j9', 'j1']) await north.get(`/api/v1/records/jobs/${id}`)
  expect(told()).toMatchObject([{ level: 'warn', subject: 'tech:north', record: 'jobs/j0', before: 0 }])
  await south.get('/api/v1/records/jobs/j1')
  expect(told()).toHaveLength(2)
  clock.now += UNREADABLE_TOLD_MS - 1
  await north.get('/api/v1/records/jobs/j0')
  expect(told()).toHaveLength(2)
  clock.now += 1
  await north.get('/api/v1/records/jobs/j3')
  expect(told().at(-1)).toMatchObject({ subject: 'tech:north', record: 'jobs/j3', before: 3 })
  expect(await metrics.text()).toContain('skerry_api_unreadable_asked_total 6')
})

test('a deleted record is not told', async () => {
  const { asAdmin, replica } = await withJobs()
  await replica.collection('jobs').delete('j1')
  expect(await idsIn(await asAdmin('/api/v1/records/jobs'))).toEqual(['j0', 'j2', 'j3', 'j4', 'j5'])
  expect((await asAdmin('/api/v1/records/jobs/j1')).status).toBe(404)
})

test('pages go on from their cursor, also while records come in, and the last one has none', async () => {
  const { device, replica } = await withJobs()
  const north = await device(['region:north'])
  const first = (await (await north.get('/api/v1/records/jobs?limit=2')).json()) as Page
  expect(first.records.map(({ id }) => id)).toEqual(['j1', 'j2'])
  await replica
    .collection('jobs')
    .create({ title: 'new', region: 'north', open: true, rank: 0 }, { id: 'j0a' })
  const response = await north.get(`/api/v1/records/jobs?limit=2&cursor=${first.next}`)
  const second = (await response.json()) as Page
  expect(second.records.map(({ id }) => id)).toEqual(['j4', 'j5'])
  expect(second.next).toBeUndefined()
  expect(response.headers.get('link')).toBeNull()
})

test('a page names the next one in Link', async () => {
  const { asAdmin } = await withJobs()
  const response = await asAdmin('/api/v1/records/jobs?limit=2&region=north')
  const path = /^<(.*)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]
  expect(await idsIn(await asAdmin(path!))).toEqual(['j4', 'j5'])
})

test('filters are equalities on declared indexes, of strings, numbers and booleans', async () => {
  const { asAdmin } = await withJobs()
  expect(await idsIn(await asAdmin('/api/v1/records/jobs?region=south'))).toEqual(['j0', 'j3'])
  expect(await idsIn(await asAdmin('/api/v1/records/jobs?rank=4'))).toEqual(['j4'])
  expect(await idsIn(await asAdmin('/api/v1/records/jobs?open=false'))).toEqual(['j4', 'j5'])
  expect(await idsIn(await asAdmin('/api/v1/records/jobs?open=true&region=north'))).toEqual(['j1', 'j2'])
  expect(await idsIn(await asAdmin('/api/v1/records/jobs?region=west'))).toEqual([])
})

test.each([
  ['a field without index', 'jobs?title=x', 'not a declared index of jobs; declared are region, open, rank'],
  ['a limit of 0', 'jobs?limit=0', '?limit'],
  ['a limit above the ceiling', `jobs?limit=${PAGE_RECORDS_MAX + 1}`, '?limit'],
  ['a parameter twice', 'jobs?limit=1&limit=2', 'give it once'],
])('%s is refused', async (_, path, words) => {
  const { asAdmin } = await withJobs()
  const problem = await problemIn(await asAdmin(`/api/v1/records/${path}`))
  expect(problem).toMatchObject({ status: 400, code: 'invalid-request' })
  expect(problem.detail).toContain(words)
})

test('a limit at the ceiling is taken', async () => {
  const { asAdmin } = await withJobs()
  expect(await idsIn(await asAdmin(`/api/v1/records/jobs?limit=${PAGE_RECORDS_MAX}`))).toHaveLength(6)
})

test('a collection that is not in the config is not found', async () => {
  const { asAdmin } = await withJobs()
  const problem = await problemIn(await asAdmin('/api/v1/records/people'))
  expect(problem).toMatchObject({ status: 404, code: 'unknown-collection' })
  expect(problem.detail).toContain('there are jobs, notes')
})
