/** What is remembered of a person stays his when the device goes to the next one. */
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'

const KEY = 'field.touched'

beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  })
  vi.resetModules()
  onTestFinished(() => void vi.unstubAllGlobals())
})

/** As a page that has just begun has it. */
async function remembered() {
  const { noteSubject } = await import('../replica/own-subject.ts')
  const { noteTouched, touchedBy, touchedOrders } = await import('./touched.ts')
  const { dismiss, dismissedCards, isDismissedBy } = await import('../decide/dismissed.ts')
  return {
    signIn: noteSubject,
    noteTouched,
    touchedBy: (subject: string | undefined) => touchedBy(subject, touchedOrders()),
    touchedOrders,
    dismiss,
    isDismissedBy: (subject: string | undefined, card: string) =>
      isDismissedBy(subject, card, dismissedCards()),
  }
}

test('orders that one edited are not the next one’s, also where both edited the same', async () => {
  const { signIn, noteTouched, touchedBy } = await remembered()
  signIn('tech:ana')
  noteTouched('o1', ['status'])
  noteTouched('o2', ['due'])
  signIn('tech:ben')
  expect(touchedBy('tech:ben')).toEqual([])
  noteTouched('o1', ['notes'])
  noteTouched('o1', ['hours'])
  expect(touchedBy('tech:ben')).toMatchObject([{ id: 'o1', fields: ['notes', 'hours'] }])
  expect(touchedBy('tech:ana')).toMatchObject([
    { id: 'o2', fields: ['due'] },
    { id: 'o1', fields: ['status'] },
  ])
  vi.resetModules()
  expect((await remembered()).touchedBy('tech:ana')).toHaveLength(2)
})

test('what was remembered before anybody had a name is nobody’s', async () => {
  localStorage.setItem(KEY, JSON.stringify([{ id: 'o1', fields: ['status'] }]))
  localStorage.setItem('field.dismissed', JSON.stringify(['["o1"]']))
  const { signIn, noteTouched, touchedBy, touchedOrders, isDismissedBy } = await remembered()
  signIn('tech:ana')
  expect(touchedBy('tech:ana')).toEqual([])
  expect(touchedBy(undefined)).toEqual([])
  expect(isDismissedBy('tech:ana', '["o1"]')).toBe(false)
  noteTouched('o1', ['due'])
  expect(touchedBy('tech:ana')).toMatchObject([{ id: 'o1', fields: ['due'] }])
  expect(touchedOrders()).toHaveLength(2)
})

test('the newest sixty are remembered', async () => {
  const { signIn, noteTouched, touchedBy } = await remembered()
  signIn('tech:ana')
  for (let index = 0; index < 61; index++) noteTouched(`o${index}`, ['due'])
  expect(touchedBy('tech:ana').map(({ id }) => id)).toEqual(
    Array.from({ length: 60 }, (_, index) => `o${60 - index}`),
  )
})

test('a card that one has decided about is a question to the next one', async () => {
  const { signIn, dismiss, isDismissedBy } = await remembered()
  signIn('tech:ana')
  dismiss('["o1"]')
  expect(isDismissedBy('tech:ana', '["o1"]')).toBe(true)
  expect(isDismissedBy('tech:ben', '["o1"]')).toBe(false)
  expect(isDismissedBy(undefined, '["o1"]')).toBe(false)
})
