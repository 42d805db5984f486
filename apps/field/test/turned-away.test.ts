/** What the hub decides while a technician is away: the sign-in is withdrawn, or an order goes to somebody else's area. Work done meanwhile stays, and words say what became of it. */
import { createHash } from 'node:crypto'
import { whereThereIsChromium } from '@skerry/browser-test'
import type { BrowserContext } from 'playwright-core'
import { expect, test } from 'vitest'
import {
  Field,
  notesOf,
  photosOf,
  reachesHub,
  showOrder,
  signIn,
  stayOff,
  writesAway,
} from './field.test-support.ts'
import { photoOf, takePhoto } from './photo.test-support.ts'

const TEST_MS_MAX = 240_000

await whereThereIsChromium(() => {
  const field = Field.forTests()

  /** Signed in, and by what the operator knows the device and its sign-in. */
  const enrolled = async (context: BrowserContext, code: string) => {
    const answered = context.waitForEvent('response', (response) => response.url().endsWith('/api/v1/enrol'))
    const page = await signIn(context, field, code)
    const response = await answered
    const { publicKey } = response.request().postDataJSON() as { publicKey: string }
    const { token } = (await response.json()) as { token: string }
    return { page, device: `/devices/${publicKey}`, credential: `/credentials/${sha256(token)}` }
  }

  test('the device is locked out while it was away: words say so, and what was written is there to be read', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const id = await field.create({ title: 'Locked out', notes: 'Before.' })
    const { page, device } = await enrolled(await field.someone(), await field.code('tech:ana', ['OR']))
    await writesAway(page, field, {
      id,
      notes: 'Before. Written without a network.',
      meanwhile: () => field.revoke(device),
    })

    await page.getByRole('button', { name: /Blocked/ }).click()
    const sheet = page.getByRole('dialog', { name: 'What is saved where' })
    await sheet.getByText('The hub lets this device in no more').waitFor()
    await sheet.getByText(/The changes made here stay on this device\..*a new code will not help/).waitFor()
    await sheet.getByText('1 change waiting').waitFor()
    await page.keyboard.press('Escape')
    await page.goto(`${field.url}/#/outbox`)
    await page.getByText('Why it waits: The hub lets this device in no more').waitFor()
    await page.getByRole('link', { name: 'Locked out' }).click()
    await notesOf(page).waitFor()
    expect(await notesOf(page).inputValue()).toBe('Before. Written without a network.')
    expect((await field.orders.get(id))?.notes).toBe('Before.')
    await page.goto(`${field.url}/#enrol=${await field.code('tech:ana', ['OR'])}`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page
      .getByRole('alert')
      .filter({ hasText: 'locked this device out for good: a new code will not help' })
      .waitFor()
  })

  test('a device that the operator wants wiped has no orders any more, nor photos, those that were not sent neither', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const id = await field.create({ title: 'Wiped away', notes: 'Before.' })
    const { page, device } = await enrolled(await field.someone(), await field.code('tech:ana', ['OR']))
    await showOrder(page, field, id)
    await stayOff(page, field, true)
    await showOrder(page, field, id)
    await takePhoto(page, photoOf(1, 20_000))
    await page.locator('.photos li').waitFor()
    expect(await photosOf(page)).toBeGreaterThan(0)
    await field.revoke(`${device}?wipe=true`)
    await stayOff(page, field, false)
    await expect.poll(() => photosOf(page), { timeout: 20_000 }).toBe(0)
    await page.goto(`${field.url}/#/`)
    await page.getByRole('heading', { name: 'Today' }).waitFor()
    await expect
      .poll(() => page.getByRole('link', { name: /Wiped away/ }).count(), { timeout: 20_000 })
      .toBe(0)
  })

  test('a sign-in withdrawn while the device was away: after a new one the work arrives', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const id = await field.create({ title: 'Withdrawn', notes: 'Before.' })
    const { page, credential } = await enrolled(await field.someone(), await field.code('tech:ana', ['OR']))
    await writesAway(page, field, {
      id,
      notes: 'Before. Written meanwhile.',
      meanwhile: () => field.revoke(credential),
    })
    await page.getByRole('button', { name: /Blocked/ }).waitFor()
    await page.goto(`${field.url}/#enrol=${await field.code('tech:ana', ['OR'])}`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Today' }).waitFor()
    await reachesHub(field, id, { notes: 'Before. Written meanwhile.' })
    await page.getByRole('button', { name: /At the hub/ }).waitFor()
    await page.goto(`${field.url}/#/decide`)
    await page.getByText('There is nothing to decide').waitFor()
  })

  test('an order that goes to another area while its page is open: the page says so, and the list has it no more', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const id = await field.create({ title: 'Moves while open' })
    const page = await signIn(await field.someone(), field, await field.code('tech:ana', ['OR']))
    await showOrder(page, field, id)
    await field.orders.update(id, (draft) => {
      draft.state = 'WA'
    })
    await page.getByText('It may have moved to another area').waitFor()
    await page.getByRole('link', { name: 'Today' }).first().click()
    await page.getByRole('heading', { name: 'Today' }).waitFor()
    await expect.poll(() => page.getByRole('link', { name: /Moves while open/ }).count()).toBe(0)
  })

  test('an order in an area that one may only read: one card says so, and the chip does not say that it arrived', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const id = await field.create({ title: 'Only to be read', state: 'WA', notes: 'Before.' })
    const code = await field.code('tech:eva', ['OR', 'WA'], { write: ['state:OR'] })
    const page = await signIn(await field.someone(), field, code)
    await showOrder(page, field, id)
    await notesOf(page).fill('Before. Written all the same.')
    await page.getByText('The order is in an area in which you may not change anything.').waitFor()
    expect(await page.locator('.card.keep').count()).toBe(1)
    await page.getByRole('button', { name: /Saved here/ }).waitFor()
    await page.getByRole('link', { name: /1\s*To decide/ }).click()
    await page.getByText('Notes: wrote “Before. Written all the same.”').waitFor()
    expect(await page.locator('.card.keep').count()).toBe(1)
    await page.getByRole('button', { name: 'Drop it' }).click()
    await page.getByText('There is nothing to decide').waitFor()
    await page.getByRole('button', { name: /At the hub/ }).waitFor()
  })

  test('an order that went to another area while the device was away: own work stays to be decided, then it leaves the list', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const id = await field.create({ title: 'Moves away', notes: 'Before.' })
    const page = await signIn(await field.someone(), field, await field.code('tech:ana', ['OR']))
    await writesAway(page, field, {
      id,
      notes: 'Before. Written too late.',
      meanwhile: () =>
        field.orders.update(id, (draft) => {
          draft.state = 'WA'
        }),
    })
    await page.getByRole('link', { name: /To decide/ }).click()
    await page.getByText('The order is in an area in which you may not change anything.').waitFor()
    await page.getByText('Before. Written too late.').waitFor()
    await page.goto(`${field.url}/#/order/${id}`)
    await page.getByText('It may have moved to another area').waitFor()
    await page.getByText('Before. Written too late.').waitFor()
    await page.goto(`${field.url}/#/`)
    await page.getByRole('heading', { name: 'Today' }).waitFor()
    await expect.poll(() => page.getByRole('link', { name: /Moves away/ }).count()).toBe(0)
    expect((await field.orders.get(id))?.notes).toBe('Before.')
  })
})

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
