import { createHash, createPrivateKey, sign } from 'node:crypto'
import type { Credential } from '@skerry/core'
import { base64url } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import {
  type Authority,
  checkPossession,
  createAuthority,
  PossessionError,
  PROOF_AGE_MS_MAX,
  PROOF_LENGTH_MAX,
  provePossession,
} from './index.ts'

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
const at = Date.UTC(2026, 3, 1)
const request = { method: 'GET', url: 'https://hub.example/api/v1/records/jobs', at }

// An authority is an Ed25519 key pair like any other; here it plays a device's.
let device: Authority
let stranger: Authority
let credential: Credential
beforeAll(async () => {
  device = await createAuthority()
  stranger = await createAuthority()
  credential = { token: 'a.b.c', publicKey: device.publicKey } as Credential
})

const keyOf = ({ privateJwk, publicKey }: Authority) => ({
  publicKey,
  sign: async (message: Uint8Array) =>
    new Uint8Array(sign(null, message, createPrivateKey({ format: 'jwk', key: { ...privateJwk } }))),
})
const prove = (over: Partial<typeof request> = {}, token = 'a.b.c', by = device) =>
  provePossession(token, { ...request, ...over }, keyOf(by), sha256)
const check = (proof: string, over: Partial<typeof request> = {}) =>
  checkPossession(proof, credential, { ...request, ...over }, sha256)

test('a proof fits its method, host, path and token, behind a proxy and for any query', async () => {
  await check(await prove())
  await check(await prove({ url: `${request.url}?limit=3` }), {
    url: 'http://hub.example/api/v1/records/jobs?cursor=x',
  })
})

test.each([
  ['another method', { method: 'DELETE' }, 'it is for GET, the request is DELETE'],
  ['another path', { url: 'https://hub.example/api/v1/records/people' }, 'the request is for'],
  ['another host', { url: 'https://other.example/api/v1/records/jobs' }, 'the request is for'],
])('a proof is refused for %s', async (_, over, words) => {
  await expect(check(await prove(), over)).rejects.toThrow(words)
})

test('a proof is refused when it is for another token, or signed with another key', async () => {
  await expect(check(await prove({}, 'x.y.z'))).rejects.toThrow('another token')
  await expect(check(await prove({}, 'a.b.c', stranger))).rejects.toThrow(
    "not signed with the credential's key",
  )
})

test('a proof holds for a minute on either side of the clock', async () => {
  for (const sign of [1, -1]) {
    await check(await prove(), { at: at + sign * PROOF_AGE_MS_MAX })
    await expect(check(await prove(), { at: at + sign * (PROOF_AGE_MS_MAX + 1) })).rejects.toThrow(
      'set the clock',
    )
  }
})

test('what is no proof is refused with a PossessionError', async () => {
  for (const proof of ['', 'a.b.c', 'x'.repeat(PROOF_LENGTH_MAX), 'x'.repeat(PROOF_LENGTH_MAX + 1)])
    await expect(check(proof)).rejects.toThrow(PossessionError)
  await expect(check('x'.repeat(PROOF_LENGTH_MAX + 1))).rejects.toThrow('above the limit of 4096')
  const own = async (header: object, claims: string) => {
    const signed = `${base64url.encode(JSON.stringify(header))}.${base64url.encode(claims)}`
    return `${signed}.${base64url.encode(await keyOf(device).sign(new TextEncoder().encode(signed)))}`
  }
  await expect(check(await own({ alg: 'EdDSA', typ: 'skerry+jwt' }, '{}'))).rejects.toThrow(
    "type is not 'dpop+jwt'",
  )
  await expect(check(await own({ alg: 'EdDSA', typ: 'dpop+jwt' }, '7'))).rejects.toThrow('no object')
  await expect(check(await own({ alg: 'EdDSA', typ: 'dpop+jwt' }, '{}'))).rejects.toThrow(
    'it is for undefined',
  )
})
