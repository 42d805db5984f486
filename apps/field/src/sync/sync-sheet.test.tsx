// @vitest-environment happy-dom
/** How far what was edited has come: told in words, since colours and signs say nothing to who cannot see them. */
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, onTestFinished, test } from 'vitest'
import { SyncSheet } from './sync-sheet.tsx'

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true

test.each([
  ['here', ['Saved here', 'At the hub: not yet', 'In the office system: not yet']],
  ['hub', ['Saved here', 'At the hub', 'In the office system: not yet']],
  ['office', ['Saved here', 'At the hub', 'In the office system']],
] as const)('%s: the places ahead are named as such', async (stage, wanted) => {
  const element = document.createElement('div')
  document.body.append(element)
  const root = createRoot(element)
  onTestFinished(async () => {
    await act(async () => root.unmount())
    element.remove()
  })
  await act(async () => root.render(<SyncSheet sync={undefined} stage={stage} closed={() => undefined} />))
  expect([...element.querySelectorAll('li strong')].map(({ textContent }) => textContent)).toEqual(wanted)
})
