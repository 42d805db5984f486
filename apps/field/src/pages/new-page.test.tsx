// @vitest-environment happy-dom
/** What the page of a new order offers, over a real replica in memory. */
import { SkerryProvider } from '@skerry/react'
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, onTestFinished, test } from 'vitest'
import { signedIn } from '../replica/signed-in.test-support.ts'
import { NewPage } from './new-page.tsx'

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true

test('the areas on offer are those that the device may write, whatever it may read beside', async () => {
  const live = await signedIn({ read: ['CA', 'OR', 'WA'], write: ['OR', 'WA'] })
  const element = document.createElement('div')
  const root = createRoot(element)
  onTestFinished(() => act(async () => root.unmount()))
  await act(async () =>
    root.render(
      <SkerryProvider replica={live}>
        <NewPage />
      </SkerryProvider>,
    ),
  )
  const areas = () => [...element.querySelectorAll('select')[0]!.options].map(({ text }) => text)
  await act(() => expect.poll(areas).not.toEqual([]))
  expect(areas()).toEqual(['OR', 'WA'])
})
