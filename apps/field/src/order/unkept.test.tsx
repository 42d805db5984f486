// @vitest-environment happy-dom
/** What is typed in the very moment in which the order is deleted, over a real replica in memory. */
import type { JsonObject } from '@skerry/core'
import { newWorkOrder } from '@skerry/field-service/new-work-order'
import { SkerryProvider } from '@skerry/react'
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, onTestFinished, test } from 'vitest'
import { noteSubject } from '../replica/own-subject.ts'
import { signedIn } from '../replica/signed-in.test-support.ts'
import { useOrder } from '../replica/use-orders.ts'
import { MissingOrder } from './missing-order.tsx'
import { NotesField } from './notes-field.tsx'
import { ORDERS } from './order.ts'
import { typedIn } from './unkept.ts'

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true

function Shown({ id }: { id: string }) {
  const { value: order } = useOrder(id)
  if (order) return <NotesField order={order} focused={() => undefined} />
  return order === null && <MissingOrder id={id} />
}

function type(field: HTMLTextAreaElement, text: string): void {
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')!.set!.call(field, text)
  field.dispatchEvent(new InputEvent('input', { bubbles: true }))
}

test('is shown in the order’s place, and is in it when it is back, beside what others wrote meanwhile', async () => {
  const live = await signedIn({ read: ['OR'], write: ['OR'] })
  const order = newWorkOrder({ title: 'Pump', site: 'Mahlon Sweet', state: 'OR', notes: 'Before.' })
  const id = await live.create(ORDERS, order as unknown as JsonObject)
  const element = document.createElement('div')
  document.body.append(element)
  const root = createRoot(element)
  onTestFinished(async () => {
    await act(async () => root.unmount())
    element.remove()
  })
  await act(async () =>
    root.render(
      <SkerryProvider replica={live}>
        <Shown id={id} />
      </SkerryProvider>,
    ),
  )
  const notes = () => element.querySelector<HTMLTextAreaElement>('textarea')?.value
  await act(() => expect.poll(notes).toBe('Before.'))
  const made = (await live.history(ORDERS, id))[0]!
  await act(async () => {
    const deleting = live.remove(ORDERS, id)
    type(element.querySelector('textarea')!, 'Before. Leaks.')
    await deleting
  })
  await act(() => expect.poll(() => element.textContent).toContain('Before. Leaks.'))
  expect(notes()).toBe(undefined)
  expect(element.textContent).toContain('You were still writing in its notes when it went')

  noteSubject('tech:ben')
  expect(typedIn(id)).toBe(undefined)
  noteSubject(undefined)

  await act(async () => {
    await live.restore(ORDERS, id, made.hash)
    await live.update(ORDERS, id, { base: { notes: 'Before.' }, wanted: { notes: 'Ben: Before.' } })
  })
  await act(() => expect.poll(notes).toBe('Ben: Before. Leaks.'))
  await expect.poll(async () => (await live.get(ORDERS, id))?.notes).toBe('Ben: Before. Leaks.')
  expect(element.textContent).not.toContain('You were still writing')
})
