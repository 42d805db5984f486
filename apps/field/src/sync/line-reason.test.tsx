// @vitest-environment happy-dom
/** Why there is no line, for a technician. */
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, onTestFinished, test } from 'vitest'
import { spokenIn } from '../words/languages.ts'
import { SpokenContext } from '../words/use-words.ts'
import { LineReason } from './line-reason.tsx'

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true

const MACHINE = 'connecting to ws://127.0.0.1:7700/sync: no WebSocket came; the browser does not say why'

test.each([
  ['unreachable', 'Die Zentrale antwortet nicht: Hier ist kein Netz, oder die Zentrale ist aus.'],
  ['credential-refused', 'Die Anmeldung dieses Geräts gilt nicht mehr.'],
  ['of a later version', ''],
])('%s is told in words, and the machine’s own are behind a disclosure', async (code, wanted) => {
  const element = document.createElement('div')
  const root = createRoot(element)
  onTestFinished(() => act(async () => root.unmount()))
  await act(async () =>
    root.render(
      <SpokenContext value={spokenIn('de', [])}>
        <LineReason reason={{ code, words: MACHINE }} />
      </SpokenContext>,
    ),
  )
  const behind = element.querySelector('details')!
  expect(behind.open).toBe(false)
  expect(behind.textContent).toContain(MACHINE)
  const beside = [...element.children].filter((one) => one !== behind)
  expect(beside.map(({ textContent }) => textContent).join('')).toBe(wanted)
})
