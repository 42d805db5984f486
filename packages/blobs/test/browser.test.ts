/** Blobs in a real Chromium. */
import { join } from 'node:path'
import { built, chromium, served, testsInPage, whereThereIsChromium } from '@skerry/browser-test'
import { afterAll } from 'vitest'

await whereThereIsChromium(async () => {
  const files = await built({ entries: { stores: join(import.meta.dirname, 'page/stores.ts') } })
  const site = await served(files.folder)
  const browser = await chromium()
  afterAll(async () => {
    await browser.close()
    await site.close()
    await files.remove()
  })
  await testsInPage(await browser.page(site.page('stores')))
})
