/** Devices whose clock is years off: they sign in, their edits arrive, and neither win for ever nor lose for ever; photos arrive too. */
import { type Chromium, whereThereIsChromium } from '@skerry/browser-test'
import { buildApp } from '@skerry/field/build'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Field, problemsOf, showOrder, signIn, someone } from './field.test-support.ts'
import { photoOf, takePhoto } from './photo.test-support.ts'
import { type ShiftedApp, shiftedApp } from './shifted-clock.test-support.ts'

const YEARS_MS = 365 * 86_400_000
const TEST_MS_MAX = 240_000

await whereThereIsChromium(() => {
  describe.each([
    ['20 years ahead', 20 * YEARS_MS],
    ['at the beginning of 1970', -Date.now()],
  ])('a clock that is %s', (_, byMs) => {
    let right: string
    let shifted: ShiftedApp
    let field: Field
    let browser: Chromium
    let wrong: Page
    let other: Page
    let problems: string[]

    beforeAll(async () => {
      right = await buildApp()
      shifted = shiftedApp(right, byMs)
      field = await Field.start({ app: shifted.folder })
      browser = await field.browser()
      wrong = await signIn(await someone(browser), field, await field.code('tech:ana', ['OR']))
      problems = problemsOf(wrong)
      await wrong.evaluate(() => navigator.serviceWorker.ready)
      await field.hubDown()
      await field.hubUp(right)
      other = await signIn(await someone(browser), field, await field.code('tech:ben', ['OR']))
    }, TEST_MS_MAX)
    afterAll(async () => {
      await field[Symbol.asyncDispose]()
      shifted[Symbol.dispose]()
    })

    const choose = async (page: Page, priority: string) => {
      await page.getByRole('combobox', { name: 'Priority' }).selectOption(priority)
    }
    const shows = (page: Page, priority: string) =>
      expect
        .poll(() => page.getByRole('combobox', { name: 'Priority' }).inputValue(), { timeout: 40_000 })
        .toBe(priority)

    test('is what its page and its worker have', async () => {
      const off = await wrong.evaluate(() => Date.now())
      expect(Math.abs(off - (Date.now() + byMs))).toBeLessThan(60_000)
      const id = await field.create({ title: 'When was that' })
      await showOrder(wrong, field, id)
      await wrong.getByRole('button', { name: 'A quarter of an hour more' }).click()
      await expect.poll(async () => (await field.orders.get(id))?.minutes, { timeout: 40_000 }).toBe(15)
      const written = (await field.orders.history(id)).at(-1)!
      expect(Math.abs(written.time - (Date.now() + byMs))).toBeLessThan(60_000)
    })

    test('whoever writes later stands, whatever the clocks say', async () => {
      const id = await field.create({ title: 'In turns', priority: 'normal' })
      await Promise.all([showOrder(wrong, field, id), showOrder(other, field, id)])
      await choose(wrong, 'high')
      await shows(other, 'high')
      await choose(other, 'low')
      await shows(wrong, 'low')
      await choose(wrong, 'high')
      await shows(other, 'high')
      expect((await field.orders.get(id))?.priority).toBe('high')
    })

    test('its sign-in lasts: a second start is let in, and its edits arrive', async () => {
      const id = await field.create({ title: 'Second start' })
      await wrong.reload()
      await showOrder(wrong, field, id)
      await wrong.getByRole('textbox', { name: 'Notes' }).fill('By a wrong clock.')
      await expect
        .poll(async () => (await field.orders.get(id))?.notes, { timeout: 40_000 })
        .toBe('By a wrong clock.')
      await wrong.getByRole('button', { name: /At the hub/ }).waitFor()
    })

    test('BL-36: its photo arrives', async () => {
      const id = await field.create({ title: 'Photo' })
      await showOrder(wrong, field, id)
      await takePhoto(wrong, photoOf(1, 2_000))
      await expect
        .poll(async () => ((await field.orders.get(id))?.photos as unknown[] | undefined)?.length, {
          timeout: 40_000,
        })
        .toBe(1)
      await wrong.locator('.photos').getByText('At the hub').waitFor()
      await showOrder(other, field, id)
      await other.locator('.photos').getByText('At the hub').waitFor()
    })

    test('nothing was said on the console', () => {
      expect(problems).toEqual([])
    })
  })
})
