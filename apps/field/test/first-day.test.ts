/** A technician's first minutes: the link, the list, an order, an edit that arrives. */
import { whereThereIsChromium } from '@skerry/browser-test'
import { expect, test } from 'vitest'
import { Field, problemsOf, reachesHub, signIn, someone } from './field.test-support.ts'

await whereThereIsChromium(() => {
  test('a link signs in, the list is there, and what is written arrives at the hub', async () => {
    await using field = await Field.start()
    const id = await field.create({ title: 'Grease the gate motor', notes: 'Squeaks.' })
    await field.create({ title: 'Not hers', state: 'CA' })
    const browser = await field.browser()
    const context = await someone(browser)
    context.on('weberror', (error) => console.log('weberror', error.error()))
    const page = await signIn(context, field, await field.code('tech:ana', ['OR', 'WA']))
    const problems = problemsOf(page)
    await page.getByRole('link', { name: /Grease the gate motor/ }).click()
    const notes = page.getByRole('textbox', { name: 'Notes' })
    await notes.fill('Squeaks. Greased.')
    await page.getByRole('button', { name: 'A quarter of an hour more' }).click()
    await reachesHub(field, id, { notes: 'Squeaks. Greased.', hours: 0, minutes: 15 })
    await page.getByRole('button', { name: /At the hub/ }).waitFor()
    expect(await page.getByText('Not hers').count()).toBe(0)
    expect(problems).toEqual([])
  })
})
