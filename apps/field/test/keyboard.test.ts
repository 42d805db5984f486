/** The whole way with keys alone: sign in, find an order, change it, sign, look at what is saved where. */
import { whereThereIsChromium } from '@skerry/browser-test'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { Field, reachesHub, someone } from './field.test-support.ts'

/** Presses of Tab until a control must have had the focus: more than any page has. */
const TABS_MAX = 60

await whereThereIsChromium(() => {
  test('with keys alone', { timeout: 240_000 }, async () => {
    await using field = await Field.start()
    const id = await field.create({ title: 'By keys', checklist: [{ id: '1', text: 'Look', done: false }] })
    const browser = await field.browser()
    const page = await (await someone(browser)).newPage()
    await page.goto(`${field.url}/#enrol=${await field.code('tech:ana', ['OR'])}`)
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await tabTo(page, 'Sign in')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Today' }).waitFor()
    await tabTo(page, 'Search title')
    await page.keyboard.type('keys')
    await page.getByText('1 work order').waitFor()
    await tabTo(page, 'By keys')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'By keys', level: 1 }).waitFor()
    expect(await focused(page)).toBe('By keys')

    await tabTo(page, 'Open')
    await page.keyboard.press('ArrowRight')
    await tabTo(page, 'Notes')
    await page.keyboard.type('Typed.')
    await tabTo(page, 'A quarter of an hour more')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Space')
    await tabTo(page, 'Look')
    await page.keyboard.press('Space')
    await tabTo(page, 'Part number')
    await page.keyboard.type('bolt')
    await page.keyboard.press('Enter')
    await tabTo(page, 'Name of who received')
    await page.keyboard.type('Mr Gray')
    await page.keyboard.press('Enter')
    await page.getByText('Signed by Mr Gray').waitFor()
    await reachesHub(field, id, {
      status: 'en_route',
      notes: 'Typed.',
      minutes: 30,
      checklist: [expect.objectContaining({ done: true })],
      parts: [expect.objectContaining({ sku: 'bolt', qty: 1 })],
      signed: expect.stringContaining('"name":"Mr Gray"'),
    })

    // Else what says the same beside a field is met first.
    await page.getByRole('button', { name: /At the hub/ }).waitFor()
    await tabTo(page, 'Skip to the content')
    await tabTo(page, 'At the hub')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'What is saved where' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await focused(page)).toContain('At the hub')
  })
})

/** Name of what has the focus, as far as the page says. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLElement | null
    if (element === document.body) return ''
    const label = (element as HTMLInputElement | null)?.labels?.[0]?.textContent
    return element?.getAttribute('aria-label') ?? label ?? element?.textContent ?? ''
  })
}

async function tabTo(page: Page, name: string): Promise<void> {
  const seen: string[] = []
  for (let presses = 0; presses < TABS_MAX; presses++) {
    const now = await focused(page)
    if (now.includes(name)) {
      const outline = await page.evaluate(() => {
        const element = document.activeElement!
        const drawn = element.matches('.segments input') ? element.nextElementSibling! : element
        return getComputedStyle(drawn).outlineStyle
      })
      expect(outline, `the focus on ${name} can be seen`).toBe('solid')
      return
    }
    seen.push(now)
    await page.keyboard.press('Tab')
  }
  throw new Error(`no way by Tab to '${name}'; there are ${seen.join(' | ')}`)
}
