/** A hub that was set up anew at the same address: whoever lost nothing signs in as before; whoever has work that was never delivered is asked, and it stays to be looked at. */
import { type Chromium, whereThereIsChromium } from '@skerry/browser-test'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Field, notesOf, signIn, someone } from './field.test-support.ts'
import { violationsOn } from './seen.test-support.ts'

const TEST_MS_MAX = 240_000

await whereThereIsChromium(() => {
  let field: Field
  let browser: Chromium
  beforeAll(async () => {
    field = await Field.start()
    browser = await field.browser()
  }, TEST_MS_MAX)
  afterAll(() => field[Symbol.asyncDispose]())

  const press = (page: Page, name: string) => page.getByRole('button', { name }).click()
  const signsIn = async (page: Page) => {
    await page.goto(`${field.url}/#enrol=${await field.code('tech:ana', ['OR'])}`)
    await press(page, 'Sign in')
  }
  const order = (page: Page, name: string) => page.getByRole('link', { name: new RegExp(name) })

  test('signs in where everything was delivered; else asks, tells how much was not, and keeps it', {
    timeout: TEST_MS_MAX,
  }, async () => {
    await field.create({ title: 'Of the first hub' })
    const page = await signIn(await someone(browser), field, await field.code('tech:ana', ['OR']))
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
    await undelivered.getByRole('button', { name: 'Open it' }).click()
    await page.goto(`${field.url}/#/`)
    await order(page, 'Of the second hub').click()
    await expect.poll(() => notesOf(page).inputValue()).toBe('Never delivered.')

    await page.goto(`${field.url}/#/storage`)
    expect(await beside.count()).toBe(2)
    const delivered = beside.filter({ hasText: 'Everything made here was delivered.' })
    await delivered.first().getByRole('button', { name: 'Delete it' }).click()
    await press(page, 'Delete for good')
    await expect.poll(() => beside.count()).toBe(1)
  })
})
