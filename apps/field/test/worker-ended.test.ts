/** The browser ends the app's worker while a technician writes: what was typed and counted is there once, on the page and at the hub. */
import { type Chromium, whereThereIsChromium } from '@skerry/browser-test'
import { minutesOf } from '@skerry/field-service/work-time'
import { expect, test } from 'vitest'
import { Field, problemsOf, signIn } from './field.test-support.ts'

/** Milliseconds: a browser, and a worker that starts some times. */
const TEST_MS_MAX = 90_000
const ENDS = 4
const QUARTER_MINUTES = 15

await whereThereIsChromium(() => {
  test(`of notes and hours written while the worker is ended ${ENDS} times, nothing is lost or doubled`, {
    timeout: TEST_MS_MAX,
  }, async () => {
    await using field = await Field.start()
    const id = await field.create({ title: 'Worker ends', notes: '' })
    const browser = await field.browser()
    const page = await signIn(browser.context, field, await field.code('tech:ana', ['OR']))
    const problems = problemsOf(page)
    await page.goto(`${field.url}/#/order/${id}`)
    const notes = page.getByRole('textbox', { name: 'Notes' })
    await notes.focus()
    let written = ''
    for (let round = 1; round <= ENDS; round++) {
      const words = `Round ${round} of the fence. `
      await page.keyboard.type(words.slice(0, -10))
      await page.getByRole('button', { name: 'A quarter of an hour more' }).click()
      await notes.focus()
      await notes.press('End')
      await endWorker(browser)
      await page.keyboard.type(words.slice(-10))
      written += words
      await expect.poll(() => notes.inputValue()).toBe(written)
    }
    const atHub = async () => {
      const order = await field.orders.get(id)
      return { notes: order?.notes, minutes: minutesOf(order as never) }
    }
    const all = { notes: written, minutes: ENDS * QUARTER_MINUTES }
    await expect.poll(atHub, { timeout: 30_000 }).toEqual(all)
    expect(await notes.inputValue()).toBe(written)
    expect(await page.getByRole('alert').count()).toBe(0)
    expect(problems).toEqual([])
  })
})

async function endWorker(browser: Chromium): Promise<void> {
  const devtools = await browser.context.browser()!.newBrowserCDPSession()
  const { targetInfos } = await devtools.send('Target.getTargets')
  const worker = targetInfos.find(({ type }) => type === 'shared_worker')
  if (!worker) throw new Error('the app has no shared worker')
  await devtools.send('Target.closeTarget', { targetId: worker.targetId })
  await devtools.detach()
}
