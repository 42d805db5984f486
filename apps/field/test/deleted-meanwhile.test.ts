/** Somebody deletes an order while a technician writes in it without a network: the deletion stands, and what was written is told, to be brought back or left. */
import { whereThereIsChromium } from '@skerry/browser-test'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { Field, notesOf, reachesHub, signIn, writesAway } from './field.test-support.ts'
import { Office } from './office.test-support.ts'
import { photoOf, takePhoto } from './photo.test-support.ts'
import { overflow, shoot, smallTargets, violationsOn } from './seen.test-support.ts'

const TEST_MS_MAX = 240_000

await whereThereIsChromium(() => {
  const field = Field.forTests()

  const look = async (page: Page, name: string) => {
    await shoot(page, name)
    expect(await violationsOn(page), name).toEqual([])
    expect(await smallTargets(page), name).toEqual([])
    expect(await overflow(page), name).toBeLessThanOrEqual(0)
  }
  const press = async (page: Page, name: string) => {
    await page.getByRole('button', { name }).focus()
    await page.keyboard.press('Enter')
  }
  /** Ben writes without a network, `meanwhile`, and he is back. */
  const away = async (id: string, notes: string, meanwhile: (page: Page) => Promise<unknown>) => {
    const page = await signIn(await field.someone(), field, await field.code('tech:ben', ['OR']))
    await writesAway(page, field, { id, notes, meanwhile: () => meanwhile(page) })
    return page
  }

  test('the hub deleted it: a card says who and when and what he wrote; left deleted, it is remembered, and its page brings it back all the same', {
    timeout: TEST_MS_MAX,
  }, async () => {
    const id = await field.create({ title: 'Deleted meanwhile', notes: 'Before.' })
    const long = `Before. ${'The pump leaks at the flange. '.repeat(6)}Written offline.`
    const page = await away(id, long, async (page) => {
      await takePhoto(page, photoOf(1, 1_000))
      await takePhoto(page, photoOf(2, 1_000))
      await page.locator('.photos li').nth(1).waitFor()
      await field.orders.delete(id)
    })
    await page.getByRole('link', { name: /1\s*To decide/ }).click()
    await page.getByRole('heading', { name: 'The hub deleted “Deleted meanwhile”' }).waitFor()
    await page.getByText(`Notes: ${long}`).waitFor()
    await page.getByText('Photos: 2 photos', { exact: true }).waitFor()
    expect(await page.locator('.card.keep .soft').textContent()).toMatch(/^\d+ \w+.*\d\d:\d\d$/)
    await look(page, 'decide-deleted')
    await press(page, 'Leave it deleted')
    await page.getByText('There is nothing to decide').waitFor()
    await page.getByRole('status').filter({ hasText: 'It stays deleted.' }).waitFor()
    await page.reload()
    await page.getByText('There is nothing to decide').waitFor()

    await page.goto(`${field.url}/#/order/${id}/history`)
    await page.getByRole('heading', { name: 'The hub deleted “Deleted meanwhile”' }).waitFor()
    await page.goto(`${field.url}/#/order/${id}`)
    await page.getByText(`Notes: ${long}`).waitFor()
    expect(await page.getByRole('button', { name: 'Leave it deleted' }).count()).toBe(0)
    expect(await page.getByText('It may have moved').count()).toBe(0)
    await look(page, 'order-deleted')
    expect(await field.orders.get(id)).toBe(undefined)
    await press(page, 'Bring it back')
    await notesOf(page).waitFor()
    expect(await notesOf(page).inputValue()).toBe(long)
    await reachesHub(field, id, { title: 'Deleted meanwhile', notes: long })
  })

  test('the office deleted it, after an edit at the hub: in German, and back at once with what both wrote', {
    timeout: TEST_MS_MAX,
  }, async () => {
    await using office = new Office(field)
    const id = await field.create({ title: 'Deleted by the office', notes: 'Before.', priority: 'normal' })
    await office.open()
    const page = await away(id, 'Before. Offline.', async () => {
      await field.orders.update(id, (draft) => {
        draft.priority = 'high'
      })
      office.delete('Deleted by the office')
      await office.open()
      await office.shut()
      expect(await field.orders.get(id)).toBe(undefined)
    })
    await page.getByRole('combobox', { name: 'Language' }).selectOption('de')
    await page.getByRole('link', { name: /1\s*Zu klären/ }).click()
    await page.getByRole('heading', { name: 'Das Büro hat „Deleted by the office“ gelöscht' }).waitFor()
    await page.getByText('Notizen: Before. Offline.').waitFor()
    await look(page, 'decide-deleted-de')
    await press(page, 'Zurückholen')
    await page.getByRole('status').filter({ hasText: 'Der Auftrag ist wieder da' }).waitFor()
    await page.getByText('Es gibt nichts zu klären').waitFor()
    await reachesHub(field, id, { notes: 'Before. Offline.', priority: 'high' })
  })
})
