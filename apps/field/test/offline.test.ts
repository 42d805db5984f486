/** Without a network: the app starts, everything can be read and changed, and what was changed arrives later, also when the browser was killed meanwhile. */
import { type Chromium, newProfile, removeProfile, whereThereIsChromium } from '@skerry/browser-test'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Field, photosOf, problemsOf, signIn } from './field.test-support.ts'

/** The page of a Wi-Fi that wants a sign-in first. */
const PORTAL = {
  status: 200,
  contentType: 'text/html',
  body: '<!doctype html><h1>Welcome to the hotel</h1>',
}

/** Milliseconds: a browser starts three times. */
const TEST_MS_MAX = 240_000

await whereThereIsChromium(() => {
  const field = Field.forTests()
  let profile: string
  let browser: Chromium
  beforeEach(async () => {
    profile = await newProfile()
    browser = await field.browser(profile)
  })
  afterEach(async () => {
    await browser.close()
    await removeProfile(profile)
    await field.hubDown()
    await field.hubUp()
  })

  /** Signed in, with the app itself kept by the service worker. */
  async function ready() {
    const page = await signIn(browser.context, field, await field.code('tech:ana', ['OR']))
    await page.evaluate(async () => {
      const { active } = await navigator.serviceWorker.ready
      if (active?.state === 'activated') return
      await new Promise((resolve) => active?.addEventListener('statechange', resolve, { once: true }))
    })
    return page
  }

  test('second start without network: list, order, edit; the hub has it when it is back', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const id = await field.create({ title: 'Second start', notes: 'Before.' })
    const first = await ready()
    await first.getByText('Second start').waitFor()
    await first.close()
    await field.hubDown()
    await browser.kill()

    browser = await field.browser(profile)
    const page = await browser.context.newPage()
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(String(error)))
    const began = performance.now()
    await page.goto(`${field.url}/`)
    await page.getByRole('link', { name: /Second start/ }).click()
    console.log(`second start offline until an order opens: ${Math.round(performance.now() - began)} ms`)
    for (const file of ['icon.svg', 'icon-192.png', 'icon-512.png', 'app.webmanifest'])
      expect(await page.evaluate(async (file) => (await fetch(`/${file}`)).status, file)).toBe(200)
    await page.getByRole('textbox', { name: 'Notes' }).fill('Before. Written in the cellar.')
    await page.getByRole('button', { name: 'A quarter of an hour more' }).click()
    await page.getByLabel('Time worked').getByText('15 min').waitFor()
    await page.getByRole('button', { name: /Saved here.*No network/s }).click()
    await page.getByText(/^Last in touch with the hub/).waitFor()
    await page.keyboard.press('Escape')

    await page.reload()
    await page.getByRole('textbox', { name: 'Notes' }).waitFor()
    expect(await page.getByRole('textbox', { name: 'Notes' }).inputValue()).toBe(
      'Before. Written in the cellar.',
    )
    await page.goto(`${field.url}/#/outbox`)
    await page.getByText('No connection to the hub').first().waitFor()
    await page.getByRole('link', { name: 'Second start' }).waitFor()

    await browser.kill()
    await field.hubUp()
    browser = await field.browser(profile)
    const last = await browser.context.newPage()
    await last.goto(`${field.url}/#/outbox`)
    await last.getByText('Everything is at the hub').waitFor()
    expect(await field.orders.get(id)).toMatchObject({ notes: 'Before. Written in the cellar.', minutes: 15 })
    expect(problems).toEqual([])
  })

  test('a photo taken without network is there after a restart, and at the hub when there is one', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const id = await field.create({ title: 'Photo of the mast' })
    const page = await ready()
    await page.goto(`${field.url}/#/order/${id}`)
    await page.getByRole('heading', { name: 'Photo of the mast' }).waitFor()
    await field.hubDown()
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'mast.png', mimeType: 'image/png', buffer: PIXEL })
    await page.getByRole('img', { name: /^Photo 1/ }).waitFor()
    await browser.kill()
    browser = await field.browser(profile)
    const again = await browser.context.newPage()
    await again.goto(`${field.url}/#/order/${id}`)
    await again.getByRole('img', { name: /^Photo 1/ }).waitFor()
    await again
      .getByText(/^Saved here/)
      .first()
      .waitFor()
    await field.hubUp()
    await again.locator('.photos').getByText('At the hub').waitFor({ timeout: 60_000 })
    expect((await field.orders.get(id))?.photos).toHaveLength(1)
  })

  test('a photo removed before it was sent is given up, here and for the hub, and one that another order has too is not', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const ids = [await field.create({ title: 'First mast' }), await field.create({ title: 'Second mast' })]
    const page = await ready()
    await field.hubDown()
    const taken = async (id: string, buffer: Buffer) => {
      await page.goto(`${field.url}/#/order/${id}`)
      const photos = page.locator('.photos li')
      await page.locator('input[type=file]').waitFor({ state: 'attached' })
      const before = await photos.count()
      await page
        .locator('input[type=file]')
        .setInputFiles({ name: 'mast.png', mimeType: 'image/png', buffer })
      await photos.nth(before).getByRole('img').waitFor()
    }
    const removed = async (id: string) => {
      await page.goto(`${field.url}/#/order/${id}`)
      await page.locator('.photos').getByRole('button').first().click()
      await page.getByRole('button', { name: 'Remove photo' }).click()
      await page.getByText('No photos yet').waitFor()
    }
    const held = () => photosOf(page)
    const atHub = field.photosHeld()
    const [first, second] = ids as [string, string]
    await taken(first, RED)
    // With its small picture.
    const one = await held()
    await taken(second, RED)
    expect(await held()).toBe(one)
    await removed(first)
    await removed(second)
    // The hub has not taken the removals yet, and may refuse them.
    expect(await held()).toBe(one)
    await field.hubUp()
    await expect.poll(held, { timeout: 40_000 }).toBe(0)
    await field.hubDown()
    await taken(first, RED)
    await taken(second, RED)
    await removed(first)
    expect(await held()).toBe(one)
    await field.hubUp()
    await expect.poll(() => field.photosHeld(), { timeout: 60_000 }).toBe(atHub + one)
    expect(await field.orders.get(second)).toMatchObject({ photos: [{ sha256: expect.any(String) }] })
  })

  test.each<[string, [string, number], RegExp]>([
    ['of no bytes', ['', 0], /empty/],
    ['that is a text', ['no picture', 0], /nothing that is known/],
    ['of 30 MB', ['', 30 * 1024 * 1024], /at most/],
  ])('a file %s is not taken for a photo, and the words say why', async (_, file, words) => {
    const id = await field.create({ title: 'Bad files' })
    const page = await ready()
    await page.goto(`${field.url}/#/order/${id}`)
    await page.locator('input[type=file]').evaluate((field: HTMLInputElement, [text, size]) => {
      const files = new DataTransfer()
      files.items.add(new File([text, new Uint8Array(size)], 'a.png', { type: 'image/png' }))
      field.files = files.files
      field.dispatchEvent(new Event('change', { bubbles: true }))
    }, file)
    await page.getByRole('alert').filter({ hasText: words }).waitFor()
    expect((await field.orders.get(id))?.photos).toBeUndefined()
  })

  test('a hub behind a Wi-Fi sign-in: the code stays good, and nothing of that page is kept', async () => {
    const code = await field.code('tech:ana', ['OR'])
    const page = await browser.context.newPage()
    const problems = problemsOf(page)
    await page.goto(`${field.url}/#enrol=${code}`)
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await page.route('**/api/v1/enrol', (route) => route.fulfill(PORTAL))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('Something between this device and the hub').waitFor()
    await page.unroute('**/api/v1/enrol')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Today' }).waitFor()
    expect(problems).toEqual([])
  })

  test.each([
    ['answers with a page', PORTAL],
    ['leads elsewhere', { status: 302, headers: { location: 'http://hotel.example/' } }],
  ])(
    'a Wi-Fi sign-in that %s in the place of the hub: words of its own say so, until the hub answers',
    async (_, portal) => {
      const page = await ready()
      await page.context().route('**/api/v1/authority', (route) => route.fulfill(portal))
      await field.hubDown()
      await page.getByRole('button', { name: /No network/ }).click()
      const sheet = page.getByRole('dialog', { name: 'What is saved where' })
      await sheet.getByText('This network wants a sign-in first').waitFor()
      expect(await sheet.getByText('there is no network here').count()).toBe(0)
      await field.hubUp()
      await sheet.getByRole('button', { name: 'Try now' }).click()
      await sheet.getByText('In touch with the hub', { exact: true }).waitFor()
      expect(await sheet.getByText('This network wants a sign-in first').count()).toBe(0)
    },
  )

  test.each([
    ['wrong', async () => '0000-0000-0000', 'This code is not known'],
    ['used', async () => usedCode(), 'This code was used already'],
    ['old', async () => oldCode(), 'This code has run out'],
  ])('a code that is %s is refused in plain words', async (_, make, words) => {
    const page = await browser.context.newPage()
    await page.goto(`${field.url}/#/enrol`)
    await page.getByRole('textbox', { name: 'Code' }).fill(await make())
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').filter({ hasText: words }).waitFor()
  })

  async function usedCode(): Promise<string> {
    const code = await field.code('tech:ana', ['OR'])
    const publicKey = 'ab'.repeat(32)
    await field.admin('/enrol', { code, publicKey })
    return code
  }

  async function oldCode(): Promise<string> {
    const code = await field.code('tech:ana', ['OR'], { validMs: 1 })
    // Until the hub's clock is past it.
    const until = Date.now() + 2
    while (Date.now() <= until) await new Promise((resolve) => setImmediate(resolve))
    return code
  }
})

/** A picture of one pixel, PNG. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)
/** Another look, and so another small picture: no order of another test refers to it. */
const RED = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR4nGP4JSICQQxwFgBJcAbNpSH/IQAAAABJRU5ErkJggg==',
  'base64',
)
