/** The developer tools over the app and its worker: every part of them, at 360 and 1280 pixels, and what a bad network does to a technician's edits. */
import { whereThereIsChromium } from '@skerry/browser-test'
import type { Locator, Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { desk, Field, phone, problemsOf, signIn } from './field.test-support.ts'
import { overflow, shoot, violationsOn } from './seen.test-support.ts'

/** Milliseconds: a browser, a hub, and sessions that dial again by their own clock, on a loaded machine. */
const READY_MS_MAX = 90_000

await whereThereIsChromium(() => {
  const field = Field.forTests()
  let page: Page
  let panel: Locator
  /** The tab that is shown; the others are hidden, and keep what they had. */
  let shown: Locator
  let problems: string[]
  let order = ''

  beforeAll(async () => {
    order = await field.create({ title: 'Replace the anemometer', notes: 'Squeaks.', hours: 1 })
    await field.create({ title: 'Check the roof hatch', state: 'WA', site: 'Sea-Tac' })
    const ana = await field.someone()
    page = await signIn(ana, field, await field.code('tech:ana', ['OR', 'WA']))
    panel = page.getByRole('region', { name: 'Skerry developer tools' })
    shown = panel.getByRole('tabpanel')
    problems = problemsOf(page)
    await page.getByText('2 work orders').waitFor()
  }, READY_MS_MAX)

  const tab = (name: string) => panel.getByRole('tab', { name }).click()
  const network = async (name: string) => {
    await tab('Network')
    await shown.getByRole('radio', { name, exact: true }).check()
  }
  const note = async (text: string) => {
    await page.goto(`${field.url}/#/order/${order}`)
    const notes = page.getByRole('textbox', { name: 'Notes' })
    await notes.press('Control+End')
    await notes.pressSequentially(text)
  }
  const atHub = async () => (await field.orders.get(order))?.notes

  test('DT-1: nothing of it is loaded before it is switched on in settings', async () => {
    /** Scripts of the page that have the panel in them. */
    const withPanel = () =>
      page.evaluate(async () => {
        const loaded = performance.getEntriesByType('resource').map(({ name }) => name)
        const scripts = loaded.filter((name) => new URL(name).pathname.endsWith('.js'))
        const texts = await Promise.all(scripts.map(async (url) => (await fetch(url)).text()))
        return [...new Set(scripts.filter((_, i) => texts[i]!.includes('Skerry developer tools')))]
      })
    expect(await withPanel()).toEqual([])
    await page.goto(`${field.url}/#/settings`)
    expect(await panel.count()).toBe(0)
    await page.getByRole('switch', { name: 'Developer tools' }).check()
    await panel.getByRole('tab', { name: 'Log' }).waitFor()
    expect(await withPanel()).toHaveLength(1)
  })

  describe.each([
    ['phone', phone],
    ['desk', desk],
  ] as const)('on a %s', (size, viewport) => {
    async function look(name: string): Promise<void> {
      await shoot(page, `devtools-${name}-${size}`, false)
      expect(await violationsOn(page), name).toEqual([])
      expect(await overflow(page), name).toBeLessThanOrEqual(0)
      expect(await cutOff(panel), name).toEqual([])
      expect(problems, name).toEqual([])
    }

    test('DT-10: the log opens an entry, and leads to its record', async () => {
      await page.setViewportSize(viewport)
      await tab('Log')
      const entry = shown.getByRole('row', { name: new RegExp(`work_orders/${order}`) }).last()
      await entry.getByRole('button').click()
      await shown.getByRole('button', { name: 'Its history' }).last().waitFor()
      await look('log')
      await shown.getByRole('button', { name: 'The record' }).last().click()
      await shown.getByText('"Replace the anemometer"').waitFor()
      await shown.getByText('Heads').waitFor()
      await look('records')
      await shown.getByRole('searchbox', { name: 'Id begins with' }).fill('nobody')
      await shown.getByText('0 records').waitFor()
      await shown.getByRole('searchbox', { name: 'Id begins with' }).fill(order.slice(0, 20))
      await shown.getByText('1 record', { exact: true }).waitFor()
      await shown.getByRole('searchbox', { name: 'Id begins with' }).fill('')
      await tab('Log')
      await shown
        .getByRole('row', { name: new RegExp(`work_orders/${order}`) })
        .last()
        .getByRole('button')
        .first()
        .click()
    })

    test('DT-13: the slider shows each change, by whom, and what differs', async () => {
      await note(size === 'phone' ? ' Key at the gate.' : ' Bring a ladder.')
      await expect.poll(atHub, { timeout: 12_000 }).toMatch(size === 'phone' ? /gate\.$/ : /ladder\.$/)
      await tab('History')
      const slider = shown.getByRole('slider', { name: 'Change' })
      // It stays at the change that was looked at.
      await shown.getByText(/^Change \d+ of/).waitFor()
      await slider.press('End')
      await shown.getByText(/^Change (\d+) of \1$/).waitFor()
      await shown.getByText('tech:ana').first().waitFor()
      await shown.locator('ins').first().waitFor()
      await look('history')
      await slider.press('Home')
      await shown.getByText(/^Change 1 of/).waitFor()
      await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/^Change 1 of \d+, by \S+/)
      await shown.getByRole('button', { name: 'The change after' }).click()
      await shown.getByText(/^Change 2 of/).waitFor()
    })

    test('DT-14: values of writers who met, with who wrote each', async () => {
      if (size === 'phone') {
        await network('Cut')
        await shown.getByText('Cut: a line cannot be had.').waitFor()
        await page.goto(`${field.url}/#/order/${order}`)
        await page.getByRole('radio', { name: 'On the way' }).check()
        await tab('Records')
        await shown
          .getByText(/unsent/)
          .first()
          .waitFor()
        await field.orders.update(order, (draft) => {
          draft.status = 'done'
        })
        await network('Off')
      }
      await tab('Concurrent')
      await shown.getByText('"done"').waitFor()
      await shown.getByText('"en_route"').waitFor()
      await look('concurrent')
    })

    test('DT-12 DT-21: cut, the session ends with its reason; off, edits arrive', {
      timeout: READY_MS_MAX,
    }, async () => {
      await network('Cut')
      await shown.getByText('Cut: a line cannot be had.').waitFor()
      await look('network')
      await note(` Cut on ${size}.`)
      await tab('Sessions')
      await shown
        .getByText(/network-unreachable/)
        .first()
        .waitFor()
      await shown
        .getByRole('cell', { name: /the network simulator/ })
        .first()
        .waitFor()
      await look('sessions')
      await tab('Records')
      await shown
        .getByText(/unsent/)
        .first()
        .waitFor()
      expect(await atHub()).not.toContain(`Cut on ${size}`)
      await network('Off')
      await expect.poll(atHub, { timeout: 20_000 }).toContain(`Cut on ${size}.`)
      await tab('Sessions')
      await shown.getByRole('heading', { name: /open, in step/ }).waitFor()
    })
  })

  test('DT-24: answers are lost, and nothing comes twice', async () => {
    await network('Lose answers')
    await shown.getByText('Lose answers: a line can be had.').waitFor()
    await page.goto(`${field.url}/#/order/${order}`)
    const before = ((await field.orders.get(order))?.minutes ?? 0) as number
    await page.getByRole('button', { name: 'A quarter of an hour more' }).click()
    await note(' Once.')
    const lost = async () =>
      Number(
        await shown
          .locator('dt', { hasText: 'Answers lost' })
          .locator('xpath=following-sibling::dd')
          .textContent(),
      )
    await expect.poll(lost, { timeout: 20_000 }).toBeGreaterThan(0)
    await network('Off')
    await expect.poll(atHub, { timeout: 20_000 }).toMatch(/Once\.$/)
    await page.getByRole('button', { name: /At the hub|office/ }).waitFor()
    const there = await field.orders.get(order)
    expect(there!.minutes).toBe(before + 15)
    expect(String(there!.notes).match(/Once\./g)).toHaveLength(1)
    const hashes = (await field.orders.history(order)).map(({ hash }) => hash)
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  test('DT-3 DT-4: by keys, higher and lower, and away', async () => {
    await panel.getByRole('tab', { name: 'Network' }).focus()
    await page.keyboard.press('ArrowRight')
    expect(await panel.getByRole('tab', { name: 'Log' }).getAttribute('aria-selected')).toBe('true')
    await page.keyboard.press('End')
    expect(await panel.getByRole('tab', { name: 'Network' }).getAttribute('aria-selected')).toBe('true')
    const grip = panel.getByRole('separator', { name: 'Height of the developer tools' })
    const height = async () => (await panel.boundingBox())!.height
    const before = await height()
    await grip.press('ArrowUp')
    expect(await height()).toBe(before + 40)
    await grip.press('ArrowDown')
    expect(await height()).toBe(before)
    await page.emulateMedia({ colorScheme: 'dark' })
    await tab('Log')
    await shown.getByText(/entries shown/).waitFor()
    await shoot(page, 'devtools-dark-desk', false)
    expect(await violationsOn(page)).toEqual([])
    await page.emulateMedia({ colorScheme: 'light' })
    await panel.getByRole('button', { name: 'Close the developer tools' }).click()
    await panel.waitFor({ state: 'detached' })
    await page.goto(`${field.url}/#/settings`)
    expect(await page.getByRole('switch', { name: 'Developer tools' }).isChecked()).toBe(false)
    expect(problems).toEqual([])
  })
})

/** Of controls in the panel that stick out of it at either side. */
function cutOff(panel: Locator): Promise<string[]> {
  return panel.evaluate((element) => {
    const { left, right } = element.getBoundingClientRect()
    return [...element.querySelectorAll<HTMLElement>('[role="tabpanel"] :is(button, input, select)')].flatMap(
      (control) => {
        const box = control.getBoundingClientRect()
        const isOut = control.checkVisibility() && (box.left < left - 0.5 || box.right > right + 0.5)
        return isOut ? [control.outerHTML.slice(0, 120)] : []
      },
    )
  })
}
