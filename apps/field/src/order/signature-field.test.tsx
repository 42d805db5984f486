// @vitest-environment happy-dom
/** A signature wants a name, and says so, over a real replica in memory. */
import type { JsonObject } from '@skerry/core'
import { newWorkOrder } from '@skerry/field-service/new-work-order'
import { SkerryProvider } from '@skerry/react'
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, onTestFinished, test } from 'vitest'
import { signedIn } from '../replica/signed-in.test-support.ts'
import { useOrder } from '../replica/use-orders.ts'
import { ORDERS } from './order.ts'
import { SignatureField } from './signature-field.tsx'

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true

function Shown({ id }: { id: string }) {
  const { value: order } = useOrder(id)
  return order ? <SignatureField order={order} /> : null
}

test('without a name it is refused aloud, and the field says why', async () => {
  const live = await signedIn({ read: ['OR'], write: ['OR'] })
  const order = newWorkOrder({ title: 'Pump', site: 'Mahlon Sweet', state: 'OR' })
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
  await act(() => expect.poll(() => element.querySelector('input')).not.toBe(null))
  const alert = () => element.querySelector('[role=alert]')
  expect(alert()).toBe(null)
  await act(async () => element.querySelector<HTMLButtonElement>('[type=submit]')!.click())
  expect(alert()?.textContent).toBe('Write the name of who signs.')
  const name = element.querySelector('input')!
  expect(name.getAttribute('aria-invalid')).toBe('true')
  expect(name.getAttribute('aria-describedby')?.split(' ')).toContain(alert()?.id)
})
