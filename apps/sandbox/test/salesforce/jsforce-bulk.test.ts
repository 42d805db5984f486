/** Bulk API 2.0 against jsforce. */
import { expect, test } from 'vitest'
import { type Organisation, startOrganisation } from './organisation.ts'

/** Results with the columns of the data beside Salesforce's own. */
type Records = Record<string, string>[]

const waiting = { pollInterval: 5, pollTimeout: 20_000 }

async function bulk({ login }: Organisation) {
  return (await login()).bulk2
}

test('insert, update, upsert and delete by job: what became of each record', async () => {
  const org = await startOrganisation()
  const bulk2 = await bulk(org)
  const inserted = await bulk2.loadAndWaitForResults({
    object: 'Account',
    operation: 'insert',
    input: [
      { Name: 'a', Skerry_Id__c: '1', Description: 'two\nlines, "quoted"' },
      { Phone: '1', Skerry_Id__c: '2' },
      { Name: 'c', Skerry_Id__c: '1' },
      { Name: 'd', Skerry_Id__c: '4' },
    ] as never,
    ...waiting,
  })
  expect(
    (inserted.successfulResults as unknown as Records)
      .map(({ Skerry_Id__c, sf__Created }) => [Skerry_Id__c, sf__Created])
      .sort(),
  ).toEqual([
    ['1', 'true'],
    ['4', 'true'],
  ])
  const errors = Object.fromEntries(
    (inserted.failedResults as unknown as Records).map(({ Name, sf__Error }) => [Name, sf__Error]),
  )
  expect(errors['']).toBe('REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --')
  expect(errors.c).toMatch(/^DUPLICATE_VALUE:duplicate value found: Skerry_Id__c .*:--$/)
  expect(inserted.unprocessedRecords).toEqual([])
  const [first, last] = (await org.rows('Account')).map(({ id }) => id)
  expect((await org.rows('Account'))[0]?.fields.Description).toBe('two\nlines, "quoted"')

  await bulk2.loadAndWaitForResults({
    object: 'Account',
    operation: 'update',
    input: `Id,Name,Description\n${first},,#N/A\n`,
    ...waiting,
  })
  expect((await org.rows('Account'))[0]?.fields).toMatchObject({ Name: 'a', Description: null })
  const upserted = await bulk2.loadAndWaitForResults({
    object: 'Account',
    operation: 'upsert',
    externalIdFieldName: 'Skerry_Id__c',
    input: [
      { Skerry_Id__c: '4', Name: 'd again' },
      { Skerry_Id__c: '5', Name: 'e' },
    ] as never,
    ...waiting,
  })
  expect(upserted.successfulResults.map(({ sf__Created }) => sf__Created).sort()).toEqual(['false', 'true'])
  await bulk2.loadAndWaitForResults({
    object: 'Account',
    operation: 'delete',
    input: [{ Id: last }] as never,
    ...waiting,
  })
  await bulk2.loadAndWaitForResults({
    object: 'Account',
    operation: 'hardDelete',
    input: [{ Id: first }] as never,
    ...waiting,
  })
  expect((await org.rows('Account')).map(({ fields, deleted }) => [fields.Name, deleted])).toEqual([
    ['d again', true],
    ['e', false],
  ])
  const batches = (await org.ledger()).filter(({ method }) => method === 'BULK')
  expect(batches.map(({ operations }) => operations.length)).toEqual([4, 1, 2, 1, 1])
})

test('a job that stops in the middle leaves records unprocessed, one whose data is no CSV leaves all', async () => {
  const org = await startOrganisation()
  const bulk2 = await bulk(org)
  await org.fault({ fault: 'fail-job', afterRecords: 2, count: 1 })
  const job = bulk2.createJob({ object: 'Account', operation: 'insert' })
  await job.open()
  await job.uploadData(['a', 'b', 'c'].map((Name) => ({ Name })) as never)
  await job.close()
  await expect(job.poll(5, 20_000)).rejects.toThrow(
    'Ingest job failed to complete due to: InternalServerError',
  )
  const results = await job.getAllResults()
  expect([results.successfulResults.length, results.unprocessedRecords]).toEqual([2, [{ Name: 'c' }]])
  const broken = bulk2.createJob({ object: 'Account', operation: 'insert' })
  await broken.open()
  await broken.uploadData('Name\n"a\n')
  await broken.close()
  await expect(broken.poll(5, 20_000)).rejects.toThrow('InvalidBatch')
})

test('an aborted job does nothing more, and its states are held to', async () => {
  const org = await startOrganisation({ settings: { bulkPauseMs: 60_000 } })
  const bulk2 = await bulk(org)
  const job = bulk2.createJob({ object: 'Account', operation: 'insert' })
  await job.open()
  await expect(job.getSuccessfulResults()).rejects.toThrow('InvalidJobState : the job is Open')
  await job.uploadData([{ Name: 'a' }] as never)
  await job.close()
  expect((await job.check()).state).toBe('UploadComplete')
  await expect(job.close()).rejects.toMatchObject({ errorCode: 'INVALIDJOBSTATE' })
  await job.abort()
  expect(await org.rows('Account')).toEqual([])
  const { json } = await org.call('GET', '/jobs/ingest')
  expect(json.records).toMatchObject([
    { id: job.id, state: 'Aborted', object: 'Account', jobType: 'V2Ingest' },
  ])
  await job.delete()
  await expect(job.check()).rejects.toMatchObject({ errorCode: 'NOT_FOUND' })
})

test('a query by job comes in pages, each leading to the next', async () => {
  const org = await startOrganisation()
  await org.seed(
    'Account',
    Array.from({ length: 5 }, (_, i) => ({ Name: `a${i}`, AnnualRevenue: '1234567890123456.78' })),
  )
  const bulk2 = await bulk(org)
  const stream = await bulk2.query('SELECT Name, AnnualRevenue, Phone FROM Account ORDER BY Name', waiting)
  expect(await stream.toArray()).toMatchObject([
    { Name: 'a0', AnnualRevenue: expect.anything(), Phone: '' },
    { Name: 'a1' },
    { Name: 'a2' },
    { Name: 'a3' },
    { Name: 'a4' },
  ])
  const { json: job } = await org.call('POST', '/jobs/query', {
    operation: 'query',
    query: 'SELECT Name FROM Account ORDER BY Name',
  })
  expect((await org.call('GET', `/jobs/query/${job.id}`)).json.state).toBe('JobComplete')
  const names: string[] = []
  let locator: string | null = ''
  while (locator !== 'null') {
    const path = `${org.url}/services/data/v62.0/jobs/query/${job.id}/results?maxRecords=2${locator ? `&locator=${locator}` : ''}`
    const page = await fetch(path, { headers: { authorization: `Bearer ${org.token}` } })
    names.push(...(await page.text()).trim().split('\n').slice(1))
    locator = page.headers.get('sforce-locator')
  }
  expect(names).toEqual(['"a0"', '"a1"', '"a2"', '"a3"', '"a4"'])
})
