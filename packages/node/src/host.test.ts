import { fromHex, toHex } from '@skerry/core'
import { expect, test } from 'vitest'
import { nodeHost } from './index.ts'

const host = nodeHost()

// RFC 8032, section 7.1, test 2
const secret = fromHex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb')
const publicKey = fromHex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
const signature =
  '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'

test('signatures are those of RFC 8032', async () => {
  const message = new Uint8Array([0x72])
  expect(toHex(await host.sign(secret, message))).toBe(signature)
  expect(await host.verify(publicKey, message, fromHex(signature))).toBe(true)
  expect(await host.verify(publicKey, new Uint8Array([0x73]), fromHex(signature))).toBe(false)
})

test('a key made here signs and is checked', async () => {
  const key = await host.createKey()
  const message = host.random(100)
  expect(await host.verify(key.publicKey, message, await host.sign(key.secret, message))).toBe(true)
})

test('sha256 of abc is that of FIPS 180-2', () => {
  expect(toHex(host.sha256(new TextEncoder().encode('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('inflating stops at the bound', () => {
  const deflated = host.deflateRaw(new Uint8Array(1000))
  expect(host.inflateRaw(deflated, 1000)).toHaveLength(1000)
  expect(() => host.inflateRaw(deflated, 999)).toThrow()
})
