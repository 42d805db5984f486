// @vitest-environment happy-dom
/** Who else is on an order, as far as a device can know. */
import { SkerryProvider } from '@skerry/react'
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, onTestFinished, test } from 'vitest'
import { signedIn } from '../replica/signed-in.test-support.ts'
import { HereNow } from './here-now.tsx'

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true

test('off the network, nobody is told to be there, nor that nobody is', async () => {
  const live = await signedIn({ read: ['OR'], write: ['OR'] })
  const ben = { subject: 'tech:ben', node: 'b', value: { order: '1', field: 'notes' }, heardMsAgo: 0 }
  const element = document.createElement('div')
  const root = createRoot(element)
  onTestFinished(() => act(async () => root.unmount()))
  await act(async () =>
    root.render(
      <SkerryProvider replica={live}>
        <HereNow id="1" others={[ben]} />
      </SkerryProvider>,
    ),
  )
  await act(() =>
    expect
      .poll(() => element.textContent)
      .toBe('Without the hub this device does not know who else is on this order.'),
  )
})
