/** `node packages/store-idb/test/speed.ts`: what one edit, a first sync and a second start cost in Chromium. */
import { join } from 'node:path'
import { built, chromium, newProfile, removeProfile, served } from '@skerry/browser-test'

const files = await built({ entries: { speed: join(import.meta.dirname, 'page/speed.ts') }, minify: true })
const site = await served(files.folder)
const profile = await newProfile()

async function inBrowser(name: string): Promise<void> {
  await using browser = await chromium({ profile })
  console.log(name, await (await browser.page(site.page('speed'))).call(name))
}

await inBrowser('fill')
for (let starts = 1; starts <= 3; starts += 1) await inBrowser('open')
await site.close()
await files.remove()
await removeProfile(profile)
