import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FaultProxy } from '../src/index.ts'

let system: Server
let proxy: FaultProxy
/** Bodies that reached the system. */
let heard: string[]

beforeEach(async () => {
  heard = []
  system = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.once('end', () => {
      heard.push(body)
      response.writeHead(201, { 'x-system': 'yes' }).end(`${request.method} ${request.url} ${body}`)
    })
  })
  await new Promise<void>((resolve) => system.listen(0, '127.0.0.1', resolve))
  proxy = await FaultProxy.start(`http://127.0.0.1:${(system.address() as AddressInfo).port}`)
})
afterEach(async () => {
  await proxy.close()
  system.closeAllConnections()
  await new Promise((resolve) => system.close(resolve))
})

const any = () => true
const post = (body: string, signal?: AbortSignal) =>
  fetch(`${proxy.url}/db/`, { method: 'POST', body, ...(signal && { signal }) })

test('what passes is not changed, and kept', async () => {
  const response = await post('one')
  expect([response.status, response.headers.get('x-system'), await response.text()]).toEqual([
    201,
    'yes',
    'POST /db/ one',
  ])
  expect(proxy.passed).toEqual([
    { number: 1, path: '/db/', request: 'one', answer: { status: 201, body: 'POST /db/ one' } },
  ])
})

test('lose: carried out, and no answer', async () => {
  void proxy.strike(any, { act: 'lose' })
  await expect(post('one')).rejects.toThrow()
  expect(heard).toEqual(['one'])
  expect((await post('two')).status).toBe(201)
})

test('cut: half of the answer', async () => {
  void proxy.strike(any, { act: 'cut' })
  const response = await post('one')
  expect(response.status).toBe(201)
  await expect(response.text()).rejects.toThrow()
  expect(heard).toEqual(['one'])
})

test('replace: carried out, and another answer', async () => {
  void proxy.strike(any, { act: 'replace', status: 200, body: '<h1>' })
  const response = await post('one')
  expect([response.status, await response.text(), heard]).toEqual([200, '<h1>', ['one']])
})

test('refuse: not carried out', async () => {
  void proxy.strike(any, { act: 'refuse', status: 429, headers: { 'retry-after': '7' }, body: 'wait' })
  const response = await post('one')
  expect([response.status, response.headers.get('retry-after'), heard]).toEqual([429, '7', []])
})

test('hang: no answer until the caller leaves', async () => {
  const abort = new AbortController()
  const arrived = proxy.strike(any, { act: 'hang' })
  const asked = post('one', abort.signal)
  await arrived
  abort.abort()
  await expect(asked).rejects.toThrow(/abort/i)
  expect(heard).toEqual([])
})

test('hold: carried out, and the answer waits, or is lost', async () => {
  for (const how of ['answer', 'lose'] as const) {
    void proxy.strike(any, { act: 'hold' }, 2)
    const asked = [post('one'), post('two')].map((each) =>
      each.then(
        ({ status }) => status,
        () => 'lost',
      ),
    )
    await proxy.holds((held) => held.length === 2)
    expect(heard.sort()).toEqual(['one', 'two'])
    proxy.release(how)
    expect(await Promise.all(asked)).toEqual(how === 'answer' ? [201, 201] : ['lost', 'lost'])
    heard.length = 0
  }
})

test('what is held for a caller who left is held no more', async () => {
  const abort = new AbortController()
  void proxy.strike(any, { act: 'hold' })
  const asked = post('one', abort.signal)
  await proxy.holds((held) => held.length === 1)
  abort.abort()
  await expect(asked).rejects.toThrow(/abort/i)
  void proxy.strike(any, { act: 'hold' })
  const other = post('two')
  await proxy.holds((held) => held.some(({ request }) => request === 'two'))
  expect(proxy.held.map(({ request }) => request)).toEqual(['two'])
  proxy.release('answer')
  expect((await other).status).toBe(201)
})

test('only what matches is struck, as often as was said, and nothing after calm', async () => {
  const refuse = { act: 'refuse', status: 500, body: '' } as const
  void proxy.strike(({ request }) => request === 'bad', refuse, 2)
  const statuses = []
  for (const body of ['good', 'bad', 'bad', 'bad']) statuses.push((await post(body)).status)
  expect(statuses).toEqual([201, 500, 500, 201])
  void proxy.strike(any, refuse)
  proxy.calm()
  expect((await post('good')).status).toBe(201)
})
