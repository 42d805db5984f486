/** A newer build: it waits for its user, takes over when asked, and loses nothing that was not sent yet. */
import { whereThereIsChromium } from '@skerry/browser-test'
import { buildApp } from '@skerry/field/build'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Field, reachesHub, signIn, someone } from './field.test-support.ts'

const TEST_MS_MAX = 240_000
const OLDER = 1_000
const NEWER = 2_000

await whereThereIsChromium(() => {
  let field: Field
  let older: string
  let newer: string
  beforeAll(async () => {
    older = await buildApp({ build: OLDER })
    newer = await buildApp({ build: NEWER })
    field = await Field.start({ app: older })
  }, TEST_MS_MAX)
  afterAll(() => field[Symbol.asyncDispose]())

  const serve = async (app: string) => {
    await field.hubDown()
    await field.hubUp(app)
  }
  const underWorker = async (page: Page) => {
    await page.evaluate(() => navigator.serviceWorker.ready)
    await page.reload()
  }
  const look = (page: Page) =>
    page.evaluate(async () => {
      await (await navigator.serviceWorker.ready).update()
    })
  const reloadAsked = (page: Page) =>
    Promise.all([
      page.waitForEvent('load'),
      page.getByRole('button', { name: 'Reload when you are ready' }).click(),
    ])
  const version = async (page: Page) => {
    await page.goto(`${field.url}/#/settings`)
    return page.getByText(/^0\.1\.0 \(\d+\)$/).textContent()
  }

  test('with an outbox that is full, and another window open', { timeout: TEST_MS_MAX }, async () => {
    const id = await field.create({ title: 'Across versions' })
    const browser = await field.browser()
    const context = await someone(browser)
    const page = await signIn(context, field, await field.code('tech:ana', ['OR']))
    await underWorker(page)
    expect(await version(page)).toBe(`0.1.0 (${OLDER})`)
    await page.getByRole('switch', { name: 'Stay off the network' }).check()
    await page.getByRole('button', { name: /Offline/ }).waitFor()
    await page.goto(`${field.url}/#/order/${id}`)
    await page.getByRole('textbox', { name: 'Notes' }).fill('Not sent yet.')
    await page.getByRole('button', { name: /1 change waiting|Saved here.*1/s }).waitFor()
    const other = await context.newPage()
    await other.goto(`${field.url}/#/order/${id}`)
    await other.getByRole('textbox', { name: 'Notes' }).waitFor()

    await serve(newer)
    await look(page)
    await page.getByText('A new version is here.').waitFor()
    expect(await page.getByRole('textbox', { name: 'Notes' }).inputValue()).toBe('Not sent yet.')
    await reloadAsked(page)
    await page.getByRole('textbox', { name: 'Notes' }).waitFor()
    await expect.poll(() => page.getByRole('textbox', { name: 'Notes' }).inputValue()).toBe('Not sent yet.')
    expect(await version(page)).toBe(`0.1.0 (${NEWER})`)

    // The other window is of the older build: it is told so, keeps what it shows, and goes on after a reload.
    await other.getByText('A new version is here.').waitFor()
    expect(await other.getByRole('textbox', { name: 'Notes' }).inputValue()).toBe('Not sent yet.')
    await reloadAsked(other)
    await other.getByRole('textbox', { name: 'Notes' }).fill('Not sent yet. Sent now.')

    await page.getByRole('switch', { name: 'Stay off the network' }).uncheck()
    await reachesHub(field, id, { notes: 'Not sent yet. Sent now.' })
  })
  test('Back while the window reloads for it: the window is of the newer build all the same', {
    timeout: TEST_MS_MAX,
  }, async () => {
    await serve(older)
    const page = await signIn(await field.someone(), field, await field.code('tech:ana', ['OR']))
    await underWorker(page)
    expect(await version(page)).toBe(`0.1.0 (${OLDER})`)
    await page.goto(`${field.url}/#/outbox`)
    await serve(newer)
    await look(page)
    const button = page.getByRole('button', { name: 'Reload when you are ready' })
    await button.waitFor()
    await button.evaluate((button: HTMLButtonElement) => {
      button.click()
      // After the app's own listener, which began to reload.
      navigator.serviceWorker.addEventListener('controllerchange', () => history.back())
    })
    await page.getByText(`0.1.0 (${NEWER})`).waitFor()
    expect(new URL(page.url()).hash).toBe('#/settings')
  })
})
