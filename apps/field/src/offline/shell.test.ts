/** The app's files in the cache: whole or not at all, and never a stranger's page in place of one. */
import { describe, expect, test } from 'vitest'
import { type ShellOptions, shellOf } from './shell.ts'

const ORIGIN = 'https://hub.example'

/** Caches of a browser, by name and then address. */
function browserCaches() {
  const all = new Map<string, Map<string, Response>>()
  const found = (address: RequestInfo | URL, within: Map<string, Response>) =>
    within.get(String(address))?.clone()
  const caches: ShellOptions['caches'] = {
    async open(name) {
      const cache = all.get(name) ?? new Map<string, Response>()
      all.set(name, cache)
      return {
        match: async (address: RequestInfo | URL) => found(address, cache),
        put: async (address: RequestInfo | URL, response: Response) =>
          void cache.set(String(address), response),
      } as Cache
    },
    keys: async () => [...all.keys()],
    delete: async (name) => all.delete(name),
    match: async (address) => [...all.values()].map((cache) => found(address, cache)).find(Boolean),
  }
  return { caches, all }
}

function listed(...urls: string[]) {
  return urls.map((url) => ({ url, integrity: `sha256-${url}` }))
}

/** Answers as a server does, and notes what was asked. */
function network(answer: (path: string) => Response = (path) => new Response(`content of ${path}`)) {
  const asked: { path: string; integrity: string }[] = []
  const fetch = async (request: Request) => {
    const path = new URL(request.url).pathname
    asked.push({ path, integrity: request.integrity })
    return answer(path)
  }
  return { fetch, asked }
}

/** As the browser asks: a Request made here cannot be a navigation. */
function asks(path: string, mode = 'cors', method = 'GET'): Request {
  return { url: path.startsWith('http') ? path : `${ORIGIN}${path}`, mode, method } as Request
}

test('every file is asked for with its hash, so that the browser refuses another content', async () => {
  const { caches } = browserCaches()
  const { fetch, asked } = network()
  await shellOf({ listed: listed('index.html', 'assets/a.js'), origin: ORIGIN, caches, fetch }).install()
  expect(asked).toEqual([
    { path: '/index.html', integrity: 'sha256-index.html' },
    { path: '/assets/a.js', integrity: 'sha256-assets/a.js' },
  ])
})

test('a file that is named once more without its hash is fetched once, with it, and answered without a network', async () => {
  const { caches } = browserCaches()
  const { fetch, asked } = network()
  const shell = shellOf({
    listed: [...listed('icon.svg'), { url: 'icon.svg' }],
    origin: ORIGIN,
    caches,
    fetch,
  })
  await shell.install()
  expect(await (await shell.answer(asks('/icon.svg')))?.text()).toBe('content of /icon.svg')
  expect(asked).toEqual([{ path: '/icon.svg', integrity: 'sha256-icon.svg' }])
})

test.each([
  ['the browser refuses a content', () => Promise.reject(new TypeError('integrity'))],
  ['a file is not there', async () => new Response('no', { status: 404 })],
])('where %s, nothing of the build stays, and the one before answers on', async (_, fetch) => {
  const { caches, all } = browserCaches()
  const old = shellOf({ listed: listed('index.html'), origin: ORIGIN, caches, fetch: network().fetch })
  await old.install()
  const next = shellOf({ listed: listed('index.html', 'assets/new.js'), origin: ORIGIN, caches, fetch })
  await expect(next.install()).rejects.toThrow()
  expect(all.size).toBe(1)
  expect(await (await old.answer(asks('/', 'navigate')))?.text()).toBe('content of /index.html')
})

test('what the build before has is not fetched again', async () => {
  const { caches } = browserCaches()
  const first = network()
  await shellOf({
    listed: listed('engine.wasm', 'a.js'),
    origin: ORIGIN,
    caches,
    fetch: first.fetch,
  }).install()
  const second = network()
  await shellOf({
    listed: listed('engine.wasm', 'b.js'),
    origin: ORIGIN,
    caches,
    fetch: second.fetch,
  }).install()
  expect(second.asked.map(({ path }) => path)).toEqual(['/b.js'])
})

test('pages are the one page; the hub and other addresses are left alone', async () => {
  const { caches } = browserCaches()
  const shell = shellOf({
    listed: listed('index.html', 'a.js'),
    origin: ORIGIN,
    caches,
    fetch: network().fetch,
  })
  await shell.install()
  expect(await (await shell.answer(asks('/a.js')))?.text()).toBe('content of /a.js')
  expect(await (await shell.answer(asks('/?from=home', 'navigate')))?.text()).toBe('content of /index.html')
  expect(shell.answer(asks('/api/v1', 'navigate'))).toBeUndefined()
  expect(shell.answer(asks('/sync', 'navigate'))).toBeUndefined()
  expect(shell.answer(asks('/other.js'))).toBeUndefined()
  expect(shell.answer(asks('/a.js', 'cors', 'POST'))).toBeUndefined()
  expect(shell.answer(asks('https://elsewhere.example/a.js'))).toBeUndefined()
})

describe('when the browser has dropped the cache and kept the worker', () => {
  const portal = () =>
    new Response('<h1>Welcome to the hotel</h1>', { headers: { 'content-type': 'text/html' } })
  /** Refuses another content than was asked for, as a browser does. */
  const holding = (answer: (path: string) => Response) => async (request: Request) => {
    const path = new URL(request.url).pathname
    const response = answer(path)
    const content = await response.clone().text()
    const isAsBuilt = content === `content of ${path}`
    if (request.integrity && !isAsBuilt) throw new TypeError('integrity')
    return response
  }
  async function dropped(answer: (path: string) => Response) {
    const { caches, all } = browserCaches()
    let now = (path: string) => new Response(`content of ${path}`)
    const fetch = (request: Request) => holding(now)(request)
    const shell = shellOf({ listed: listed('index.html', 'assets/a.js'), origin: ORIGIN, caches, fetch })
    await shell.install()
    all.clear()
    now = answer
    return { shell, kept: () => [...all.values()].flatMap((cache) => [...cache.keys()]) }
  }

  test('files come from the network, if they are those of this build', async () => {
    const { shell } = await dropped((path) => new Response(`content of ${path}`))
    expect(await (await shell.answer(asks('/assets/a.js')))?.text()).toBe('content of /assets/a.js')
    expect(await (await shell.answer(asks('/', 'navigate')))?.text()).toBe('content of /index.html')
  })

  test.each<[string, () => Response]>([
    ['the page of a Wi-Fi sign-in', portal],
    ['a file of a newer build', () => new Response('newer')],
    ['nothing', () => new Response('no', { status: 404 })],
  ])('%s is never given for a file of the app, and not kept', async (_, answer) => {
    const { shell, kept } = await dropped(answer)
    await expect(shell.answer(asks('/assets/a.js'))).rejects.toThrow(TypeError)
    await expect(shell.answer(asks('/index.html', 'cors'))).rejects.toThrow(TypeError)
    expect(kept()).toEqual([])
  })

  test('a page is shown as what it is, and not kept', async () => {
    const { shell, kept } = await dropped(portal)
    const request = new Request(`${ORIGIN}/settings`)
    Object.defineProperty(request, 'mode', { value: 'navigate' })
    expect(await (await shell.answer(request))?.text()).toContain('hotel')
    expect(kept()).toEqual([])
  })
})

test('the build before stays for windows that are still open, older ones go', async () => {
  const { caches, all } = browserCaches()
  for (const name of ['1.js', '2.js', '3.js']) {
    const shell = shellOf({ listed: listed(name), origin: ORIGIN, caches, fetch: network().fetch })
    await shell.install()
    await shell.activate()
  }
  expect([...all.values()].flatMap((cache) => [...cache.keys()].map((key) => new URL(key).pathname))).toEqual(
    ['/2.js', '/3.js'],
  )
})
