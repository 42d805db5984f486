/** The store contract and automerge-repo's storage suite, in a real Chromium. */
import { join } from 'node:path'
import { built, chromium, served, testsInPage, whereThereIsChromium } from '@skerry/browser-test'
import { afterAll } from 'vitest'

await whereThereIsChromium(async () => {
  const files = await built({ entries: { contract: join(import.meta.dirname, 'page/contract.ts') } })
  const site = await served(files.folder)
  const browser = await chromium()
  afterAll(async () => {
    await browser.close()
    await site.close()
    await files.remove()
  })
  await testsInPage(await browser.page(site.page('contract')))
})
