/** A suite that was written for vitest, run in a page: each of its tests is one here, by its own name. */
import { describe, test } from 'vitest'
import type { BrowserPage } from './browser-page.ts'

/** Registers what the page's suites have (`page/suite.ts`), or those that `chosen` takes. Await it while vitest collects. The page must live until the last of them has ended. */
export async function testsInPage(
  page: BrowserPage,
  chosen: (path: readonly string[]) => boolean = () => true,
): Promise<void> {
  const titles = await page.call<string[][]>('suiteTitles')
  if (titles.length === 0) throw new Error('the page registered no test')
  for (const [index, path] of titles.entries()) {
    if (!chosen(path)) continue
    const groups = path.slice(0, -1)
    const register = () => test(path.at(-1)!, () => page.call<void>('suiteRun', index))
    groups.reduceRight<() => void>((inner, group) => () => describe(group, inner), register)()
  }
}
