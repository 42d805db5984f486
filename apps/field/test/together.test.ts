/** Two technicians on one order: letters, counters, values written at once, and a hub that refuses. */
import { whereThereIsChromium } from '@skerry/browser-test'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { Field, notesOf, problemsOf, reachesHub, showOrder, signIn, stayOff } from './field.test-support.ts'
import { Office } from './office.test-support.ts'
import { violationsOn } from './seen.test-support.ts'

const READY_MS_MAX = 240_000

/** A JPEG that a browser can read: another one for each colour. */
async function pictureIn(page: Page, colour: string): Promise<Buffer> {
  const url = await page.evaluate((colour) => {
    const canvas = document.createElement('canvas')
    const context = canvas.getContext('2d')!
    context.fillStyle = colour
    context.fillRect(10, 10, 50, 50)
    return canvas.toDataURL('image/jpeg')
  }, colour)
  return Buffer.from(url.split(',')[1]!, 'base64')
}

/** A stroke over the pad. */
async function draw(page: Page): Promise<void> {
  const pad = page.getByRole('img', { name: 'Draw here' })
  await pad.scrollIntoViewIfNeeded()
  const box = await pad.boundingBox()
  if (!box) throw new Error('the pad is not in the window')
  await page.mouse.move(box.x + 20, box.y + 20)
  await page.mouse.down()
  await page.mouse.move(box.x + 80, box.y + 40, { steps: 4 })
  await page.mouse.up()
  await page.getByRole('img', { name: 'Drawn signature' }).waitFor()
}

await whereThereIsChromium(() => {
  const field = Field.forTests()
  let ana: Page
  let ben: Page
  let problems: string[]

  beforeAll(async () => {
    ana = await signIn(await field.someone(), field, await field.code('tech:ana', ['OR']))
    ben = await signIn(await field.someone(), field, await field.code('tech:ben', ['OR']))
    problems = problemsOf(ana)
    problemsOf(ben).push = (...more) => problems.push(...more)
  }, READY_MS_MAX)

  const comeBack = async (page: Page) => {
    await stayOff(page, field, false)
    await page.getByRole('button', { name: /At the hub/ }).waitFor()
  }

  test('both type into the same notes: every letter is there, and each caret stays where it was', async () => {
    const id = await field.create({ title: 'Notes of two', notes: 'Mast. Fence.' })
    await Promise.all([showOrder(ana, field, id), showOrder(ben, field, id)])
    await notesOf(ana).evaluate((field: HTMLTextAreaElement) => {
      field.focus()
      field.setSelectionRange(4, 4)
    })
    await notesOf(ben).evaluate((field: HTMLTextAreaElement) => {
      field.focus()
      field.setSelectionRange(11, 11)
    })
    await Promise.all([
      ana.keyboard.type(' greased and painted', { delay: 15 }),
      ben.keyboard.type(' has a hole at the gate', { delay: 15 }),
    ])
    const whole = 'Mast greased and painted. Fence has a hole at the gate.'
    for (const page of [ana, ben])
      await expect.poll(() => notesOf(page).inputValue(), { timeout: 40_000 }).toBe(whole)
    await ana.keyboard.type('!')
    await ben.keyboard.type('!')
    const after = 'Mast greased and painted!. Fence has a hole at the gate!.'
    for (const page of [ana, ben])
      await expect.poll(() => notesOf(page).inputValue(), { timeout: 40_000 }).toBe(after)
    expect((await field.orders.get(id))?.notes).toBe(after)
    await ana.getByText('Ben is on this order now').waitFor()
    await ana.getByText('Ben is writing in Notes').waitFor()
  })

  test('both type at the same place: the words of each stay whole', async () => {
    const id = await field.create({ title: 'Notes at one place', notes: 'Mast.' })
    await Promise.all([showOrder(ana, field, id), showOrder(ben, field, id)])
    await Promise.all([ana, ben].map((page) => notesOf(page).press('Control+Home')))
    await Promise.all([
      ana.keyboard.type('Ana replaces the bearing. ', { delay: 40 }),
      ben.keyboard.type('BEN CHECKS THE ANCHORS. ', { delay: 33 }),
    ])
    const orders = [
      'Ana replaces the bearing. BEN CHECKS THE ANCHORS. Mast.',
      'BEN CHECKS THE ANCHORS. Ana replaces the bearing. Mast.',
    ]
    for (const page of [ana, ben])
      await expect.poll(() => notesOf(page).inputValue(), { timeout: 40_000 }).toBeOneOf(orders)
  })

  test('both off the network on one order: hours and parts add up, letters merge, two statuses ask which', async () => {
    const id = await field.create({ title: 'Apart', notes: 'Begun.', parts: [{ sku: 'bolt', qty: 1 }] })
    await Promise.all([showOrder(ana, field, id), showOrder(ben, field, id)])
    await Promise.all([stayOff(ana, field, true), stayOff(ben, field, true)])
    await Promise.all([showOrder(ana, field, id), showOrder(ben, field, id)])
    await notesOf(ana).fill('Begun. Ana was here.')
    await notesOf(ben).fill('Ben: Begun.')
    for (const page of [ana, ben]) {
      for (let quarter = 0; quarter < 3; quarter++)
        await page.getByRole('button', { name: 'A quarter of an hour more' }).click()
      await page.getByRole('button', { name: 'One bolt more' }).click()
      await page.getByLabel('Time worked').getByText('45 mins').waitFor()
    }
    await ana.getByRole('radio', { name: 'Done' }).check()
    await ben.getByRole('radio', { name: 'On the way' }).check()
    await ana.getByRole('button', { name: /Saved here/ }).waitFor()
    await Promise.all([comeBack(ana), comeBack(ben)])
    await Promise.all([showOrder(ana, field, id), showOrder(ben, field, id)])
    for (const page of [ana, ben]) {
      await page.getByLabel('Time worked').getByText('1 hr 30 mins').waitFor()
      await page.getByLabel('Quantity of bolt').getByText('3').waitFor()
      await expect.poll(() => notesOf(page).inputValue()).toBe('Ben: Begun. Ana was here.')
      await page.getByText('Two people changed Status').waitFor()
    }
    const notShown = ana.locator('.choices li').filter({ hasNotText: 'shown now' })
    const kept = (await notShown.getByRole('strong').textContent()) === 'Done' ? 'done' : 'en_route'
    await notShown.getByRole('button').click()
    await ana.getByText('Two people changed Status').waitFor({ state: 'detached' })
    await ben.getByText('Two people changed Status').waitFor({ state: 'detached' })
    await reachesHub(field, id, { status: kept })
  })

  test('both off the network took back the same quarter of an hour and the same part: words say so beside each, and + sets it right', async () => {
    const id = await field.create({
      title: 'Taken back twice',
      minutes: 15,
      parts: [{ sku: 'bolt', qty: 1 }],
    })
    await Promise.all([showOrder(ana, field, id), showOrder(ben, field, id)])
    await Promise.all([stayOff(ana, field, true), stayOff(ben, field, true)])
    await Promise.all([showOrder(ana, field, id), showOrder(ben, field, id)])
    for (const page of [ana, ben]) {
      await page.getByRole('button', { name: 'A quarter of an hour less' }).click()
      await page.getByRole('button', { name: 'One bolt fewer' }).click()
      await page.getByLabel('Time worked').getByText('0 min').waitFor()
      await page.getByLabel('Quantity of bolt').getByText('0').waitFor()
      expect(await page.getByText('cannot be').count()).toBe(0)
    }
    await Promise.all([comeBack(ana), comeBack(ben)])
    await reachesHub(field, id, { minutes: -15, parts: [{ sku: 'bolt', qty: -1 }] })
    await Promise.all([showOrder(ana, field, id), showOrder(ben, field, id)])
    for (const page of [ana, ben]) {
      await page.getByText('-15 mins cannot be: two people probably took back the same time').waitFor()
      await page.getByText('bolt: -1 cannot be. Two people probably took back the same one').waitFor()
    }
    expect(await violationsOn(ana)).toEqual([])
    await ana.getByRole('button', { name: 'A quarter of an hour more' }).click()
    await ana.getByRole('button', { name: 'One bolt more' }).click()
    await reachesHub(field, id, { minutes: 0, parts: [{ sku: 'bolt', qty: 0 }] })
    for (const page of [ana, ben]) await expect.poll(() => page.getByText('cannot be').count()).toBe(0)
  })

  test('both off the network did the same, and two people signed: they are asked about the signature alone, by its names', async () => {
    const checklist = [{ id: 'c0ffee00', text: 'Look at the gate', done: false }]
    const id = await field.create({ title: 'The same, apart', checklist })
    await Promise.all([showOrder(ana, field, id), showOrder(ben, field, id)])
    await Promise.all([stayOff(ana, field, true), stayOff(ben, field, true)])
    await Promise.all([showOrder(ana, field, id), showOrder(ben, field, id)])
    const buffer = await pictureIn(ana, 'red')
    for (const [page, signer] of [
      [ana, 'Mr A'],
      [ben, 'Mrs B'],
    ] as const) {
      await page.getByRole('checkbox', { name: 'Look at the gate' }).check()
      await page.getByLabel('Priority').selectOption('High')
      await page.getByLabel('Due date').fill('2027-05-06')
      await page.getByPlaceholder('Part number').fill('cone')
      await page.getByRole('button', { name: 'Add part' }).click()
      await page
        .locator('input[type=file]')
        .setInputFiles({ name: 'mast.jpg', mimeType: 'image/jpeg', buffer })
      await page.locator('.photos img').waitFor()
      if (signer === 'Mrs B') await draw(page)
      await page.getByLabel('Name of who received').fill(signer)
      await page.getByRole('button', { name: 'Save signature' }).click()
      await page.getByText(`Signed by ${signer}`).waitFor()
    }
    await Promise.all([comeBack(ana), comeBack(ben)])
    await Promise.all([showOrder(ana, field, id), showOrder(ben, field, id)])
    for (const page of [ana, ben]) {
      await page.getByText('Two people changed Signature').waitFor()
      expect(await page.locator('.card.keep').count()).toBe(1)
      await page.getByRole('button', { name: 'Keep Mrs B, drawn' }).waitFor()
    }
    await ana.getByRole('button', { name: 'Keep Mr A', exact: true }).click()
    await ana.getByText('Two people changed Signature').waitFor({ state: 'detached' })
    await ana.getByText('Signed by Mr A').waitFor()
    expect(await ana.getByRole('img', { name: 'Drawn signature' }).count()).toBe(0)
  })

  test('a rule of the house mends what breaks it, and says why, also where a colleague wrote the field before', async () => {
    const id = await field.create({ title: 'Finished too soon' })
    await Promise.all([showOrder(ana, field, id), showOrder(ben, field, id)])
    await ben.getByRole('radio', { name: 'On the way' }).click()
    await expect.poll(() => ana.getByRole('radio', { name: 'On the way' }).isChecked()).toBe(true)
    await ana.getByRole('radio', { name: 'Done' }).click()
    await ana.getByText('You set Status to Done. The hub set it to Open.').waitFor()
    await ana.getByText('write them down, then finish it').waitFor()
    expect(await ana.getByRole('radio', { name: 'Open' }).isChecked()).toBe(true)
    await ana.getByRole('button', { name: 'I have seen it' }).click()
    await ana.getByText('You set Status to Done').waitFor({ state: 'detached' })
  })

  test('a rule mends what one wrote while a colleague wrote the same field: both are told', async () => {
    const id = await field.create({ title: 'Finished too soon, apart' })
    await Promise.all([showOrder(ana, field, id), showOrder(ben, field, id)])
    await Promise.all([stayOff(ana, field, true), stayOff(ben, field, true)])
    await Promise.all([showOrder(ana, field, id), showOrder(ben, field, id)])
    await ana.getByRole('radio', { name: 'Done' }).check()
    await ben.getByRole('radio', { name: 'On the way' }).check()
    await comeBack(ana)
    await comeBack(ben)
    await showOrder(ana, field, id)
    await ana.getByText('Two people changed Status').waitFor()
    await ana.getByText('You set Status to Done. The hub set it to Open.').waitFor()
  })

  test('what the hub refuses is told in words and can be made again', async () => {
    const id = await field.create({ title: 'Only to be read' })
    const code = await field.code('tech:eva', ['OR'], { write: [] })
    const eva = await signIn(await field.someone(), field, code)
    await showOrder(eva, field, id)
    await notesOf(eva).fill('Written without the right to.')
    await eva.getByRole('link', { name: /To decide/ }).click()
    await eva.getByText('Your change of “Only to be read” was refused').waitFor()
    await eva.getByText('You may look, but not change anything.').waitFor()
    await eva.getByText('Notes: wrote “Written without the right to.”').waitFor()
    expect(await violationsOn(eva)).toEqual([])
    expect((await field.orders.get(id))?.notes).toBe('')
    await eva.goto(`${field.url}/#enrol=${await field.code('tech:eva', ['OR'])}`)
    await eva.getByRole('button', { name: 'Sign in' }).click()
    await eva.getByRole('heading', { name: 'Today' }).waitFor()
    await eva.goto(`${field.url}/#/decide`)
    await eva.getByRole('button', { name: 'Make the change again' }).click()
    await eva.getByText('There is nothing to decide').waitFor()
    await reachesHub(field, id, { notes: 'Written without the right to.' })
  })

  test('a photo that one adds appears at the other, who has the same order open, without anything being done there', async () => {
    const id = await field.create({ title: 'Photo of one' })
    await Promise.all([showOrder(ana, field, id), showOrder(ben, field, id)])
    const buffer = await pictureIn(ana, 'green')
    await ana.locator('input[type=file]').setInputFiles({ name: 'mast.jpg', mimeType: 'image/jpeg', buffer })
    await ben.locator('.photos img').waitFor()
    await ben.locator('.photos').getByText('Small picture; the photo is fetched when you open it.').waitFor()
    await ben.locator('.photos button').click()
    await ben.getByRole('dialog').getByText('At the hub').waitFor()
    await ben.keyboard.press('Escape')
    await ben.locator('.photos').getByText('At the hub').waitFor()
  })

  test('two windows of one browser show the same, at once', async () => {
    const id = await field.create({ title: 'Two windows' })
    await showOrder(ana, field, id)
    const second = await ana.context().newPage()
    await showOrder(second, field, id)
    await notesOf(ana).fill('From the first window')
    await expect.poll(() => notesOf(second).inputValue()).toBe('From the first window')
    // Letters faster than the disk, and gone in the same moment.
    await notesOf(second).evaluate((field: HTMLTextAreaElement) => {
      for (const letter of ', left in mid-word') {
        field.setRangeText(letter, field.value.length, field.value.length)
        field.dispatchEvent(new InputEvent('input', { bubbles: true }))
      }
      location.replace('about:blank')
    })
    await expect.poll(() => notesOf(ana).inputValue()).toBe('From the first window, left in mid-word')
    await second.close()
  })

  test('a book pasted into the notes is taken up to what they hold, and told', async () => {
    const id = await field.create({ title: 'A book' })
    await showOrder(ana, field, id)
    await notesOf(ana).focus()
    await ana.keyboard.insertText('letter '.repeat(10_000))
    await ana.getByText('Notes hold 20,000 letters').waitFor()
    await expect
      .poll(async () => String((await field.orders.get(id))?.notes).length, { timeout: 40_000 })
      .toBe(20_000)
  })

  test('the office and a technician off the network wrote one day: he is asked, and told that it was the office', async () => {
    const id = await field.create({ title: 'Due on two days', due: '2027-05-05' })
    await using office = new Office(field)
    await office.open()
    await showOrder(ana, field, id)
    await stayOff(ana, field, true)
    await showOrder(ana, field, id)
    await ana.getByLabel('Due date').fill('2027-05-06')
    await ana.getByRole('button', { name: /1 change waiting/ }).waitFor()
    office.edit('Due on two days', { due: '2027-05-04' })
    await office.open()
    await office.shut()
    await comeBack(ana)
    await showOrder(ana, field, id)
    await ana
      .getByText('The office changed Due date to 4 May 2027, you wrote 6 May 2027: keep which?')
      .waitFor()
    await ana.getByText('The office wrote').waitFor()
  })

  test('nothing was said on the console', () => {
    expect(problems).toEqual([])
  })
})
