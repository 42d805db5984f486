/** What a browser does to the technician's data: no room left, and a store that a newer app has made. Nothing is lost, and words say what is going on. */
import { whereThereIsChromium } from '@skerry/browser-test'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { Field, notesOf, reachesHub, showOrder, signIn, someone } from './field.test-support.ts'

const TEST_MS_MAX = 240_000
/** Bytes that the site may have: some edits. The app itself would need 5 MB, so that it is not kept here. */
const QUOTA_BYTES = 2 * 1024 * 1024
const EDITS_MAX = 40

await whereThereIsChromium(() => {
  const field = Field.forTests()

  /** Chromium looks once in a while, so this comes before the store's first commit; when it refuses one, it looks again. */
  async function allow(page: Page, quotaSize?: number): Promise<void> {
    const devtools = await page.context().newCDPSession(page)
    const origin = field.url
    await devtools.send('Storage.overrideQuotaForOrigin', {
      origin,
      ...(quotaSize !== undefined && { quotaSize }),
    })
  }

  test('without room an edit says that it was not kept, nothing before it is lost, and it works again when there is room', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const id = await field.create({ title: 'No room' })
    const context = await someone(await field.browser(), { serviceWorkers: 'block' })
    const quota = await context.newPage()
    await quota.goto(`${field.url}/livez`)
    await allow(quota, QUOTA_BYTES)
    const page = await signIn(context, field, await field.code('tech:ana', ['OR']))
    await showOrder(page, field, id)
    const notes = notesOf(page)
    await notes.fill('Kept.')
    await reachesHub(field, id, { notes: 'Kept.' })
    await quota.evaluate(fillRoom)
    const notKept = page
      .getByRole('region', { name: 'Time worked' })
      .getByRole('alert')
      .filter({ hasText: /That did not work.*no more room/ })
    const worked = page.getByRole('status', { name: 'Time worked' })
    let shown = (await worked.textContent()) ?? ''
    // Some kilobytes may find room still: what the browser had set apart for this store.
    for (let edit = 1; edit <= EDITS_MAX && !(await notKept.isVisible()); edit++) {
      shown = (await worked.textContent()) ?? ''
      await page.getByRole('button', { name: 'A quarter of an hour more' }).click()
      await worked.filter({ hasNotText: shown }).or(notKept).first().waitFor()
    }
    await notKept.waitFor()
    await page.goto(`${field.url}/#/storage`)
    await page.getByText('Saving fails right now.').first().waitFor()
    await allow(quota)
    await page.reload()
    await showOrder(page, field, id)
    expect(await notes.inputValue()).toBe('Kept.')
    expect(await worked.textContent()).toBe(shown)
    await notes.fill('There is room again.')
    await reachesHub(field, id, { notes: 'There is room again.' })
    await page.goto(`${field.url}/#/storage`)
    await page.getByText('This device may delete data').waitFor()
  })

  test('a store that a newer app has made is not touched, and words say so', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const context = await someone(await field.browser())
    const page = await context.newPage()
    await page.goto(`${field.url}/livez`)
    await page.evaluate(makeNewerStore)
    await page.goto(`${field.url}/`)
    await page
      .getByRole('alert')
      .filter({ hasText: /a newer version of this app wrote it.*load the newest version/ })
      .waitFor()
    const other = await context.newPage()
    await other.goto(`${field.url}/livez`)
    await page.close()
    expect(await other.evaluate(readNewerStore)).toEqual({
      version: 99,
      stores: ['future'],
      kept: 'as it was',
    })
  })
})

/** In the page: writes until the site has no room for a kilobyte. */
async function fillRoom(): Promise<void> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open('filler', 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore('bytes', { autoIncrement: true })
    opening.onsuccess = () => resolve(opening.result)
    opening.onerror = () => reject(opening.error)
  })
  const isWritten = (bytes: number) =>
    new Promise<boolean>((resolve) => {
      const writing = database.transaction('bytes', 'readwrite', { durability: 'strict' })
      writing.objectStore('bytes').put(crypto.getRandomValues(new Uint8Array(bytes)))
      writing.oncomplete = () => resolve(true)
      writing.onabort = () => resolve(false)
    })
  for (let bytes = 65_536; bytes >= 1_024; ) if (!(await isWritten(bytes))) bytes /= 2
  database.close()
}

/** In the page. */
function makeNewerStore(): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('skerry:skerry-field', 99)
    opening.onupgradeneeded = () => opening.result.createObjectStore('future').put('as it was', 'key')
    opening.onsuccess = () => {
      opening.result.close()
      resolve()
    }
    opening.onerror = () => reject(opening.error)
  })
}

/** In the page. */
function readNewerStore(): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('skerry:skerry-field')
    opening.onsuccess = () => {
      const database = opening.result
      const asked = database.transaction('future').objectStore('future').get('key')
      asked.onsuccess = () => {
        resolve({
          version: database.version,
          stores: [...database.objectStoreNames],
          kept: asked.result,
        })
        database.close()
      }
      asked.onerror = () => reject(asked.error)
    }
    opening.onerror = () => reject(opening.error)
  })
}
