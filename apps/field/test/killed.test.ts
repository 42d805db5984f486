/**
 * The whole browser is killed while a technician works without network, again and again: what the page had shown as done is there at the next start, and in the end at the hub.
 * `SKERRY_KILL_ROUNDS=100` for more rounds, `SKERRY_SEED` for the moments of others.
 */
import { newProfile, removeProfile, whereThereIsChromium } from '@skerry/browser-test'
import { SeededRandom } from '@skerry/core/testing'
import { minutesOf } from '@skerry/field-service/work-time'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { Field, signIn } from './field.test-support.ts'

const ROUNDS = Number(process.env.SKERRY_KILL_ROUNDS ?? 5)
const SEED = Number(process.env.SKERRY_SEED ?? 1)
/** Milliseconds: a browser's start, and some edits. */
const ROUND_MS_MAX = 40_000
/** Milliseconds for the first start and the last. */
const AROUND_MS_MAX = 120_000
/** Edits that a round waits for, at most, before the kill. */
const EDITS_MAX = 12
const QUARTER_MINUTES = 15

await whereThereIsChromium(() => {
  test(`${ROUNDS} kills of the browser lose nothing that was shown (SKERRY_SEED=${SEED} npx vitest run apps/field/test/killed.test.ts)`, {
    timeout: AROUND_MS_MAX + ROUNDS * ROUND_MS_MAX,
  }, async () => {
    await using field = await Field.start()
    const profile = await newProfile()
    try {
      const id = await field.create({ title: 'Worked on' })
      const url = `${field.url}/#/order/${id}`
      const random = new SeededRandom(SEED)
      {
        const browser = await field.browser(profile)
        const page = await signIn(browser.context, field, await field.code('tech:ana', ['OR']))
        await page.getByRole('link', { name: /Worked on/ }).waitFor()
        await page.evaluate(shellIsKept)
        await browser.close()
      }
      await field.hubDown()
      let shown = 0
      for (let round = 1; round <= ROUNDS; round++) {
        const browser = await field.browser(profile)
        const page = await browser.context.newPage()
        await page.goto(url)
        const found = await minutesShown(page)
        expect(found, `round ${round}: minutes at its start`).toBeGreaterThanOrEqual(shown)
        // Of edits that nobody was told of, all or nothing is there.
        expect(found % QUARTER_MINUTES).toBe(0)
        const wanted = found + QUARTER_MINUTES * (1 + random.below(EDITS_MAX))
        const reached = Promise.withResolvers<void>()
        await page.exposeFunction('told', (minutes: number) => {
          shown = Math.max(shown, minutes)
          if (minutes >= wanted) reached.resolve()
        })
        shown = Math.max(shown, found)
        await page.evaluate(workOn)
        await reached.promise
        await browser.kill()
      }
      await field.hubUp()
      const browser = await field.browser(profile)
      const page = await browser.context.newPage()
      await page.goto(url)
      const found = await minutesShown(page)
      expect(found).toBeGreaterThanOrEqual(shown)
      await page.getByRole('button', { name: /At the hub/ }).waitFor()
      await page.getByText('change waiting').waitFor({ state: 'detached' })
      expect(minutesOf((await field.orders.get(id)) as never)).toBe(found)
      console.log(`${ROUNDS} kills, ${found / QUARTER_MINUTES} edits at the hub`)
      await browser.close()
    } finally {
      await removeProfile(profile)
    }
  })
})

/** As the order page has it, once it is there. */
async function minutesShown(page: Page): Promise<number> {
  const words = await page.getByRole('status', { name: 'Time worked' }).textContent()
  const [, hours = '0'] = /(\d+) hr/.exec(words ?? '') ?? []
  const [, minutes = '0'] = /(\d+) min/.exec(words ?? '') ?? []
  return Number(hours) * 60 + Number(minutes)
}

/** In the page: the service worker has the app. */
async function shellIsKept(): Promise<void> {
  const { active } = await navigator.serviceWorker.ready
  if (active?.state === 'activated') return
  await new Promise((resolve) => active?.addEventListener('statechange', resolve, { once: true }))
}

/** In the page: adds quarters of an hour as fast as they are shown, and tells of each that is. */
function workOn(): void {
  const { told } = globalThis as unknown as { told(minutes: number): Promise<void> }
  const output = document.querySelector('output')!
  const more = document.querySelector<HTMLButtonElement>('[aria-label="A quarter of an hour more"]')!
  const look = () => {
    const [, hours = '0'] = /(\d+) hr/.exec(output.textContent) ?? []
    const [, minutes = '0'] = /(\d+) min/.exec(output.textContent) ?? []
    void told(Number(hours) * 60 + Number(minutes))
    setTimeout(() => more.click())
  }
  new MutationObserver(look).observe(output, { childList: true, characterData: true, subtree: true })
  more.click()
}
