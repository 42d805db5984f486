/** What one technician meets in his browser: files that are no photos, large buttons on a small screen, a second window, a link before he has signed in, the way back to the list. */
import { whereThereIsChromium } from '@skerry/browser-test'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { Field, notesOf, showOrder, signIn, stayOff } from './field.test-support.ts'

const READY_MS_MAX = 240_000
/** More than the page holds whole (src/pieces/long-list.tsx). */
const ORDERS = 70

const pdf = Buffer.from('%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n')

/** A PNG that a browser can read. */
async function pngIn(page: Page): Promise<Buffer> {
  const url = await page.evaluate(() => document.createElement('canvas').toDataURL('image/png'))
  return Buffer.from(url.split(',')[1]!, 'base64')
}

/** In the page: of the order that stands in the middle of the window. */
function titleInTheMiddle(): string {
  const line = document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest('li')
  return line?.querySelector('.order-title')?.textContent ?? ''
}

/** In the page: for each order of the outbox, how many lines its title takes, and pixels by which its number stands higher or lower than the first of them. */
function numbersBesideTitles(): { lines: number; off: number }[] {
  const linesOf = (element: Element) => {
    const range = document.createRange()
    range.selectNodeContents(element)
    return [...range.getClientRects()]
  }
  return [...document.querySelectorAll('.card.row')].map((card) => {
    const [number, title] = ['.number', '.order-name'].map((one) => linesOf(card.querySelector(one)!))
    return { lines: title!.length, off: Math.abs(number![0]!.bottom - title![0]!.bottom) }
  })
}

await whereThereIsChromium(() => {
  const field = Field.forTests()
  let ana: Page

  beforeAll(async () => {
    ana = await signIn(await field.someone(), field, await field.code('tech:ana', ['OR']))
  }, READY_MS_MAX)

  test('a document is no photo, and is refused in words; a picture is one, whatever its name ends in', async () => {
    const id = await field.create({ title: 'Files' })
    await showOrder(ana, field, id)
    const file = ana.locator('input[type=file]')
    await file.setInputFiles({ name: 'plan.pdf', mimeType: 'application/pdf', buffer: pdf })
    await ana.getByText('this file is no picture that the app can show').waitFor()
    expect(await ana.locator('.photos li').count()).toBe(0)
    await file.setInputFiles({ name: 'mast.jpg', mimeType: 'image/jpeg', buffer: await pngIn(ana) })
    await ana.locator('.photos img').waitFor()
    expect(await ana.getByRole('alert').count()).toBe(0)
  })

  test('with large buttons on a phone, a date field is wide enough for its whole date', async () => {
    await ana.goto(`${field.url}/#/settings`)
    await ana.getByRole('switch', { name: 'Large buttons' }).check()
    const id = await field.create({ title: 'Due', due: '2027-12-28' })
    await showOrder(ana, field, id)
    const { has, needs } = await ana.getByLabel('Due date').evaluate((date: HTMLInputElement) => {
      const has = date.getBoundingClientRect().width
      date.style.inlineSize = 'max-content'
      date.style.maxInlineSize = 'none'
      const needs = date.getBoundingClientRect().width
      date.removeAttribute('style')
      return { has, needs }
    })
    expect(has).toBeGreaterThanOrEqual(needs)
    await ana.goto(`${field.url}/#/settings`)
    await ana.getByRole('switch', { name: 'Large buttons' }).uncheck()
  })

  test('with large buttons in German on a phone, a field of the history is named in one line; what opens has a mark that says so', async () => {
    const id = await field.create({ title: 'Named', due: '2027-12-28' })
    await showOrder(ana, field, id)
    const mark = (summary: Element) => getComputedStyle(summary, '::after').content
    expect(await ana.locator('.standing summary').evaluate(mark)).toBe('""')
    await ana.goto(`${field.url}/#/settings`)
    await ana.getByRole('switch', { name: 'Large buttons' }).check()
    await ana.getByRole('combobox', { name: 'Language' }).selectOption('de')
    await ana.goto(`${field.url}/#/order/${id}/history`)
    const name = ana.locator('dt', { hasText: 'Dringlichkeit' })
    const lines = (element: Element) => {
      const range = document.createRange()
      range.selectNodeContents(element)
      return range.getClientRects().length
    }
    await name.waitFor()
    expect(await name.evaluate(lines)).toBe(1)
    await ana.goto(`${field.url}/#/settings`)
    await ana.getByRole('combobox', { name: 'Sprache' }).selectOption('en')
    await ana.getByRole('switch', { name: 'Large buttons' }).uncheck()
  })

  test('in the outbox an order’s number stands beside its title, of one line or several, and the moment since when it waits is told', async () => {
    const titles = ['Pump', 'Replace the ultrasonic anemometer on the northern mast']
    const ids = await Promise.all(titles.map((title) => field.create({ title })))
    const page = await signIn(await field.someone(), field, await field.code('tech:ben', ['OR']))
    for (const title of titles) await page.getByRole('link', { name: title }).waitFor()
    await stayOff(page, field, true)
    for (const id of ids) {
      await showOrder(page, field, id)
      await notesOf(page).fill('Written offline.')
    }
    await page.getByRole('button', { name: /2 changes waiting/ }).waitFor()
    await page.goto(`${field.url}/#/outbox`)
    await page
      .getByText(/^1 change, waiting since \d+ \w+, \d\d:\d\d$/)
      .nth(1)
      .waitFor()
    for (const title of titles) await page.getByRole('link', { name: title }).waitFor()
    const [short, long] = await page.evaluate(numbersBesideTitles)
    expect([short?.lines, long?.lines]).toEqual([1, expect.toSatisfy((lines: number) => lines > 1)])
    expect(short?.off).toBeLessThanOrEqual(1)
    expect(long?.off).toBeLessThanOrEqual(1)
  })

  test('what is chosen in one window is chosen in the other, and the next choice there keeps it', async () => {
    const second = await ana.context().newPage()
    await second.goto(`${field.url}/#/settings`)
    await ana.goto(`${field.url}/#/settings`)
    await ana.getByRole('combobox', { name: 'Language' }).selectOption('de')
    await second.getByRole('heading', { name: 'Optionen' }).waitFor()
    await second.getByRole('combobox', { name: 'Sprache' }).selectOption('en')
    await ana.getByRole('heading', { name: 'Settings' }).waitFor()
    await second.close()
  })

  test('a link to an order, before signing in, leads to signing in, and that to the order', async () => {
    const id = await field.create({ title: 'By a link' })
    const page = await (await field.someone()).newPage()
    for (const address of [`#/order/${id}`, `#/order/${id}/history`]) {
      await page.goto(`${field.url}/${address}`)
      await page.getByText('Sign in to see this work order').waitFor()
      expect(await page.getByText('deleted').count()).toBe(0)
    }
    await page.getByRole('link', { name: 'Sign in with a code' }).click()
    await page.getByRole('textbox', { name: 'Code' }).fill(await field.code('tech:ana', ['OR']))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Move the slider to see').waitFor()
    expect(new URL(page.url()).hash).toBe(`#/order/${id}/history`)
  })

  test('an enrolment link, after one to an order, leads to the order; its code is not in the history', async () => {
    const id = await field.create({ title: 'By two links' })
    const page = await (await field.someone()).newPage()
    await page.goto(`${field.url}/#/order/${id}`)
    await page.getByText('Sign in to see this work order').waitFor()
    const enrolling = `${field.url}/#enrol=${await field.code('tech:ana', ['OR'])}`
    await page.goto(enrolling)
    const steps = await page.evaluate(() => history.length)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await notesOf(page).waitFor()
    expect(new URL(page.url()).hash).toBe(`#/order/${id}`)
    expect(await page.evaluate(() => history.length)).toBe(steps)
  })

  test('back, after signing in, no way to sign in asks for a code again: neither the page nor a link that was refused', async () => {
    const id = await field.create({ title: 'By three links' })
    const page = await (await field.someone()).newPage()
    await page.goto(`${field.url}/#/order/${id}`)
    await page.getByRole('link', { name: 'Sign in with a code' }).click()
    await page.getByRole('textbox', { name: 'Code' }).waitFor()
    await page.goto(`${field.url}/#enrol=0000-0000-0000`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').filter({ hasText: 'This code is not known' }).waitFor()
    await page.goto(`${field.url}/#enrol=${await field.code('tech:ana', ['OR'])}`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await notesOf(page).waitFor()

    for (const way of ['the link', 'the page']) {
      await page.goBack()
      await expect.poll(() => new URL(page.url()).hash, { message: way, timeout: 10_000 }).toBe('#/')
      await page.getByRole('heading', { name: 'Today' }).waitFor()
    }
    await page.goBack()
    await notesOf(page).waitFor()

    await page.goto(`${field.url}/#/enrol`)
    await page.getByText('Ana is signed in on this device.').waitFor()
  })

  test('back from an order, the list is where it was', async () => {
    for (let made = 0; made < ORDERS; made++) await field.create({ title: `Order ${made}` })
    await ana.goto(`${field.url}/#/`)
    await ana.locator('.long li').first().waitFor()
    // All have come.
    await expect
      .poll(() => ana.evaluate(() => document.body.scrollHeight), { timeout: 40_000 })
      .toBeGreaterThan(6_800)
    await ana.evaluate(() => scrollTo(0, 6_000))
    await expect.poll(() => ana.evaluate(titleInTheMiddle), { timeout: 10_000 }).toMatch(/^Order/)
    const title = await ana.evaluate(titleInTheMiddle)
    const line = ana.getByRole('link', { name: title })
    const top = await ana.evaluate(() => scrollY)
    expect(top).toBeGreaterThan(5_900)
    await line.click()
    await ana.getByRole('heading', { name: title, level: 1 }).waitFor()
    expect(await ana.evaluate(() => scrollY)).toBe(0)
    await ana.goBack()
    await ana.locator('.long li').first().waitFor()
    await expect.poll(() => ana.evaluate(() => scrollY)).toBe(top)
    await line.click()
    await ana.getByRole('heading', { name: title, level: 1 }).waitFor()
    await ana.getByRole('main').getByRole('link', { name: 'Today' }).click()
    await ana.locator('.long li').first().waitFor()
    await expect.poll(() => ana.evaluate(() => scrollY)).toBe(top)
  })
})
