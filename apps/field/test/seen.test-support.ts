/** What a page looks like, and what axe says of it. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Page } from 'playwright-core'

const shots = join(import.meta.dirname, '../shots')
mkdirSync(shots, { recursive: true })

/** Into apps/field/shots, for people. @param fullPage otherwise as the window shows it */
export async function shoot(page: Page, name: string, fullPage = true): Promise<void> {
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage })
}

interface AxeResults {
  violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[]
}

/** Violations of WCAG 2.2 A and AA and of axe's best practices, each with where it is. Run through the debugger, which the page's policy does not bind. */
export async function violationsOn(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }
    return axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      // What scrolls below a bar counts as small there; `smallTargets` measures, and asks for more.
      rules: { 'target-size': { enabled: false } },
    })
  })
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary ?? ''}`),
  )
}

/** Of controls whose target is below 44 by 44 pixels. A link within a sentence and what is drawn over by its label do not count. */
export function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const TARGET_MIN_PX = 44
    const controls = [
      ...document.querySelectorAll<HTMLElement>('a, button, input, select, textarea, summary'),
    ]
    return controls.flatMap((control) => {
      const target = control.closest('label') ?? control
      const { width, height } = target.getBoundingClientRect()
      const isShown = control.checkVisibility() && !control.classList.contains('skip')
      const isSmall = height < TARGET_MIN_PX - 0.5 || width < TARGET_MIN_PX - 0.5
      return isShown && isSmall ? [`${control.outerHTML.slice(0, 120)} ${width} x ${height}`] : []
    })
  })
}

/** Counts beside a way's picture that take more than a line, stick out of their link or lie over its words. */
export function crampedCounts(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('.ways .count')].flatMap((count) => {
      const link = count.closest('a')!
      const [box, around, words] = [count, link, link.lastElementChild!].map((one) =>
        one.getBoundingClientRect(),
      ) as [DOMRect, DOMRect, DOMRect]
      const isOneLine = box.height < 1.5 * Number.parseFloat(getComputedStyle(count).lineHeight)
      const isInside =
        box.left >= around.left &&
        box.right <= around.right &&
        box.top >= around.top &&
        box.bottom <= around.bottom
      const isBeside =
        box.right <= words.left ||
        box.left >= words.right ||
        box.bottom <= words.top ||
        box.top >= words.bottom
      const said = `${link.textContent} ${box.width} x ${box.height}`
      return isOneLine && isInside && isBeside ? [] : [said]
    }),
  )
}

/** Pixels that the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
}
