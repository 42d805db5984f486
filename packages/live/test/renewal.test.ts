/** A renewed credential is shown, unless the device has changed hands while it was on its way. */
import { expect, test } from 'vitest'
import { opened } from './opened.ts'

test('a renewal takes the place of the credential that it renews, and of no other', async () => {
  const { space, live } = await opened()
  const { edge } = space
  const tokenOf = (changed: object) => JSON.stringify({ ...JSON.parse(space.token()), ...changed })
  const renewal = (expiresAt: number) => tokenOf({ expiresAt })
  const first = edge.credential!.hash

  await live.renewCredential(renewal(4_000_000_000_001), first)
  expect(edge.credential).toMatchObject({ subject: 'tech:ana', expiresAt: 4_000_000_000_001 })
  const second = edge.credential!.hash
  await Promise.all([
    live.setCredential(tokenOf({ subject: 'tech:ben' })),
    live.renewCredential(renewal(4_000_000_000_002), second),
  ])
  expect(edge.credential).toMatchObject({ subject: 'tech:ben', expiresAt: 4_000_000_000_000 })
})
