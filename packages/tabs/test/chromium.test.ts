/** Tabs of a real browser: two pages and their worker, which die as renderers do. */
import { join } from 'node:path'
import {
  type BrowserPage,
  type Built,
  built,
  type Chromium,
  chromium,
  type Served,
  served,
  whereThereIsChromium,
} from '@skerry/browser-test'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const page = (file: string) => join(import.meta.dirname, 'page', file)

/** The renderer of this tab ends as one that ran out of memory. */
async function crash(tab: BrowserPage): Promise<void> {
  const devtools = await tab.devtools()
  const crashed = new Promise((resolve) => tab.playwright.once('crash', resolve))
  devtools.send('Page.crash').catch(() => undefined)
  await crashed
}

await whereThereIsChromium(() => {
  let files: Built
  let site: Served
  beforeAll(async () => {
    files = await built({ entries: { app: page('app-page.ts') } })
    site = await served(files.folder)
  })
  afterAll(async () => {
    await site.close()
    await files.remove()
  })

  describe.each(['shared', 'leader'])('in %s mode', (mode) => {
    let browser: Chromium
    const open = () => browser.page(`${site.page('app')}?mode=${mode}`)
    beforeAll(async () => {
      browser = await chromium()
    })
    afterAll(() => browser.close())

    test('T-1: two tabs have one replica, and see each other', async () => {
      const [a, b] = [await open(), await open()]
      await a.call('create', 'first')
      await b.call('until', 1)
      expect(await b.call('identity')).toEqual(await a.call('identity'))
      await b.call('create', 'second')
      await a.call('until', 2)
      expect(await a.call('titles')).toEqual(['first', 'second'])
      expect([...a.problems, ...b.problems]).toEqual([])
      await a.close()
      await b.close()
    })

    test.each([
      ['is closed', (tab: BrowserPage) => tab.close()],
      ['crashes', crash],
    ])('O-4 T-2: when the tab that came first %s, the other goes on within two seconds', async (_, end) => {
      const [a, b] = [await open(), await open()]
      await a.call('create', 'before')
      await b.call('until', 1)
      const died = Date.now()
      await end(a)
      const went = (await b.call<number>('createdAt', 'after')) - died
      console.log(`${mode} mode: a call was answered ${went} ms after the other tab ended`)
      expect(went).toBeLessThan(2_000)
      expect(await b.call('titles')).toContain('after')
      expect(await b.call('events')).toEqual([])
      await b.close()
    })
  })
})
