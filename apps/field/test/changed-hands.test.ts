/** A phone that goes from one technician to the next, with work of the first that nobody was told yet, that was refused, or that a rule changed. */
import { whereThereIsChromium } from '@skerry/browser-test'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { Field, notesOf, reachesHub, showOrder, signIn, stayOff } from './field.test-support.ts'

const TEST_MS_MAX = 240_000

await whereThereIsChromium(() => {
  const field = Field.forTests()

  const showSignIn = async (page: Page, subject: string) =>
    page.goto(`${field.url}/#enrol=${await field.code(subject, ['OR'])}`)

  const handTo = async (page: Page, subject: string) => {
    await showSignIn(page, subject)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Today' }).waitFor()
  }

  test('what the first one wrote without a network arrives as hers, what the next one writes as his', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const id = await field.create({ title: 'Changed hands', notes: 'Before.' })
    const page = await signIn(await field.someone(), field, await field.code('tech:ana', ['OR']))
    await showOrder(page, field, id)
    await stayOff(page, field, true)
    await showOrder(page, field, id)
    await notesOf(page).fill('Before. Ana.')
    await page.getByRole('button', { name: /1 change waiting/ }).waitFor()

    await showSignIn(page, 'tech:ben')
    await page.getByText('Ana is signed in on this device.').waitFor()
    await page.getByText('1 change made here waits to be sent.').waitFor()
    await handTo(page, 'tech:ben')
    await showOrder(page, field, id)
    await notesOf(page).fill('Before. Ana. Ben.')
    await page.getByRole('button', { name: /2 changes waiting/ }).click()
    const sentAs = 'Each is sent in the name of whoever made it'
    await page.getByRole('dialog').getByText(sentAs).waitFor()
    await page.keyboard.press('Escape')
    await page.goto(`${field.url}/#/outbox`)
    await page.getByText('What was changed on this device').waitFor()
    await page.getByText(sentAs).waitFor()
    await stayOff(page, field, false)

    await reachesHub(field, id, { notes: 'Before. Ana. Ben.' })
    const wrote = (await field.orders.history(id)).map(({ author }) => author)
    expect(wrote.slice(-2)).toEqual(['tech:ana', 'tech:ben'])
    await page.goto(`${field.url}/#/order/${id}/history`)
    const who = page.locator('.card strong')
    await who.filter({ hasText: 'Ben' }).waitFor()
    await page.getByRole('slider').press('ArrowLeft')
    await who.filter({ hasText: 'Ana' }).waitFor()
  })

  test('what was refused of the first one is told to the next one as hers; made by him, it is his', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const id = await field.create({ title: 'Refused before', notes: 'Before.' })
    const code = await field.code('tech:ana', ['OR'], { write: [] })
    const page = await signIn(await field.someone(), field, code)
    await showOrder(page, field, id)
    await stayOff(page, field, true)
    await showOrder(page, field, id)
    await notesOf(page).fill('Before. Ana.')
    await page.getByRole('radio', { name: 'Done' }).click()
    await page.getByRole('button', { name: /2 changes waiting/ }).waitFor()
    await stayOff(page, field, false)
    await showOrder(page, field, id)
    await page.getByText('You may look, but not change anything.').waitFor()
    await page.getByRole('button', { name: 'Make the change again' }).waitFor()

    await handTo(page, 'tech:ben')
    await page.getByRole('link', { name: /1\s*To decide/ }).click()
    await page.getByText('Ana’s change of “Refused before” was refused').waitFor()
    await page.getByText('Ana may look, but not change anything.').waitFor()
    await page.getByText('What Ana had changed').waitFor()
    expect(await page.locator('main').textContent()).not.toMatch(/\byou(r)? (change|may|had)/i)
    await showOrder(page, field, id)
    await page.locator('.standing summary').click()
    await page.getByText('not taken (Ana’s change)').first().waitFor()
    await page.getByRole('button', { name: 'Make this change under your name' }).click()
    await page.getByText('The change was made under your name').waitFor()
    await reachesHub(field, id, { notes: 'Before. Ana.' })
    expect((await field.orders.history(id)).map(({ author }) => author)).not.toContain('tech:ana')
    await page.getByText('You set Status to Done.').waitFor()
  })

  test('what a rule changed of the first one is no question to the next one, and waits for her', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const [hers, his] = [await field.create({ title: 'Hers' }), await field.create({ title: 'His' })]
    const page = await signIn(await field.someone(), field, await field.code('tech:ana', ['OR']))
    const finish = async (id: string) => {
      await showOrder(page, field, id)
      await page.getByRole('radio', { name: 'Done' }).click()
      await page.getByText('You set Status to Done.').waitFor()
    }
    const asked = () => page.locator('.cards .order-name').allInnerTexts()
    await finish(hers)

    await handTo(page, 'tech:ben')
    await finish(his)
    await page.getByRole('link', { name: /1\s*To decide/ }).click()
    await page.getByText('You set Status to Done.').waitFor()
    await expect.poll(asked).toEqual(['His'])
    await showOrder(page, field, hers)
    await page.locator('.standing summary').click()
    await page.getByText('changed by a rule (Ana’s change)').waitFor()
    expect(await page.locator('.card.keep').count()).toBe(0)

    await handTo(page, 'tech:ana')
    await page.getByRole('link', { name: /1\s*To decide/ }).click()
    await page.getByText('You set Status to Done.').waitFor()
    await expect.poll(asked).toEqual(['Hers'])
  })
})
