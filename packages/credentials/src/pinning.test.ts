import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createAuthority, issueCredential, pinningVerifier } from './index.ts'

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
const request = {
  space: 'main',
  subject: 'tech:ana',
  publicKey: new Uint8Array(randomBytes(32)),
  role: 'device',
  read: [],
  write: [],
  systems: [],
  issuedAt: 1_700_000_000_000,
  expiresAt: 1_800_000_000_000,
} as const

test('the first credential pins its authority, and another authority is refused from then on', async () => {
  const [ours, theirs] = [await createAuthority(), await createAuthority()]
  const verifier = pinningVerifier({ space: 'main', sha256 })
  const own = await issueCredential(ours, request)
  await expect(verifier.verify(own, undefined)).rejects.toThrow(/knows no authority/)
  await verifier.pin?.(own)
  expect((await verifier.verify(own, undefined)).subject).toBe('tech:ana')
  const foreign = await issueCredential(theirs, request)
  await verifier.pin?.(foreign)
  await expect(verifier.verify(foreign, undefined)).rejects.toMatchObject({
    code: 'credential-bad-signature',
  })
})
