/** A hub that was set up anew at the same address: whoever lost nothing signs in as before; whoever has work that was never delivered is asked, and it stays to be looked at. */
import { whereThereIsChromium } from '@skerry/browser-test'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { Field, notesOf, signIn } from './field.test-support.ts'
import { violationsOn } from './seen.test-support.ts'

const TEST_MS_MAX = 240_000

await whereThereIsChromium(() => {
  const field = Field.forTests()

  const press = (page: Page, name: string) => page.getByRole('button', { name }).click()
  const signsIn = async (page: Page) => {
    await page.goto(`${field.url}/#enrol=${await field.code('tech:ana', ['OR'])}`)
    await press(page, 'Sign in')
  }
  /** `asked` resolves when the page begins to reload, which this one time gets no answer: no worker answers for the server. */
  const reloadHeld = async (page: Page) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    await page.evaluate(async () => {
      for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister()
    })
    await page.route(`${field.url}/`, () => resolve(), { times: 1 })
    return { asked: promise }
  }
  const order = (page: Page, name: string) => page.getByRole('link', { name: new RegExp(name) })

  test('signs in where everything was delivered; else asks, tells how much was not, and keeps it', {
    timeout: TEST_MS_MAX,
  }, async () => {
    await field.create({ title: 'Of the first hub' })
    const page = await signIn(await field.someone(), field, await field.code('tech:ana', ['OR']))
    await order(page, 'Of the first hub').waitFor()

    await field.hubAnew()
    await field.create({ title: 'Of the second hub' })
    await signsIn(page)
    await order(page, 'Of the second hub').click()
    expect(await order(page, 'Of the first hub').count()).toBe(0)

    await notesOf(page).waitFor()
    await field.hubDown()
    await notesOf(page).fill('Never delivered.')
    await page.getByRole('button', { name: /1 change waiting/ }).waitFor()
    await field.hubAnew()
    await field.create({ title: 'Of the third hub' })
    await page.getByRole('button', { name: /Blocked/ }).click()
    await page.getByText(/This is another hub.*you can go on working/).waitFor()
    await page.keyboard.press('Escape')

    await signsIn(page)
    const question = page.getByRole('alert').filter({ hasText: 'This is another hub' })
    await question.getByText('Never delivered: 1 change.').waitFor()
    await question.getByText('Your code was not used').waitFor()
    expect(await violationsOn(page)).toEqual([])
    await press(page, 'Start afresh with this hub')
    await order(page, 'Of the third hub').waitFor()
    expect(await order(page, 'Of the second hub').count()).toBe(0)

    await page.goto(`${field.url}/#/storage`)
    const beside = page.getByRole('listitem').filter({ hasText: 'Ana, until' })
    expect(await violationsOn(page)).toEqual([])
    const undelivered = beside.filter({ hasText: 'Never delivered: 1 change.' })
    const { asked } = await reloadHeld(page)
    await undelivered.getByRole('button', { name: 'Open it' }).click({ noWaitAfter: true })
    await asked
    // An address ends a reload that is under way; what was opened is open all the same.
    await page.goto(`${field.url}/#/`)
    await order(page, 'Of the second hub').click()
    await expect.poll(() => notesOf(page).inputValue()).toBe('Never delivered.')

    await page.goto(`${field.url}/#/storage`)
    await expect.poll(() => beside.count()).toBe(2)
    const delivered = beside.filter({ hasText: 'Everything made here was delivered.' })
    const other = await page.context().newPage()
    await other.goto(`${field.url}/livez`)
    await other.evaluate(holdPhotos)
    await delivered.first().getByRole('button', { name: 'Delete it' }).click()
    await press(page, 'Delete for good')
    await page.getByRole('status').getByText('Another window of this browser still has it open.').waitFor()
    expect(await violationsOn(page)).toEqual([])
    expect(await beside.count()).toBe(2)
    await other.close()
    await expect.poll(() => beside.count()).toBe(1)
  })
})

/** In a page that lets go of none, whoever asks: one of an app that is old, or stands still. */
async function holdPhotos(): Promise<void> {
  for (const { name = '' } of await indexedDB.databases()) {
    if (!name.endsWith('-blobs')) continue
    await new Promise((resolve, reject) => {
      const opening = indexedDB.open(name)
      opening.onsuccess = resolve
      opening.onerror = () => reject(opening.error)
    })
  }
}
