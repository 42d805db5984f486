/**
 * A day's work without a network, and then a line that is slow and breaks: edits first, then the photos, and no photo is sent again and again. `SKERRY_WHOLE_DAY=1` for 200 edits and 30 photos
 * over 64 kbit/s that breaks every 20 seconds: some minutes.
 */
import { whereThereIsChromium } from '@skerry/browser-test'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { Field, signIn, someone, stayOff } from './field.test-support.ts'
import { photoOf } from './photo.test-support.ts'
import { SlowLine } from './slow-line.test-support.ts'

const DAY = process.env.SKERRY_WHOLE_DAY
  ? {
      orders: 10,
      edits: 200,
      photos: 30,
      photoBytes: 40_000,
      line: { bytesPerSecond: 8_000, breaksEveryMs: 20_000 },
      arrivedMsMax: 900_000,
    }
  : {
      orders: 4,
      edits: 40,
      photos: 4,
      photoBytes: 40_000,
      line: { bytesPerSecond: 32_000, breaksEveryMs: 4_000 },
      arrivedMsMax: 60_000,
    }
/** Of the bytes that went up in requests, to those of the photos: what breaks cost, and each request's head with its proof. */
const SENT_RATIO_MAX = 1.6
/** The same without what breaks cost, each a photo at most: on a busy machine there are more of them for one photo than on a day. */
const HEADS_RATIO_MAX = 1.25
/** Bytes of photos that may be under way when the last edit arrives, to those of the edits: the device hears of it before this test does. */
const EARLY_RATIO_MAX = 0.3
/** Milliseconds for the browser, and to do the work by hand. */
const WORK_MS_MAX = 120_000

await whereThereIsChromium(() => {
  test(`${DAY.edits} edits and ${DAY.photos} photos over a line that breaks: edits come first, all of it arrives, and little is sent twice`, {
    timeout: WORK_MS_MAX + DAY.arrivedMsMax,
  }, async () => {
    await using field = await Field.start()
    await using line = await SlowLine.start(Number(new URL(field.url).port))
    const ids: string[] = []
    for (let order = 1; order <= DAY.orders; order++)
      ids.push(await field.create({ title: `Order ${order}` }))
    const page = await signIn(
      await someone(await field.browser()),
      { url: line.url },
      await field.code('tech:ana', ['OR']),
    )
    await page.getByText(`${DAY.orders} work orders`).waitFor()
    await page.evaluate(() => navigator.serviceWorker.ready)
    await stayOff(page, line, true)
    for (const [order, id] of ids.entries()) {
      await page.goto(`${line.url}/#/order/${id}`)
      await page.getByRole('heading', { name: `Order ${order + 1}`, level: 1 }).waitFor()
      await addQuarters(page, share(DAY.edits, order))
      await addPhotos(page, share(DAY.photos, order), order * DAY.photos)
    }
    expect(field.photosHeld()).toBe(0)

    line.set(DAY.line)
    const before = { ...line.sent, at: performance.now(), breaks: line.breaks }
    await stayOff(page, line, false)
    const seconds = () => ((performance.now() - before.at) / 1_000).toFixed(1)
    await expect
      .poll(() => workedAtHub(field, ids), { timeout: DAY.arrivedMsMax, interval: 20 })
      .toEqual({ quarters: DAY.edits, photos: DAY.photos })
    const early = {
      sessions: line.sent.sessions - before.sessions,
      requests: line.sent.requests - before.requests,
    }
    console.log(
      `all edits are at the hub after ${seconds()} s and ${early.sessions} bytes, with ${early.requests} bytes of photos`,
    )
    // Were both sent at once, they would have shared the line.
    expect(early.requests).toBeLessThan(early.sessions * EARLY_RATIO_MAX)
    await expect.poll(() => field.photosHeld(), { timeout: DAY.arrivedMsMax, interval: 50 }).toBe(DAY.photos)
    const sent = line.sent.requests - before.requests
    const ratio = sent / (DAY.photos * DAY.photoBytes)
    console.log(
      `everything after ${seconds()} s and ${line.breaks - before.breaks} breaks: ${sent} bytes of photos went up, ${ratio.toFixed(2)} x what they have`,
    )
    expect(line.breaks).toBeGreaterThan(before.breaks)
    expect(ratio).toBeLessThan(
      process.env.SKERRY_WHOLE_DAY
        ? SENT_RATIO_MAX
        : HEADS_RATIO_MAX + (line.breaks - before.breaks) / DAY.photos,
    )
  })
})

/** Of `all`, what falls to one order; together they are all. */
function share(all: number, order: number): number {
  return Math.floor(((order + 1) * all) / DAY.orders) - Math.floor((order * all) / DAY.orders)
}

async function addQuarters(page: Page, quarters: number): Promise<void> {
  const more = page.getByRole('button', { name: 'A quarter of an hour more' })
  for (let quarter = 1; quarter <= quarters; quarter++) await more.click()
}

async function addPhotos(page: Page, count: number, seed: number): Promise<void> {
  for (let photo = 1; photo <= count; photo++) {
    const buffer = photoOf(seed + photo, DAY.photoBytes)
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: `${photo}.jpg`, mimeType: 'image/jpeg', buffer })
    await expect.poll(() => page.locator('.photos li').count(), { timeout: 40_000 }).toBe(photo)
  }
}

/** Quarters of an hour, and photos that orders tell of. */
async function workedAtHub(field: Field, ids: readonly string[]) {
  const sums = { quarters: 0, photos: 0 }
  for (const id of ids) {
    const {
      hours = 0,
      minutes = 0,
      photos = [],
    } = ((await field.orders.get(id)) ?? {}) as unknown as {
      hours?: number
      minutes?: number
      photos?: unknown[]
    }
    sums.quarters += (hours * 60 + minutes) / 15
    sums.photos += photos.length
  }
  return sums
}
