/** The app at `/`: what is served, how long it is kept, and what cannot be reached (SPEC.md, AP-1 to AP-5). */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { openApp, problemIn } from './app.test-support.ts'
import { runHub } from './hub.test-support.ts'
import { temporaryFolder } from './temporary-folder.test-support.ts'

const SCRIPT = '/assets/index-B3xK9_fa.js'
const navigation = { 'sec-fetch-mode': 'navigate', accept: 'text/html' }
const page = '<!doctype html><title>Field</title>'
const script = 'console.log("here")'

function build(): string {
  const folder = `${temporaryFolder()}/dist`
  mkdirSync(`${folder}/assets`, { recursive: true })
  const put = (name: string, content: string | Uint8Array) => writeFileSync(`${folder}/${name}`, content)
  put('index.html', page)
  put('sw.js', 'self.skipWaiting()')
  put('manifest.webmanifest', '{}')
  put('.env', 'SECRET=1')
  put('../secret.txt', 'SECRET=2')
  put(SCRIPT.slice(1), script)
  put(`${SCRIPT.slice(1)}.br`, brotliCompressSync(script))
  put(`${SCRIPT.slice(1)}.gz`, gzipSync(script))
  put('assets/engine-Zz09aaaa.wasm', new Uint8Array([0, 0x61, 0x73, 0x6d]))
  put('assets/my-photograph.jpg', 'x')
  return folder
}

async function served() {
  const folder = build()
  const { app } = await openApp('acme', { app: folder })
  return {
    folder,
    get: (path: string, headers: Record<string, string> = {}) => app.request(path, { headers }),
  }
}

test.each([
  ['/', 'text/html', 'no-cache'],
  ['/index.html', 'text/html', 'no-cache'],
  ['/sw.js', 'text/javascript', 'no-cache'],
  ['/manifest.webmanifest', 'application/manifest+json', 'no-cache'],
  [SCRIPT, 'text/javascript', 'public, max-age=31536000, immutable'],
  ['/assets/engine-Zz09aaaa.wasm', 'application/wasm', 'public, max-age=31536000, immutable'],
  ['/assets/my-photograph.jpg', 'image/jpeg', 'no-cache'],
])('AP-3: %s is %s, %s', async (path, type, caching) => {
  const { get } = await served()
  const { status, headers } = await get(path, navigation)
  expect({ status, caching: headers.get('cache-control') }).toEqual({ status: 200, caching })
  expect(headers.get('content-type')).toContain(type)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
})

test('AP-3: what is held already is not sent again, and what changed without a change of age and size is', async () => {
  const { get, folder } = await served()
  utimesSync(`${folder}/sw.js`, 1, 1)
  const etag = (await get('/sw.js')).headers.get('etag')!
  const held = await get('/sw.js', { 'if-none-match': `"x", W/${etag}` })
  expect({ status: held.status, body: await held.text() }).toEqual({ status: 304, body: '' })
  expect(held.headers.get('etag')).toBe(etag)
  // As an image does: each file of the build has the same age, before and after.
  const other = await openApp('acme', { app: folder })
  writeFileSync(`${folder}/sw.js`, 'self.skipWaiting(/')
  utimesSync(`${folder}/sw.js`, 1, 1)
  expect((await other.app.request('/sw.js', { headers: { 'if-none-match': etag } })).status).toBe(200)
})

test('AP-4: precompressed files go to who takes them, each with an ETag of its own', async () => {
  const { get } = await served()
  const tags = new Set<string>()
  for (const [accepted, encoding] of [
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['', null],
  ] as const) {
    const response = await get(SCRIPT, { 'accept-encoding': accepted })
    expect(response.headers.get('content-encoding')).toBe(encoding)
    tags.add(response.headers.get('etag')!)
  }
  expect(tags.size).toBe(3)
})

test('AP-2: navigations get the page; a script, a picture and a call that are not there are 404', async () => {
  const { get } = await served()
  expect(await (await get('/orders/17', navigation)).text()).toBe(page)
  expect(await (await get('/orders/17', { accept: 'text/html,*/*;q=0.8' })).text()).toBe(page)
  for (const [path, headers] of [
    ['/assets/gone-AAAA1111.js', { 'sec-fetch-mode': 'no-cors', accept: '*/*' }],
    ['/assets/gone-AAAA1111.js', navigation],
    ['/orders/17', { 'sec-fetch-mode': 'cors', accept: 'application/json' }],
    ['/orders/17', { 'sec-fetch-mode': 'no-cors', accept: 'text/html' }],
  ] as const)
    expect(await problemIn(await get(path, headers))).toMatchObject({ code: 'not-found' })
})

test('AP-1: addresses of the hub stay its own, and its page is at /api', async () => {
  const { get } = await served()
  for (const path of ['/api/v1/nothing', '/sync', '/api/nothing'])
    expect(await problemIn(await get(path, navigation))).toMatchObject({ status: 404 })
  expect((await get('/readyz', navigation)).headers.get('content-type')).toContain('json')
  expect(await (await get('/api', navigation)).text()).toContain('Skerry hub of acme')
  expect(await (await get('/', { accept: 'application/json' })).json()).toMatchObject({ space: 'acme' })
})

/** As it is given: fetch would tidy the path up first. */
function rawGet(url: string, path: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, headers: navigation }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

test('AP-1: nothing outside the folder and nothing hidden can be read, however it is written', async () => {
  const hub = await runHub({ app: build() })
  expect(await rawGet(hub.url, SCRIPT)).toEqual({ status: 200, body: script })
  for (const path of [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/%252e%252e%252fsecret.txt',
    '//../secret.txt',
    '/./../secret.txt',
    '/secret.txt%00.html',
    '/.env',
    '/%2eenv',
    '/assets/%2e%2e/.env',
    '/%2e/.env',
  ]) {
    const { body } = await rawGet(hub.url, path)
    expect(body, path).not.toContain('SECRET')
  }
})

test('AP-5: the policy lets WebAssembly run, images from memory show, and nothing foreign load', async () => {
  const { get } = await served()
  const policy = (await get('/', navigation)).headers.get('content-security-policy')!
  for (const part of [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "img-src 'self' blob: data:",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ])
    expect(policy).toContain(part)
  expect(policy).not.toContain('unsafe-inline')
  const worker = await get('/sw.js', { 'service-worker': 'script' })
  expect(worker.headers.get('service-worker-allowed')).toBe('/')
})

test('AP-1: a hub does not start with a folder that has no index.html, and says what to do', async () => {
  await expect(runHub({ app: temporaryFolder() })).rejects.toMatchObject({
    code: 'app-missing',
    message: expect.stringContaining('build the app first'),
  })
})
