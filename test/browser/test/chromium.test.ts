/** The browser that tests stand on does what they believe: pages, workers, WebAssembly, a kill that keeps what was there. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type BrowserPage,
  type Built,
  built,
  type Chromium,
  chromium,
  newProfile,
  removeProfile,
  type Served,
  served,
  testsInPage,
  whereThereIsChromium,
} from '@skerry/browser-test'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'

/** One that has ended and was not taken note of yet is not alive. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

const pageFolder = join(import.meta.dirname, 'page')

await whereThereIsChromium(async () => {
  const files: Built = await built({
    entries: { engine: join(pageFolder, 'engine.ts'), suite: join(pageFolder, 'suite.ts') },
  })
  const site: Served = await served(files.folder)
  const profile = await newProfile()
  let browser: Chromium = await chromium({ profile })
  const suite = await browser.page(site.page('suite'))
  let page: BrowserPage

  beforeAll(async () => {
    page = await browser.page(site.page('engine'))
  })
  afterAll(async () => {
    await browser.close()
    await site.close()
    await files.remove()
    await removeProfile(profile)
  })

  test('a page calls the engine, whose WebAssembly is a file of the build', async () => {
    expect(await page.call('edit', 'Pump 3')).toEqual({ title: 'Pump 3', bytes: expect.any(Number) })
    expect(await page.call('isIsolated')).toBe(true)
  })

  test('a worker is bundled with its page', async () => {
    expect(await page.call('echo')).toBe('to a worker')
  })

  test('what the page throws is thrown here, with name and code', async () => {
    await expect(page.call('refuse')).rejects.toMatchObject({
      name: 'RangeError',
      code: 'refused',
      message: 'no',
    })
    await expect(page.call('nothing of this name')).rejects.toThrow(/exposes no nothing/)
  })

  test('a page that exposes nothing says what went wrong there', async () => {
    await expect(browser.page(`${site.url}missing.html`, { readyMsMax: 500 })).rejects.toThrow(
      /exposed nothing.*404/s,
    )
  })

  test('a browser ends with the process that started it, though that is killed', async () => {
    const child = spawn(process.execPath, [join(pageFolder, 'waits.ts')])
    const [told] = (await once(child.stdout, 'data')) as [Buffer]
    const pid = Number(told.toString())
    expect(() => process.kill(pid, 0)).not.toThrow()
    child.kill('SIGKILL')
    await expect.poll(() => isAlive(pid), { timeout: 40_000 }).toBe(false)
  })

  describe('a suite written for vitest', async () => {
    const titles = await suite.call<string[][]>('suiteTitles')

    it('is registered with its groups', () => {
      expect(titles.map((path) => path.join(' / '))).toEqual([
        'a group / within it / gets what was made for it',
        'a group / finds that the one before was cleared away',
        'a group / compares as vitest does (1)',
        'a group / compares as vitest does (2)',
        'fails here',
      ])
    })

    it('fails where it fails', async () => {
      await expect(suite.call('suiteRun', titles.length - 1)).rejects.toThrow(
        /\[ 1, 2 \] to deeply equal \[ 1, 3 \]/,
      )
    })

    await testsInPage(suite, (path) => !path.includes('fails here'))
  })

  test('a killed browser starts again on its profile, which has what was synced before', async () => {
    await page.call('keep', 'key', 'value')
    const { pid } = browser
    await browser.kill()
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    browser = await chromium({ profile })
    page = await browser.page(site.page('engine'))
    expect(await page.call('edit', 'again')).toMatchObject({ title: 'again' })
  })
})
