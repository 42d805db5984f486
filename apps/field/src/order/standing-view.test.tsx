// @vitest-environment happy-dom
/** What is saved where, field by field. */
import type { Standing } from '@skerry/core'
import { SkerryProvider } from '@skerry/react'
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, onTestFinished, test } from 'vitest'
import { signedIn } from '../replica/signed-in.test-support.ts'
import { spokenIn } from '../words/languages.ts'
import { SpokenContext } from '../words/use-words.ts'
import { StandingView } from './standing-view.tsx'

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true

test.each([
  ['en', ['Due date', 'Location', 'Notes', 'Priority', 'Signature']],
  ['de', ['Dringlichkeit', 'Notizen', 'Standort', 'Termin', 'Unterschrift']],
] as const)('%s: fields stand by the names that people read', async (language, wanted) => {
  const live = await signedIn({ read: ['OR'], write: ['OR'] })
  const hub = ['due', 'notes', 'priority', 'signed', 'stamped'].map(
    (field): Standing => ({ field, state: 'saved' }),
  )
  const element = document.createElement('div')
  const root = createRoot(element)
  onTestFinished(() => act(async () => root.unmount()))
  await act(async () =>
    root.render(
      <SpokenContext value={spokenIn(language, [])}>
        <SkerryProvider replica={live}>
          <StandingView id="1" standing={{ hub }} />
        </SkerryProvider>
      </SpokenContext>,
    ),
  )
  expect([...element.querySelectorAll('[scope=row]')].map(({ textContent }) => textContent)).toEqual(wanted)
})
