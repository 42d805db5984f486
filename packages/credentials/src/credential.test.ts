import { createHash } from 'node:crypto'
import { CredentialError } from '@skerry/core'
import { base64url, CompactSign, importJWK, UnsecuredJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  AUTHORITY_KEYS_MAX,
  type Authority,
  authorityFromJwk,
  CHANNELS_PER_LIST_MAX,
  type CredentialRequest,
  createAuthority,
  credentialVerifier,
  issueCredential,
  NAME_LENGTH_MAX,
  pinnedAuthority,
  SYSTEMS_MAX,
  TOKEN_LENGTH_MAX,
} from './index.ts'

const issuedAt = Date.UTC(2026, 0, 1)
const expiresAt = Date.UTC(2026, 6, 1)
const during = Date.UTC(2026, 3, 1)
const devicePublicKey = new Uint8Array(32).fill(7)
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())

let authority: Authority
let other: Authority
beforeAll(async () => {
  authority = await createAuthority()
  other = await createAuthority()
})

function request(over: Partial<CredentialRequest> = {}): CredentialRequest {
  return {
    space: 'acme',
    subject: 'tech:ana',
    publicKey: devicePublicKey,
    role: 'device',
    read: ['region:north'],
    write: ['region:north'],
    systems: [],
    issuedAt,
    expiresAt,
    id: 'credential-1',
    ...over,
  }
}

const issue = (over: Partial<CredentialRequest> = {}) => issueCredential(authority, request(over))
const verifier = () => credentialVerifier({ space: 'acme', authority: authority.publicKey, sha256 })

async function refusal(of: Promise<unknown>): Promise<CredentialError> {
  const error = await of.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(CredentialError)
  return error as CredentialError
}

/** Signs any header and claims with the authority's own key: what a faulty or newer issuer could make. */
async function signed(
  header: Record<string, unknown>,
  claims: unknown,
  by: Authority = authority,
): Promise<string> {
  const bytes = new TextEncoder().encode(typeof claims === 'string' ? claims : JSON.stringify(claims))
  return new CompactSign(bytes)
    .setProtectedHeader({ alg: 'EdDSA', typ: 'skerry+jwt', ...header })
    .sign(await importJWK({ ...by.privateJwk }, 'EdDSA'))
}

async function claimsOf(token: string): Promise<Record<string, unknown>> {
  return JSON.parse(new TextDecoder().decode(base64url.decode(token.split('.')[1]!))) as Record<
    string,
    unknown
  >
}

describe('a credential that is in order', () => {
  test('says what was issued, and is named by the hash of its token', async () => {
    const token = await issue({ role: 'authority', read: ['*'], write: ['a', 'b'], systems: ['crm'] })
    expect(await verifier().verify(token, during)).toEqual({
      space: 'acme',
      subject: 'tech:ana',
      publicKey: devicePublicKey,
      role: 'authority',
      read: ['*'],
      write: ['a', 'b'],
      systems: ['crm'],
      expiresAt,
      token,
      hash: Buffer.from(sha256(new TextEncoder().encode(token))).toString('hex'),
    })
  })

  test('is the same token for the same request, and another for another id', async () => {
    expect(await issue()).toBe(await issue())
    expect(await issue({ id: 'credential-2' })).not.toBe(await issue())
    const { id: _, ...withoutId } = request()
    expect(await issueCredential(authority, withoutId)).not.toBe(await issueCredential(authority, withoutId))
  })

  test('lets a device pin the authority that signed it', async () => {
    expect(pinnedAuthority(await issue())).toEqual(authority.publicKey)
  })

  test('verifies with every key of an authority being rotated', async () => {
    const both = credentialVerifier({
      space: 'acme',
      authority: [other.publicKey, authority.publicKey],
      sha256,
    })
    expect((await both.verify(await issue(), during)).subject).toBe('tech:ana')
    expect((await both.verify(await issueCredential(other, request()), during)).subject).toBe('tech:ana')
  })

  test('is checked by the Ed25519 that was handed in, with the key, what is signed, and the signature', async () => {
    const token = await issue()
    const end = token.lastIndexOf('.')
    const asked: string[][] = []
    const by = (answer: boolean) =>
      credentialVerifier({
        space: 'acme',
        sha256,
        authority: authority.publicKey,
        verify: async (...bytes) => {
          asked.push(bytes.map((one) => base64url.encode(one)))
          return answer
        },
      })
    expect((await by(true).verify(token, during)).subject).toBe('tech:ana')
    expect((await refusal(by(false).verify(token, during))).code).toBe('credential-bad-signature')
    const question = [authority.privateJwk.x, base64url.encode(token.slice(0, end)), token.slice(end + 1)]
    expect(asked).toEqual([question, question])
  })

  test('verifies again from memory, with the same answer', async () => {
    const token = await issue()
    const check = verifier()
    expect(await check.verify(token, during)).toBe(await check.verify(token, during))
    expect((await refusal(check.verify(token, expiresAt))).code).toBe('credential-expired')
  })
})

describe('expiry', () => {
  test('stands on both sides of its millisecond, and names subject and dates', async () => {
    const token = await issue()
    expect((await verifier().verify(token, expiresAt - 1)).expiresAt).toBe(expiresAt)
    const error = await refusal(verifier().verify(token, expiresAt))
    expect(error.code).toBe('credential-expired')
    expect(error.message).toContain(
      "'tech:ana' expired 2026-07-01T00:00:00.000Z, it is 2026-07-01T00:00:00.000Z now",
    )
  })

  test('is not asked about when no time is handed in', async () => {
    expect((await verifier().verify(await issue(), undefined)).subject).toBe('tech:ana')
  })

  test('is refused also for a clock that is no date', async () => {
    expect((await refusal(verifier().verify(await issue(), Number.MAX_SAFE_INTEGER))).code).toBe(
      'credential-expired',
    )
  })
})

describe('fault A1: a token that is not by the authority of the space', () => {
  test('is refused when another key signed it', async () => {
    expect((await refusal(verifier().verify(await issueCredential(other, request()), during))).code).toBe(
      'credential-bad-signature',
    )
  })

  test('is refused when the attacker put a key of their own in the header', async () => {
    const { kty, crv, x } = other.privateJwk
    const token = await signed({ jwk: { kty, crv, x } }, await claimsOf(await issue()), other)
    expect((await refusal(verifier().verify(token, during))).code).toBe('credential-bad-signature')
  })

  test('is refused when it names the true authority in the header and another key signed', async () => {
    const { kty, crv, x } = authority.privateJwk
    const token = await signed({ jwk: { kty, crv, x } }, await claimsOf(await issue()), other)
    expect((await refusal(verifier().verify(token, during))).code).toBe('credential-bad-signature')
  })

  test('is refused when a claim was changed', async () => {
    const [header, , signature] = (await issue()).split('.')
    const claims = { ...(await claimsOf(await issue())), sub: 'tech:eve' }
    const token = [header, base64url.encode(JSON.stringify(claims)), signature].join('.')
    expect((await refusal(verifier().verify(token, during))).code).toBe('credential-bad-signature')
  })

  test('is refused when one bit of the signature differs', async () => {
    const [header, claims, signature] = (await issue()).split('.')
    const bytes = base64url.decode(signature!)
    bytes[10]! ^= 1
    const error = await refusal(
      verifier().verify([header, claims, base64url.encode(bytes)].join('.'), during),
    )
    expect(error.code).toBe('credential-bad-signature')
    expect(error.message).toContain("'acme'")
  })

  test('is refused when it is for another space, whoever signed it', async () => {
    for (const by of [authority, other]) {
      const error = await refusal(
        verifier().verify(await issueCredential(by, request({ space: 'globex' })), during),
      )
      expect(error.code).toBe('credential-wrong-space')
      expect(error.message).toContain('"globex", this is \'acme\'')
    }
  })
})

describe('fault A1: algorithm confusion', () => {
  test('none is refused', async () => {
    const unsigned = new UnsecuredJWT(await claimsOf(await issue())).encode()
    const error = await refusal(verifier().verify(unsigned, during))
    expect(error.code).toBe('credential-bad-signature')
    expect(error.message).toContain('signed with none')
  })

  test('HS256 with the public key as the secret is refused', async () => {
    const token = await new CompactSign(
      new TextEncoder().encode(JSON.stringify(await claimsOf(await issue()))),
    )
      .setProtectedHeader({ alg: 'HS256', typ: 'skerry+jwt' })
      .sign(authority.publicKey)
    expect((await refusal(verifier().verify(token, during))).code).toBe('credential-bad-signature')
  })
})

describe('what is no credential', () => {
  const refusedAs = async (token: string, words: string) => {
    const error = await refusal(verifier().verify(token, during))
    expect(error.message).toContain(words)
    expect(error.code).toBe('credential-malformed')
  }

  test('is refused with what is wrong about it', async () => {
    const claims = await claimsOf(await issue())
    await refusedAs('', '1 parts, not 3')
    await refusedAs('a.b', '2 parts, not 3')
    await refusedAs('###.e30.e30', 'header is not base64url JSON')
    await refusedAs(`${(await issue()).split('.').slice(0, 2).join('.')}.#`, 'signature is not base64url')
    await refusedAs(await signed({}, 'not json'), 'claims are not base64url JSON')
    await refusedAs(await signed({ typ: 'at+jwt' }, claims), "'at+jwt', not 'skerry+jwt'")
    await refusedAs(await signed({ typ: undefined }, claims), "'undefined', not 'skerry+jwt'")
    await refusedAs(undefined as unknown as string, 'not a string')
  })

  test('a signature written in another way is none: its token would have another hash than the one that is revoked', async () => {
    const token = await issue()
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const other = letters[letters.indexOf(token.at(-1)!) ^ 1]
    await refusedAs(`${token.slice(0, -1)}${other}`, 'signature is not base64url')
    await refusedAs(`${token} `, 'signature is not base64url')
  })

  test('is refused when its header demands an extension', async () => {
    const [, payload, signature] = (await issue()).split('.')
    const header = base64url.encode(JSON.stringify({ alg: 'EdDSA', typ: 'skerry+jwt', crit: ['x'], x: 1 }))
    await refusedAs([header, payload, signature].join('.'), 'extensions that are not known here: ["x"]')
  })

  test.each([
    ['no subject', { sub: undefined }, 'sub is missing'],
    ['an empty subject', { sub: '' }, 'sub is ""'],
    ['no key', { cnf: undefined }, 'cnf is missing'],
    [
      'a key of another kind',
      { cnf: { jwk: { kty: 'EC', crv: 'P-256', x: 'AA' } } },
      'cnf.jwk is not an Ed25519',
    ],
    ['a short key', { cnf: { jwk: { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' } } }, 'cnf.jwk is not an Ed25519'],
    ['no grants', { skerry: undefined }, 'skerry is missing'],
    ['grants that are a list', { skerry: [] }, 'skerry is missing or no object'],
    ['a role nobody knows', { skerry: { role: 'root' } }, 'skerry.role is "root"'],
    ['channels that are no list', { skerry: { role: 'device', read: '*' } }, 'skerry.read is not a list'],
    ['a channel that is no name', { skerry: { role: 'device', read: [1] } }, 'skerry.read[0] is 1'],
    [
      "a channel beside '*'",
      { skerry: { role: 'device', read: ['*', 'a'], write: [], systems: [] } },
      "'*' stands alone",
    ],
    ['no expiry', { exp: undefined }, 'exp is missing'],
    ['an expiry in parts of a second', { exp: 1.5 }, 'exp is 1.5'],
    ['an expiry before its issue', { exp: 1 }, 'is not after iat'],
    ['a time of issue that is text', { iat: 'now' }, 'iat is "now"'],
  ])('is refused with %s', async (_, over, words) => {
    await refusedAs(await signed({}, { ...(await claimsOf(await issue())), ...over }), words)
  })

  test('cannot pin an authority it does not name', async () => {
    const token = await signed({}, await claimsOf(await issue()))
    expect(() => pinnedAuthority(token)).toThrow('names no authority')
    expect(() => pinnedAuthority('x')).toThrow(CredentialError)
  })
})

describe('limits', () => {
  const channels = (count: number) => Array.from({ length: count }, (_, i) => `c${i}`)

  test('channels per list', async () => {
    const token = await issue({ read: channels(CHANNELS_PER_LIST_MAX), write: [] })
    expect((await verifier().verify(token, during)).read).toHaveLength(CHANNELS_PER_LIST_MAX)
    const error = await refusal(issue({ read: channels(CHANNELS_PER_LIST_MAX + 1), write: [] }))
    expect(error.message).toContain('skerry.read has 1025 names, above the limit of 1024')
  })

  test('names', async () => {
    const name = 'n'.repeat(NAME_LENGTH_MAX)
    expect((await verifier().verify(await issue({ subject: name, read: [name] }), during)).subject).toBe(name)
    for (const over of [
      { subject: `${name}n` },
      { read: [`${name}n`] },
      { write: [`${name}n`] },
      { systems: [`${name}n`] },
    ])
      expect((await refusal(issue(over))).message).toContain('201 characters, above the limit of 200')
  })

  test('systems', async () => {
    expect(
      (await verifier().verify(await issue({ systems: channels(SYSTEMS_MAX) }), during)).systems,
    ).toHaveLength(SYSTEMS_MAX)
    expect((await refusal(issue({ systems: channels(SYSTEMS_MAX + 1) }))).code).toBe('credential-malformed')
  })

  test('length of a token, at issue and at check', async () => {
    const long = (length: number) =>
      ['a', 'b', 'c'].flatMap((c) => Array.from({ length }, () => c.repeat(NAME_LENGTH_MAX)))
    expect((await issue({ read: long(10) })).length).toBeLessThan(TOKEN_LENGTH_MAX)
    expect((await refusal(issue({ read: long(30) }))).message).toContain('above the limit of 16384')
    const over = await refusal(verifier().verify('x'.repeat(TOKEN_LENGTH_MAX + 1), during))
    expect(over.message).toContain('16385 characters, above the limit of 16384')
    const within = await refusal(verifier().verify('x'.repeat(TOKEN_LENGTH_MAX), during))
    expect(within.message).toContain('1 parts')
  })

  test('keys', async () => {
    expect((await refusal(issue({ publicKey: new Uint8Array(31) }))).message).toContain('31 bytes, not 32')
    const keys = (count: number) => Array.from({ length: count }, () => authority.publicKey)
    const of = (authorities: Uint8Array[]) => () =>
      credentialVerifier({ space: 'acme', authority: authorities, sha256 })
    expect(of(keys(AUTHORITY_KEYS_MAX))).not.toThrow()
    expect(of(keys(AUTHORITY_KEYS_MAX + 1))).toThrow(RangeError)
    expect(of([])).toThrow(RangeError)
    expect(of([new Uint8Array(31)])).toThrow(RangeError)
  })
})

describe('the authority', () => {
  test('is read back from what was kept of it', async () => {
    const again = await authorityFromJwk(JSON.parse(JSON.stringify(authority.privateJwk)))
    expect(again).toEqual(authority)
  })

  test('is refused when it is anything else', async () => {
    const jwk = authority.privateJwk
    for (const wrong of [
      null,
      {},
      'key',
      { ...jwk, d: undefined },
      { ...jwk, crv: 'X25519' },
      { ...jwk, x: 'AA' },
      { ...jwk, x: '%' },
    ])
      expect((await refusal(authorityFromJwk(wrong))).message).toContain('expected a JWK')
    const mixed = await refusal(authorityFromJwk({ ...jwk, x: other.privateJwk.x }))
    expect(mixed.message).toContain('does not belong to its private key')
  })
})
