/** What a technician does on the way: writes down an order that nobody made, and keeps photos for Wi-Fi. */
import { whereThereIsChromium } from '@skerry/browser-test'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { Field, photosOf, showOrder, signIn } from './field.test-support.ts'
import { photoOf, takePhoto } from './photo.test-support.ts'

await whereThereIsChromium(() => {
  const field = Field.forTests()

  test('an order made off the network is at the hub when there is one, and shows to whoever reads its area', async () => {
    await field.hub.replica
      .collection('sites')
      .create({ name: 'Eastern Oregon', city: 'Pendleton', state: 'OR' })
    const ana = await signIn(await field.someone(), field, await field.code('tech:ana', ['OR', 'WA']))
    const ben = await signIn(await field.someone(), field, await field.code('tech:ben', ['OR']))
    await ana.getByRole('link', { name: 'New work order' }).click()
    await ana.locator('datalist option', { hasText: 'Eastern Oregon' }).waitFor({ state: 'attached' })
    await field.hubDown()

    await ana.getByRole('button', { name: 'Create work order' }).click()
    await ana.getByRole('alert').filter({ hasText: 'Write what is to be done' }).waitFor()
    await ana.getByRole('textbox', { name: 'Title' }).fill('Bird nest on the mast')
    await ana.getByRole('button', { name: 'Create work order' }).click()
    await ana.getByRole('alert').filter({ hasText: 'Write where it is to be done' }).waitFor()
    await ana.getByRole('combobox', { name: 'State' }).selectOption('OR')
    await ana.getByRole('combobox', { name: 'Site' }).fill('Eastern Oregon')
    await ana.getByRole('combobox', { name: 'Priority' }).selectOption('low')
    await ana.getByLabel('Due date').fill('2027-07-01')
    await ana.getByRole('button', { name: 'Create work order' }).click()
    await ana.getByRole('heading', { name: 'Bird nest on the mast', level: 1 }).waitFor()

    await field.hubUp()
    await ben.getByRole('link', { name: /Bird nest on the mast/ }).click()
    await ben.getByRole('heading', { name: 'Bird nest on the mast', level: 1 }).waitFor()
    const [made] = await field.orders.where({ state: 'OR' }).all()
    expect(made).toMatchObject({
      title: 'Bird nest on the mast',
      site: 'Eastern Oregon',
      status: 'open',
      priority: 'low',
      due: '2027-07-01',
    })
  })

  test('photos over Wi-Fi only: on mobile data they wait, and go when there is Wi-Fi', async () => {
    const id = await field.create({ title: 'Dear line' })
    const eve = await field.someone()
    await eve.addInitScript(onMobileData)
    const page = await signIn(eve, field, await field.code('tech:eve', ['OR']))
    await page.goto(`${field.url}/#/settings`)
    await page.getByRole('switch', { name: 'Photos over Wi-Fi only' }).check()
    await page.getByText('while it is on mobile data').waitFor()
    await page.goto(`${field.url}/#/order/${id}`)
    await takePhoto(page, photoOf(1, 50_000))
    await page.locator('.photos').getByText('It waits for Wi-Fi').waitFor()
    await field.orders.update(id, (draft) => {
      draft.notes = 'Everything else goes on.'
    })
    await expect.poll(() => page.getByRole('textbox', { name: 'Notes' }).inputValue()).toContain('goes on')
    expect(field.photosHeld()).toBe(0)

    await on(page, 'wifi')
    await page.locator('.photos').getByText('At the hub').waitFor()
    await on(page, 'cellular')
    await page.goto(`${field.url}/#/settings`)
    await page.getByRole('switch', { name: 'Photos over Wi-Fi only' }).uncheck()
    await page.goto(`${field.url}/#/order/${id}`)
    await takePhoto(page, photoOf(2, 50_000))
    await page.locator('.photos').getByText('At the hub').nth(1).waitFor()
  })

  test('BL-27: a file that is damaged behind its head is refused in words, and nothing of it stays', async () => {
    const id = await field.create({ title: 'Damaged card' })
    const page = await signIn(await field.someone(), field, await field.code('tech:fay', ['OR']))
    await showOrder(page, field, id)
    const buffer = photoOf(1, 50_000)
    buffer.set([0xff, 0xe0], 2)
    await takePhoto(page, buffer)
    await page.getByRole('alert').getByText('The photo was not taken: the file is damaged').waitFor()
    expect(await photosOf(page)).toBe(0)
    await takePhoto(page, photoOf(2, 50_000))
    await page.locator('.photos').getByText('At the hub').waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
    expect(await photosOf(page)).toBe(1)
  })
})

/** Chromium tells the kind of network on phones alone: in the page, before anything of it runs, stands one that can be changed. */
function onMobileData(): void {
  const connection = Object.assign(new EventTarget(), { type: 'cellular' })
  Object.defineProperty(navigator, 'connection', { value: connection })
}

async function on(page: Page, type: 'cellular' | 'wifi'): Promise<void> {
  await page.evaluate((now) => {
    const { connection } = navigator as unknown as { connection: EventTarget & { type: string } }
    connection.type = now
    connection.dispatchEvent(new Event('change'))
  }, type)
}
