// @vitest-environment happy-dom
/** What the page of a new order offers, over a real replica in memory. */
import { memoryStore } from '@skerry/core'
import { createAuthority, issueCredential } from '@skerry/credentials'
import { channelOf, collections, SPACE } from '@skerry/field-service'
import { liveOver } from '@skerry/live'
import { nodeHost, openReplica } from '@skerry/node'
import { SkerryProvider } from '@skerry/react'
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, onTestFinished, test } from 'vitest'
import { NewPage } from './new-page.tsx'

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true

test('the areas on offer are those that the device may write, whatever it may read beside', async () => {
  const replica = await openReplica({ store: memoryStore(), collections, space: SPACE })
  const authority = await createAuthority()
  const token = await issueCredential(authority, {
    space: SPACE,
    subject: 'tech:ana',
    publicKey: replica.publicKey,
    role: 'device',
    read: ['CA', 'OR', 'WA'].map(channelOf),
    write: ['OR', 'WA'].map(channelOf),
    systems: [],
    issuedAt: 0,
    expiresAt: Date.UTC(2100, 0, 1),
  })
  await replica.setCredential(token)
  const live = liveOver(replica, { host: nodeHost() })
  const element = document.createElement('div')
  const root = createRoot(element)
  onTestFinished(async () => {
    await act(async () => root.unmount())
    await live.close()
    await replica.close()
  })
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
