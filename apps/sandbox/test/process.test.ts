import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { request, tokenOf } from './crm.ts'
import { scratchFile } from './scratch.ts'

const main = new URL('../src/main.ts', import.meta.url).pathname

async function startProcess(...options: string[]) {
  const child = spawn(process.execPath, [main, ...options], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  const [line] = await once(createInterface(child.stdout), 'line')
  const ready: { ready: boolean; url: string; adminUrl: string } = JSON.parse(line)
  return { child, exited, ready }
}

async function put(url: string, externalId: string, client?: { clientId: string; clientSecret: string }) {
  const authorization = `Bearer ${await tokenOf(url, client)}`
  return request('PUT', `${url}/v1/cases/by-external-id/${externalId}`, { fields: {} }, { authorization })
}

test('prints one ready line, serves both ports, and ends on SIGTERM with 0', async () => {
  const { child, exited, ready } = await startProcess('--port', '0', '--admin-port', '0')
  expect(ready).toEqual({
    ready: true,
    url: expect.stringMatching(/^http:\/\/localhost:\d+$/),
    adminUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
  })
  expect((await put(ready.url, 'c1')).status).toBe(201)
  expect((await request('GET', `${ready.adminUrl}/stats`)).body.types.cases?.rows).toBe(1)
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
})

test('SIGINT ends it with 0 too, although a feed is open and a call is held', async () => {
  const { child, exited, ready } = await startProcess()
  const feed = await fetch(`${ready.url}/events`)
  await request('POST', `${ready.adminUrl}/faults`, { plan: [{ fault: 'hold', match: { method: 'PUT' } }] })
  const held = expect(put(ready.url, 'c1')).rejects.toThrow('fetch failed')
  await request('GET', `${ready.adminUrl}/faults/held?atLeast=1`)
  child.kill('SIGINT')
  expect(await exited).toEqual([0, null])
  await held
  expect(await feed.text()).toContain('retry: ')
})

test('a killed sandbox comes back with all it has answered', async () => {
  const file = scratchFile('crm.db')
  const first = await startProcess('--file', file)
  expect((await put(first.ready.url, 'c1')).body.version).toBe(1)
  first.child.kill('SIGKILL')
  await first.exited
  const second = await startProcess('--file', file)
  expect((await put(second.ready.url, 'c1')).body).toMatchObject({ version: 1, created: false })
})

test('clients, token life and rate come as options', async () => {
  const { ready } = await startProcess(
    '--client',
    'a:s:1',
    '--client',
    'b:2',
    '--token-seconds',
    '5',
    '--rate',
    '1/60000',
  )
  expect((await put(ready.url, 'c1', { clientId: 'a', clientSecret: 's:1' })).status).toBe(201)
  expect((await put(ready.url, 'c1', { clientId: 'a', clientSecret: 's:1' })).status).toBe(429)
  expect((await put(ready.url, 'c1', { clientId: 'b', clientSecret: '2' })).status).toBe(200)
  expect((await request('GET', `${ready.adminUrl}/settings`)).body).toMatchObject({ tokenSeconds: 5 })
})

test('--kind salesforce starts an organisation, with its own client, session life and daily limit', async () => {
  const { child, exited, ready } = await startProcess(
    '--kind',
    'salesforce',
    '--daily',
    '1',
    '--token-seconds',
    '60',
  )
  const form = {
    grant_type: 'client_credentials',
    client_id: 'skerry',
    client_secret: 'skerry-salesforce-secret',
  }
  const token = `${ready.url}/services/oauth2/token`
  const answer = await (await fetch(token, { method: 'POST', body: new URLSearchParams(form) })).json()
  const authorization = `Bearer ${(answer as { access_token: string }).access_token}`
  const list = () => request('GET', `${ready.url}/services/data/v62.0/sobjects`, undefined, { authorization })
  expect([(await list()).status, (await list()).status]).toEqual([200, 403])
  expect((await request('GET', `${ready.adminUrl}/settings`)).body).toMatchObject({ sessionSeconds: 60 })
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
})

test('--kind hubspot starts an account, with its private app and its daily limit', async () => {
  const { child, exited, ready } = await startProcess('--kind', 'hubspot', '--daily', '1')
  const authorization = 'Bearer pat-skerry-hubspot-token'
  const list = () => request('GET', `${ready.url}/crm/v3/objects/contacts`, undefined, { authorization })
  expect([(await list()).status, (await list()).status]).toEqual([200, 429])
  expect((await request('GET', `${ready.adminUrl}/settings`)).body).toMatchObject({ dailyCalls: 1 })
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
})

test('--kind dataverse starts a service, with its own window of requests and token life', async () => {
  const { child, exited, ready } = await startProcess(
    '--kind',
    'dataverse',
    '--rate',
    '1/60000',
    '--token-seconds',
    '60',
  )
  const form = { grant_type: 'client_credentials', client_id: 'skerry', client_secret: 'skerry-odata-secret' }
  const answer = await fetch(`${ready.url}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) })
  const { access_token, expires_in } = (await answer.json()) as { access_token: string; expires_in: number }
  const authorization = `Bearer ${access_token}`
  const list = () => request('GET', `${ready.url}/api/data/v9.2/skerry_visits`, undefined, { authorization })
  expect([(await list()).status, (await list()).status, expires_in]).toEqual([200, 429, 60])
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
})

test.each([
  ['--colour', 'red'],
  ['--port', 'x'],
  ['--rate', '5'],
  ['--client', 'nameless'],
  ['--kind', 'erp'],
  ['--daily', '5'],
  ['--kind=salesforce', '--rate=5/1000'],
  ['--kind=hubspot', '--rate=5/1000'],
  ['--kind=sap', '--daily=5'],
])('an option that makes no sense (%s %s) ends it with 2 and the usage', async (...options) => {
  const child = spawn(process.execPath, [main, ...options], { stdio: ['ignore', 'ignore', 'pipe'] })
  let told = ''
  child.stderr.on('data', (chunk) => {
    told += chunk
  })
  expect(await once(child, 'close')).toEqual([2, null])
  expect(told).toContain('usage: node apps/sandbox/src/main.ts')
})
