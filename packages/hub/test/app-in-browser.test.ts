/** An app that the hub serves, in a real Chromium: the policy lets it do what it must, and nothing else (src/SPEC.md, AP-1 to AP-5). */
import { writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { built, chromium, whereThereIsChromium } from '@skerry/browser-test'
import { createLog, startHub } from '@skerry/hub'
import { afterAll, expect, test } from 'vitest'

const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg==',
  'base64',
)

await whereThereIsChromium(async () => {
  const files = await built({ entries: { app: join(import.meta.dirname, 'page/app.ts') } })
  await mkdir(join(files.folder, 'assets'), { recursive: true })
  writeFileSync(join(files.folder, 'assets/sw.js'), 'self.addEventListener("fetch", () => undefined)')
  const html =
    '<!doctype html><link rel="icon" href="data:,"><title>app</title><script type="module" src="/app.js"></script>'
  writeFileSync(join(files.folder, 'index.html'), html)
  const store = await mkdtemp(join(tmpdir(), 'skerry-hub-'))
  const log = createLog({ level: 'error' })
  const settings = { port: 0, store: join(store, 'hub.db'), app: files.folder, log }
  const hub = await startHub({ space: 'acme', collections: {} }, settings)
  const browser = await chromium()
  afterAll(async () => {
    await browser.close()
    await hub.close()
    await files.remove()
    await rm(store, { recursive: true })
  })

  test('AP-2: an address of the app that has no file opens the app', async () => {
    const page = await browser.page(`${hub.url}/orders/17`)
    expect(await page.call('path')).toBe('/orders/17')
  })

  test('AP-5: WebAssembly runs, a service worker has the origin, pictures come from memory, the hub answers', async () => {
    const page = await browser.page(`${hub.url}/`)
    expect(await page.call('compiles')).toBe(true)
    expect(await page.call('registers')).toBe('/')
    expect(await page.call('shows', [...DOT])).toBe(1)
    expect(await page.call('asksTheHub')).toBe(200)
  })

  test('AP-5: no text becomes a program, and nobody else is asked', async () => {
    const page = await browser.page(`${hub.url}/`)
    expect(await page.call('isHeldFromEvaluating')).toBe(true)
    expect(await page.call('isHeldFromAsking', hub.url.replace('127.0.0.1', 'localhost'))).toBe(true)
  })
})
