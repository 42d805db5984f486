/** A phone that goes from one technician to the next, with work of the first that nobody was told yet. */
import { whereThereIsChromium } from '@skerry/browser-test'
import { expect, test } from 'vitest'
import { Field, notesOf, reachesHub, showOrder, signIn, stayOff } from './field.test-support.ts'

await whereThereIsChromium(() => {
  const field = Field.forTests()

  test('what the first one wrote without a network arrives as hers, what the next one writes as his', {
    timeout: 240_000,
  }, async () => {
    const id = await field.create({ title: 'Changed hands', notes: 'Before.' })
    const page = await signIn(await field.someone(), field, await field.code('tech:ana', ['OR']))
    await showOrder(page, field, id)
    await stayOff(page, field, true)
    await showOrder(page, field, id)
    await notesOf(page).fill('Before. Ana.')
    await page.getByRole('button', { name: /1 change waiting/ }).waitFor()

    await page.goto(`${field.url}/#enrol=${await field.code('tech:ben', ['OR'])}`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Today' }).waitFor()
    await showOrder(page, field, id)
    await notesOf(page).fill('Before. Ana. Ben.')
    await page.getByRole('button', { name: /2 changes waiting/ }).waitFor()
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
})
