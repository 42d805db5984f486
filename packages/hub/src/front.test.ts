import { expect, test } from 'vitest'
import { openApp } from './app.test-support.ts'

const fromBrowser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }
const fromProgram = { accept: 'application/json' }

test('a browser is shown a page with hub, space, version, readiness, and links that lead somewhere', async () => {
  const { app, replica } = await openApp()
  const response = await app.request('/', { headers: fromBrowser })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toContain('text/html')
  expect(response.headers.get('cache-control')).toBe('no-store')
  const page = await response.text()
  expect(page).toContain('<h1>Skerry hub of acme</h1>')
  expect(page).toMatch(new RegExp(`Hub ${replica.node}, version \\d+\\.\\d+\\.\\d+`))
  expect(page).toContain('<p>Ready.')
  const links = Array.from(page.matchAll(/<a href="(.*?)">/g), ([, path = '']) => path)
  expect(links).toEqual(['/livez', '/readyz', '/metrics', '/api/v1/authority', '/api/v1'])
  for (const path of links) expect((await app.request(path)).status).toBe(200)
})

test('a program that accepts JSON gets the same as JSON; who accepts anything gets the page', async () => {
  const { app, replica } = await openApp()
  const response = await app.request('/', { headers: fromProgram })
  expect(response.headers.get('vary')).toContain('Accept')
  expect(await response.json()).toEqual({
    hub: replica.node,
    space: 'acme',
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    ready: true,
    links: expect.objectContaining({ '/readyz': expect.any(String) }),
  })
  for (const headers of [{}, { accept: '*/*' }])
    expect((await app.request('/', { headers })).headers.get('content-type')).toContain('text/html')
})

test('a hub that is not ready says so, and the page is there all the same', async () => {
  const { app, state, disk, replica } = await openApp()
  disk.full = true
  await expect(replica.collection('notes').create({ text: 'x' })).rejects.toThrow('full')
  expect(await (await app.request('/', { headers: fromBrowser })).text()).toContain(
    'Not ready (store-failing)',
  )
  state.draining = true
  const response = await app.request('/', { headers: fromProgram })
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ ready: false, reason: 'draining' })
})

test('fault C13: the name of a space is text on the page, whatever it holds', async () => {
  const { app } = await openApp('<script>alert("x")</script>')
  const page = await (await app.request('/')).text()
  expect(page).not.toContain('<script>')
  expect(page).toContain('&lt;script&gt;')
})

test('the page tells no secret and nothing of the records', async () => {
  const { app, admin, replica, authority } = await openApp()
  await replica.collection('notes').create({ text: 'nobody else knows' })
  for (const headers of [fromBrowser, fromProgram]) {
    const body = await (await app.request('/', { headers })).text()
    for (const secret of [
      admin.authorization.slice('Bearer '.length),
      authority.privateJwk.d,
      'nobody else',
      'notes',
    ])
      expect(body).not.toContain(secret)
  }
})

test('/api/v1 lists the routes of the API to everyone, and each that it lists is there', async () => {
  const { app, admin } = await openApp()
  const response = await app.request('/api/v1')
  expect(response.status).toBe(200)
  expect(response.headers.get('cache-control')).toBe('no-store')
  const { routes, ...rest } = (await response.json()) as { routes: Record<string, string> }
  expect(rest).toEqual({ space: 'acme', version: expect.stringMatching(/^\d/) })
  for (const route of Object.keys(routes)) {
    const [method = '', path = ''] = route.split(' ')
    const asked = path.replace(':collection', 'notes').replace(/:(hash|key)/, 'ab'.repeat(32))
    const answer = await app.request(asked, { method, headers: admin })
    expect(await answer.text()).not.toContain('nothing here')
  }
})
