/** What a newcomer plays with: `npm start`, both links in two browsers, an edit of one seen by the other and in the CRM. */
import { chromium, whereThereIsChromium } from '@skerry/browser-test'
import type { BrowserContext, Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { expectNothingLeft, play } from './played.ts'

/** Milliseconds: the story, the app's build, and two browsers, on two cores that have other work as well. */
const PLAYED_MS_MAX = 240_000

await whereThereIsChromium(() => {
  test('two technicians by their links, and the office beside them', { timeout: PLAYED_MS_MAX }, async () => {
    const story = play([])
    // Also when something fails before its end: whoever is killed leaves the others of the story behind.
    onTestFinished(async () => {
      story.child.kill('SIGINT')
      await story.ended
    })
    await story.said('admin token in')
    const links = ['ana', 'ben'].map((name) =>
      found(story.out(), new RegExp(`as ${name}\\s+(\\S+#enrol=\\S+)`)),
    )
    const crm = found(story.out(), /the CRM +(http\S+)/)

    const browser = await chromium()
    onTestFinished(() => browser.close())
    const whole = browser.context.browser()
    if (!whole) throw new Error('this Chromium has no browser to make contexts in')
    const pages = await Promise.all(links.map(async (link) => signedIn(await whole.newContext(), link)))
    for (const page of pages) await page.getByRole('link', { name: /Replace the anemometer/ }).click()
    const [first, second] = pages.map((page) => page.getByRole('textbox', { name: 'Notes' }))
    await first!.fill('Cups replaced by Ana.')
    await expect.poll(() => second!.inputValue(), { timeout: 20_000 }).toBe('Cups replaced by Ana.')
    await pages[1]!.getByRole('button', { name: 'A quarter of an hour more' }).click()
    await expect
      .poll(async () => (await fetch(`${crm}/office/rows/cases?search=anemometer`)).json(), {
        timeout: 30_000,
      })
      .toMatchObject({ rows: [{ fields: { notes: 'Cups replaced by Ana.', hours: 0, minutes: 15 } }] })
    for (const page of pages) await page.getByRole('button', { name: /In the office system/ }).waitFor()

    await browser.close()
    story.child.kill('SIGINT')
    expect((await story.ended).code).toBe(0)
    expectNothingLeft(story)
  })
})

async function signedIn(context: BrowserContext, link: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(link)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Today' }).waitFor()
  return page
}

function found(text: string, pattern: RegExp): string {
  const match = pattern.exec(text)?.[1]
  if (match === undefined) throw new Error(`${pattern} is not in: ${text}`)
  return match
}
