/** Core's host in a real browser: the suite that Node runs, in a page. */
import { join } from 'node:path'
import { built, chromium, served, testsInPage, whereThereIsChromium } from '@skerry/browser-test'
import { afterAll } from 'vitest'

await whereThereIsChromium(async () => {
  const files = await built({ entries: { host: join(import.meta.dirname, 'page/host.ts') } })
  const site = await served(files.folder)
  const browser = await chromium()
  afterAll(async () => {
    await browser.close()
    await site.close()
    await files.remove()
  })
  await testsInPage(await browser.page(site.page('host')))
})
