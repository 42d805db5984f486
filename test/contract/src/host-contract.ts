/** What core asks of its host in every runtime: Node's host runs it, and that of browsers in Node, whose WebCrypto is theirs, and in a page. */
import { fromHex, type Host, toHex } from '@skerry/core'
import { expect, onTestFinished, test } from 'vitest'

// RFC 8032, section 7.1, test 2
const secret = fromHex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb')
const publicKey = fromHex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
const signature =
  '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'

export function runHostContract(host: Host): void {
  test('sha256 of abc is that of FIPS 180-2', () => {
    expect(toHex(host.sha256(new TextEncoder().encode('abc')))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })

  test('inflating stops at the bound', () => {
    const deflated = host.deflateRaw(new Uint8Array(1000))
    expect(host.inflateRaw(deflated, 1000)).toHaveLength(1000)
    expect(() => host.inflateRaw(deflated, 999)).toThrow()
    expect(() => host.inflateRaw(deflated, 0)).toThrow()
    expect(() => host.inflateRaw(deflated.subarray(0, -1), 1000)).toThrow()
    expect(() => host.inflateRaw(new Uint8Array(), 1000)).toThrow()
  })

  test('a timer fires once, and not after it was cancelled', async () => {
    const fired: string[] = []
    const cancel = host.timer(0, () => fired.push('cancelled'))
    cancel()
    await new Promise<void>((resolve) => host.timer(1, () => resolve(void fired.push('fired'))))
    expect(fired).toEqual(['fired'])
  })

  test('more random bytes than a browser gives at once', () => {
    const bytes = host.random(150_000)
    expect(bytes).toHaveLength(150_000)
    expect(bytes.subarray(-1_000).some((byte) => byte !== 0)).toBe(true)
  })
}

/** Waits that are longer than a runtime's timer can be. */
export function runLongWaitContract(host: Host): void {
  /** Resolves after some turns of the event loop and a millisecond: whatever is to fire at once has fired. */
  const soon = () => new Promise<void>((resolve) => host.timer(5, resolve))

  test.each([2 ** 31, 2 ** 32 + 1, 49.8 * 86_400_000, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY])(
    'a timer of %d ms does not fire at once',
    async (delayMs) => {
      const fired: number[] = []
      const cancel = host.timer(delayMs, () => fired.push(delayMs))
      await soon()
      expect(fired).toEqual([])
      cancel()
    },
  )
}

/** Waits while somebody sets the clock. */
export function runSetClockContract(host: Host): void {
  test.each<[string, number]>([
    ['an hour back', -3_600_000],
    ['an hour ahead', 3_600_000],
    ['back to 1970', -Date.now()],
  ])('a timer waits by elapsed time, though the clock is set %s meanwhile', async (_, byMs) => {
    const now = Date.now
    onTestFinished(() => {
      Date.now = now
    })
    const begun = performance.now()
    const fired = new Promise<void>((resolve) => host.timer(60, resolve))
    let early = true
    const later = new Promise<void>((resolve) => host.timer(30, resolve))
    void fired.then(() => {
      early = false
    })
    Date.now = () => now() + byMs
    await later
    expect(early).toBe(true)
    await fired
    expect(performance.now() - begun).toBeGreaterThanOrEqual(55)
    expect(host.now()).toBeCloseTo(now() + byMs, -3)
  })
}

export function runSignatureContract(host: Host): void {
  test('signatures are those of RFC 8032', async () => {
    const message = new Uint8Array([0x72])
    expect(toHex(await host.sign(secret, message))).toBe(signature)
    expect(await host.verify(publicKey, message, fromHex(signature))).toBe(true)
    expect(await host.verify(publicKey, new Uint8Array([0x73]), fromHex(signature))).toBe(false)
  })

  // RFC 8032, section 7.1, test 1
  test('the empty message is signed as in RFC 8032', async () => {
    const seed = fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
    const expected =
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'
    expect(toHex(await host.sign(seed, new Uint8Array()))).toBe(expected)
    const key = fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
    expect(await host.verify(key, new Uint8Array(), fromHex(expected))).toBe(true)
  })

  test('keys and signatures of another length, or of no point on the curve, are wrong and throw nothing', async () => {
    const message = new Uint8Array([0x72])
    const good = fromHex(signature)
    for (const key of [
      new Uint8Array(),
      publicKey.subarray(1),
      new Uint8Array(33),
      new Uint8Array(32).fill(255),
    ]) {
      expect(await host.verify(key, message, good)).toBe(false)
    }
    for (const bytes of [new Uint8Array(), good.subarray(1), new Uint8Array(65)]) {
      expect(await host.verify(publicKey, message, bytes)).toBe(false)
    }
  })

  test('a key made here signs and is checked', async () => {
    const key = await host.createKey()
    const message = host.random(100)
    expect(await host.verify(key.publicKey, message, await host.sign(key.secret, message))).toBe(true)
  })
}
