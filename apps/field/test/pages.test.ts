/** Every page, at 360 and at 1280 pixels: nothing that axe finds, targets of 44 pixels, counts of one line, nothing wider than the window; and a picture of each in shots/. */
import { join } from 'node:path'
import { whereThereIsChromium } from '@skerry/browser-test'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { desk, Field, phone, problemsOf, signIn } from './field.test-support.ts'
import { Office } from './office.test-support.ts'
import { crampedCounts, overflow, shoot, smallTargets, violationsOn } from './seen.test-support.ts'

/** Milliseconds: two browsers, a hub and an office on a loaded machine. */
const READY_MS_MAX = 240_000

const picture = join(import.meta.dirname, '../public/icon-512.png')

const sizes = { phone, desk }
type Size = keyof typeof sizes

await whereThereIsChromium(() => {
  const field = Field.forTests()
  let office: Office
  let ana: BrowserContext
  let page: Page
  let problems: string[]
  let order = ''

  beforeAll(async () => {
    office = new Office(field)
    await seed(field)
    order = await field.create({
      title: 'Replace the anemometer',
      due: '2027-05-04',
      priority: 'high',
      notes: 'The old one squeaks above 12 m/s.\nKey at the gate.',
      hours: 1,
      minutes: 45,
      parts: [
        { sku: 'anemometer-cups', qty: 1 },
        { sku: 'cable-tie', qty: 12 },
      ],
      checklist: [
        { id: '1', text: 'Lower the mast', done: true },
        { id: '2', text: 'Turn it by hand: does it run freely?', done: false },
      ],
    })
    await office.open()
    await office.shut()
    ana = await field.someone()
    await ana.grantPermissions(['geolocation'])
    await ana.setGeolocation({ latitude: 44.1246, longitude: -123.2119, accuracy: 8 })
    page = await signIn(ana, field, await field.code('tech:ana', ['OR', 'WA']))
    problems = problemsOf(page)
  }, READY_MS_MAX)
  afterAll(() => office[Symbol.asyncDispose]())

  async function open(hash: string, size: Size): Promise<void> {
    await page.setViewportSize(sizes[size])
    await page.goto(`${field.url}/${hash}`)
  }

  async function look(name: string): Promise<void> {
    await shoot(page, name)
    expect(await violationsOn(page), name).toEqual([])
    expect(await smallTargets(page), name).toEqual([])
    expect(await crampedCounts(page), name).toEqual([])
    expect(await overflow(page), name).toBeLessThanOrEqual(0)
    expect(problems, name).toEqual([])
  }

  const heading = (name: string) => page.getByRole('heading', { name, level: 1 }).waitFor()

  describe.each(['phone', 'desk'] as const)('on a %s', (size) => {
    test('today', async () => {
      await open('#/', size)
      await page.getByText('17 work orders').waitFor()
      await look(`today-${size}`)
    })

    test('nothing found', async () => {
      await open('#/?q=nowhere&status=done', size)
      await page.getByText('No work order fits').waitFor()
      await look(`today-none-${size}`)
    })

    test('an order, with somebody else on it', async () => {
      const context = await field.someone()
      const other = await signIn(context, field, await field.code('tech:ben', ['OR']))
      await other.goto(`${field.url}/#/order/${order}`)
      await other.getByRole('textbox', { name: 'Notes' }).focus()
      await open(`#/order/${order}`, size)
      await page.getByText('Ben is on this order now').waitFor()
      if (size === 'phone') await page.getByRole('button', { name: 'Stamp my location' }).click()
      await page.getByText('accurate to 8 m').waitFor()
      if (size === 'phone') await page.locator('input[type=file]').setInputFiles(picture)
      await page.getByRole('img', { name: /^Photo 1/ }).waitFor()
      await page.getByText('Details').or(page.getByText('What is saved where')).last().click()
      await look(`order-${size}`)
      await context.close()
    })

    test('its history', async () => {
      await open(`#/order/${order}/history`, size)
      const slider = page.getByRole('slider')
      await slider.focus()
      await slider.press('Home')
      await page.getByText(/^Change 1 of/).waitFor()
      await page.getByText('12 m/s').waitFor()
      await look(`history-${size}`)
    })

    test('an order that is not here', async () => {
      await open('#/order/nothing', size)
      await page.getByText('not on this device').waitFor()
      await look(`order-missing-${size}`)
    })

    test('outbox, empty and full', async () => {
      await open('#/outbox', size)
      await page.getByText('Everything is at the hub').waitFor()
      await look(`outbox-empty-${size}`)
      await open('#/settings', size)
      await page.getByRole('switch', { name: 'Stay off the network' }).check()
      await page.getByRole('button', { name: /Offline/ }).waitFor()
      await open(`#/order/${order}`, size)
      const more = page.getByRole('button', { name: 'One cable-tie more' })
      for (let change = 0; change < 12; change++) await more.click()
      await page.getByRole('button', { name: /12 changes waiting/ }).waitFor()
      await page.goto(`${field.url}/#/outbox`)
      await page.getByText('Off the network, as you asked').first().waitFor()
      await page.getByRole('link', { name: 'Replace the anemometer' }).waitFor()
      await page.getByRole('link', { name: /12\s*Outbox/ }).waitFor()
      await look(`outbox-${size}`)
      await page.getByRole('button', { name: /Offline/ }).click()
      await page.getByRole('dialog').waitFor()
      await look(`sync-${size}`)
      await page.getByRole('button', { name: 'Close' }).click()
      await open('#/settings', size)
      await page.getByRole('switch', { name: 'Stay off the network' }).uncheck()
      await page.getByRole('button', { name: /At the hub|office/ }).waitFor()
    })

    test('what is to be decided', async () => {
      await open('#/decide', size)
      await heading('To decide')
      if (size === 'phone') {
        await page.getByText('There is nothing to decide').waitFor()
        await look(`decide-empty-${size}`)
        await askWhich()
      }
      await page.goto(`${field.url}/#/decide`)
      await page.getByText('The office changed Due date to 4 June 2027, you wrote 6 June 2027').waitFor()
      await page.getByText('Two people changed Status').waitFor()
      await look(`decide-${size}`)
    })

    test('storage, settings, sign-in, a new order, no page', async () => {
      for (const [hash, name] of [
        ['#/storage', 'Storage'],
        ['#/settings', 'Settings'],
        ['#/enrol', 'Sign in'],
        ['#/new', 'New work order'],
        ['#/nowhere', 'There is no such page.'],
      ] as const) {
        await open(hash, size)
        await heading(name)
        await look(`${name.toLowerCase().replace(/\W+/g, '-')}-${size}`)
      }
    })
  })

  test('dark, large, and in German', async () => {
    await open('#/settings', 'phone')
    await page.getByRole('switch', { name: 'Large buttons' }).check()
    await page.getByRole('combobox', { name: 'Colours' }).selectOption('dark')
    await page.getByRole('combobox', { name: 'Language' }).selectOption('de')
    await heading('Optionen')
    await look('dark-settings')
    await page.goto(`${field.url}/#/order/${order}`)
    await heading('Replace the anemometer')
    await page.getByText('auf 8 m genau').waitFor()
    await look('dark-order')
    await page.goto(`${field.url}/#/`)
    await page.getByText('17 Aufträge').waitFor()
    await look('dark-today')
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('de')
  })

  test('from right to left nothing sticks out', async () => {
    await open('#/', 'phone')
    await page.evaluate(() => {
      document.documentElement.dir = 'rtl'
    })
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    await shoot(page, 'rtl-today')
    await page.goto(`${field.url}/#/order/${order}`)
    await heading('Replace the anemometer')
    await page.evaluate(() => {
      document.documentElement.dir = 'rtl'
    })
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    await shoot(page, 'rtl-order')
  })

  /** The office and Ana change the day at once; Ana and somebody at the hub change the status at once. */
  async function askWhich(): Promise<void> {
    await page.goto(`${field.url}/#/settings`)
    await page.getByRole('switch', { name: 'Stay off the network' }).check()
    await page.getByRole('button', { name: /Offline/ }).waitFor()
    await page.goto(`${field.url}/#/order/${order}`)
    await page.getByLabel('Due date').fill('2027-06-06')
    await page.getByRole('radio', { name: 'On the way' }).check()
    office.edit('Replace the anemometer', { due: '2027-06-04' })
    await field.orders.update(order, (draft) => {
      draft.status = 'done'
    })
    await page.goto(`${field.url}/#/settings`)
    await page.getByRole('switch', { name: 'Stay off the network' }).uncheck()
    await page.getByRole('button', { name: /At the hub|office/ }).waitFor()
    await office.open()
  }
})

async function seed(field: Field): Promise<void> {
  const sites = ['Mahlon Sweet', 'Redmond Municipal', 'Rogue Valley', 'Portland Intl']
  for (let index = 0; index < 16; index++)
    await field.create({
      title: `Yearly inspection ${index + 1}`,
      site: sites[index % sites.length]!,
      status: index % 3 === 0 ? 'done' : index % 3 === 1 ? 'open' : 'en_route',
      priority: index % 5 === 0 ? 'low' : 'normal',
      ...(index % 2 === 0 && { due: `2026-1${index % 3}-1${index % 10}` }),
      hours: 1,
    })
}
