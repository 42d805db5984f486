/** Who we are to the system: the kinds of identity, renewed where they can be, and told to nobody. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { type RestAdapterOptions, restAdapter } from '@skerry/adapter-rest'
import { SECRET_LENGTH_HIDDEN_MIN } from '@skerry/bridge/http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { call } from '../test/crm.ts'
import { type Asked, serve, type Told } from '../test/server.ts'
import { checkConfig } from './config.ts'

const client = { clientId: 'skerry', clientSecret: 'client-s3cret' }

function file(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-secret-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'token'), content)
  return join(folder, 'token')
}

function env(value: string): string {
  process.env.SKERRY_TEST_TOKEN = value
  onTestFinished(() => void delete process.env.SKERRY_TEST_TOKEN)
  return 'SKERRY_TEST_TOKEN'
}

async function checked(auth: RestAdapterOptions['auth'], answer: (asked: Asked) => Told = () => ({})) {
  const { baseUrl, asked } = await serve(answer)
  const adapter = restAdapter({ baseUrl, auth })
  return { adapter, asked, answer: await adapter.check(call), baseUrl }
}

describe('kinds', () => {
  test('none at all', async () => {
    const { asked } = await checked(undefined)
    expect(asked[0]?.headers.authorization).toBeUndefined()
  })

  test.each([
    ['as it is', () => ({ bearer: 'tok-1' })],
    ['from the environment', () => ({ bearer: { env: env('tok-1') } })],
    ['from a file', () => ({ kind: 'bearer' as const, bearer: { file: file('tok-1\n') } })],
  ])('a bearer token %s', async (_, auth) => {
    const { asked } = await checked(auth())
    expect(asked[0]?.headers.authorization).toBe('Bearer tok-1')
  })

  test('user and password, whatever letters they have', async () => {
    const { asked } = await checked({ kind: 'basic', user: 'ana', password: 'pä:ss' })
    expect(asked[0]?.headers.authorization).toBe(`Basic ${Buffer.from('ana:pä:ss').toString('base64')}`)
  })

  test('an API key in a header, or as a parameter of every address', async () => {
    const inHeader = await checked({ kind: 'api-key', key: 'k&y=1', header: 'X-Api-Key' })
    expect(inHeader.asked[0]?.headers['x-api-key']).toBe('k&y=1')
    const inQuery = await checked({ kind: 'api-key', key: 'k&y=1', query: 'key' })
    await inQuery.adapter.changes('accounts', undefined, 5, call)
    expect(inQuery.asked.map(({ url }) => new URL(url, 'http://x').searchParams.get('key'))).toEqual([
      'k&y=1',
      'k&y=1',
    ])
  })

  test('headers by a function, made for each call', async () => {
    const headers = async ({
      method,
      path,
      body,
    }: {
      method: string
      path: string
      body: string | undefined
    }) => ({
      'x-signature': `${method} ${path} ${body?.length ?? 0}`,
    })
    const { adapter, asked } = await checked({ kind: 'headers', headers })
    const request = { externalId: 'e', id: '7', fields: {}, idempotencyKey: 'k', restore: false }
    await adapter.upsert('accounts', request, call)
    expect(asked.map((one) => one.headers['x-signature']).slice(0, 2)).toEqual([
      'GET /v1/webhooks 0',
      'PATCH /v1/accounts/7 13',
    ])
  })
})

describe('OAuth 2', () => {
  const token = (more: object = {}) => ({
    body: { access_token: 'tok-1', token_type: 'Bearer', expires_in: 3600, ...more },
  })
  const form = ({ body }: Asked) => Object.fromEntries(new URLSearchParams(body))

  test('API-9: client credentials ask for the scope of the config and no more', async () => {
    const { asked } = await checked({ ...client, scope: 'accounts.read cases.write' }, ({ url }) =>
      url === '/oauth/token' ? token() : {},
    )
    expect(form(asked[0]!)).toEqual({
      grant_type: 'client_credentials',
      client_id: 'skerry',
      client_secret: 'client-s3cret',
      scope: 'accounts.read cases.write',
    })
    expect(asked[1]?.headers.authorization).toBe('Bearer tok-1')
  })

  test('the client says who it is in the header, where the server wants that', async () => {
    const auth = {
      kind: 'client-credentials',
      clientId: 'sk:erry',
      clientSecret: 'a b',
      clientAuth: 'basic',
    } as const
    const { asked } = await checked(auth, () => token())
    expect(asked[0]?.headers.authorization).toBe(`Basic ${Buffer.from('sk%3Aerry:a%20b').toString('base64')}`)
    expect(form(asked[0]!)).toEqual({ grant_type: 'client_credentials' })
  })

  test('tokens come from another server, where the config names one', async () => {
    const tokens = await serve(() => token())
    const { asked } = await checked({ ...client, tokenUrl: `${tokens.baseUrl}/token` })
    expect(tokens.asked.map(({ url }) => url)).toEqual(['/token'])
    expect(asked.map(({ url }) => url)).toEqual(['/v1/webhooks'])
  })

  test('a refresh token is kept where it came from when the system gives another one', async () => {
    const path = file('refresh-1')
    let given = 1
    const auth = { kind: 'refresh-token', ...client, refreshToken: { file: path } } as const
    const { adapter, asked, baseUrl } = await checked(auth, ({ url, headers }) => {
      if (url === '/oauth/token')
        return token({ access_token: `tok-${++given}`, refresh_token: `refresh-${given}` })
      return headers.authorization === `Bearer tok-${given}` && given > 2 ? {} : { status: 401 }
    })
    const grants = () => asked.filter(({ url }) => url === '/oauth/token').map(form)
    expect(grants().map((one) => [one.grant_type, one.refresh_token])).toEqual([
      ['refresh_token', 'refresh-1'],
      ['refresh_token', 'refresh-2'],
    ])
    expect(readFileSync(path, 'utf8')).toBe('refresh-3')
    expect(statSync(path).mode & 0o077).toBe(0)
    expect(await adapter.check(call)).toEqual({ kind: 'ok' })
    await restAdapter({ baseUrl, auth }).check(call)
    expect(grants().at(-1)?.refresh_token).toBe('refresh-3')
  })

  test.each([
    ['no token in it', { body: { token_type: 'Bearer' } }, 'later'],
    ['a token of a type that nobody here knows', token({ token_type: 'mac' }), 'later'],
    ['an error page', { body: '<html>' }, 'later'],
    ['a server error', { status: 500 }, 'later'],
    ['a full queue', { status: 429, headers: { 'retry-after': '7' } }, 'later'],
    [
      'a refusal',
      { status: 400, body: { error: 'invalid_client', error_description: 'no such client' } },
      'unauthorized',
    ],
  ])('%s: the call is surely not made', async (_, told, kind) => {
    const { answer, asked } = await checked(client, () => told)
    expect(answer).toMatchObject({ kind })
    expect(asked.map(({ url }) => url)).toEqual(['/oauth/token'])
    if (kind === 'unauthorized')
      expect(answer).toMatchObject({ reason: expect.stringContaining('invalid_client: no such client') })
  })

  test('whoever asked for the token may leave; those who wait for it still get it', async () => {
    const arrived = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const { baseUrl } = await serve(async ({ url }) => {
      if (url !== '/oauth/token') return {}
      arrived.resolve()
      await goOn.promise
      return token()
    })
    const adapter = restAdapter({ baseUrl, auth: client })
    const abort = new AbortController()
    const first = adapter.check({ signal: abort.signal })
    await arrived.promise
    const second = adapter.check(call)
    abort.abort()
    goOn.resolve()
    expect((await first).kind).toBe('later')
    expect(await second).toEqual({ kind: 'ok' })
  })
})

test('a bearer token that was refused is read anew from its file, once', async () => {
  const path = file('old')
  const { baseUrl, asked } = await serve(({ headers }) => ({
    status: headers.authorization === 'Bearer new' ? 200 : 401,
  }))
  const adapter = restAdapter({ baseUrl, auth: { bearer: { file: path } } })
  expect(await adapter.check(call)).toMatchObject({ kind: 'unauthorized' })
  expect(asked).toHaveLength(1)
  writeFileSync(path, 'new')
  expect(await adapter.check(call)).toEqual({ kind: 'ok' })
  const stale = restAdapter({ baseUrl, auth: { bearer: 'old' } })
  expect(await stale.check(call)).toMatchObject({ kind: 'unauthorized' })
})

test('what says that we are unknown is data, too: a token is renewed then', async () => {
  let tokens = 0
  const { baseUrl } = await serve(({ url, headers }) => {
    if (url === '/oauth/token') return { body: { access_token: `tok-${++tokens}` } }
    return headers.authorization === 'Bearer tok-2' ? {} : { status: 403, body: { code: 'SESSION_OVER' } }
  })
  const answers: RestAdapterOptions['answers'] = [
    { status: 403, body: { code: 'SESSION_OVER' }, is: 'unauthorized' },
  ]
  expect(await restAdapter({ baseUrl, auth: client, answers }).check(call)).toEqual({ kind: 'ok' })
  expect((await restAdapter({ baseUrl, auth: client }).check(call)).kind).toBe('rejected')
})

test('a secret that is not to be had any more, or headers that cannot be made: unauthorized, and nothing is asked', async () => {
  const path = file('tok')
  const gone = await checked({ bearer: { file: path } })
  rmSync(path)
  expect(await gone.adapter.check(call)).toMatchObject({
    kind: 'unauthorized',
    reason: expect.stringContaining('token'),
  })
  const broken = await checked({
    kind: 'headers',
    headers: () => {
      throw new Error('the vault is shut')
    },
  })
  expect(broken.answer).toEqual({ kind: 'unauthorized', reason: 'the vault is shut' })
  expect([gone.asked.length, broken.asked.length]).toEqual([1, 0])
})

describe('GOV-5: secrets', () => {
  test.each([
    [
      { bearer: { env: 'SKERRY_NOWHERE' } },
      /auth\.bearer: environment variable SKERRY_NOWHERE is not set or empty/,
    ],
    [{ bearer: { file: 'nowhere/token' } }, /auth\.bearer: .*nowhere\/token/],
    [{ bearer: 7 }, /auth\.bearer: want a text, \{ env: 'NAME' \} or \{ file: 'path' \}/],
    [{ kind: 'api-key', key: 'k' }, /auth: want header or query, and not both/],
    [{ kind: 'api-key', key: 'k', header: 'a', query: 'b' }, /auth: want header or query, and not both/],
    [{ kind: 'basic', user: 'ana' }, /auth\.password/],
    [{ kind: 'magic' }, /auth\.kind/],
    [{ bearer: 'x', scopes: 'y' }, /unknown key 'auth\.scopes'/],
    [{ kind: 'refresh-token', ...client }, /auth\.refreshToken/],
  ])('a config that lacks one says where: %o', (auth, message) => {
    expect(() => restAdapter({ baseUrl: 'http://localhost:8080', auth: auth as never })).toThrow(message)
  })

  test('show in no inspection, no text and no JSON of a config', () => {
    const config = checkConfig({ baseUrl: 'http://localhost:8080', auth: { bearer: 'tok-very-secret' } })
    for (const text of [
      inspect(config, { depth: 9 }),
      JSON.stringify(config),
      String(config.auth?.kind === 'bearer' && config.auth.bearer),
    ])
      expect(text).not.toContain('tok-very-secret')
  })

  test.each([
    ['bearer', { bearer: 'tok-very-secret' }],
    ['basic', { kind: 'basic', user: 'ana', password: 'tok-very-secret' }],
    ['API key', { kind: 'api-key', key: 'tok-very-secret', query: 'key' }],
    ['client secret', { clientId: 'skerry', clientSecret: 'tok-very-secret' }],
  ] as const)(
    'a system that says back what it was sent does not bring a %s into a reason',
    async (_, auth) => {
      const { answer } = await checked(auth, (asked) => ({
        status: 400,
        body: `you sent ${JSON.stringify(asked)}`,
      }))
      expect(answer).toMatchObject({ reason: expect.stringContaining('you sent') })
      expect(JSON.stringify(answer)).not.toContain('tok-very-secret')
    },
  )

  test('one as short as a word is left, or reasons could not be read', async () => {
    const short = 'x'.repeat(SECRET_LENGTH_HIDDEN_MIN - 1)
    const said = async (bearer: string) =>
      (await checked({ bearer }, () => ({ status: 400, body: `no ${bearer} here` }))).answer
    expect(await said(short)).toMatchObject({ reason: `400: no ${short} here` })
    expect(await said(`${short}x`)).toMatchObject({ reason: '400: no (secret) here' })
  })
})

describe('GOV-5: encryption on the way', () => {
  test.each(['http://crm.example', 'http://10.0.0.5:8080'])(
    '%s is refused: anybody on the way could read',
    (baseUrl) => {
      expect(() => restAdapter({ baseUrl })).toThrow(/baseUrl: http without TLS, to another machine/)
      expect(restAdapter({ baseUrl, allowPlain: true }).name).toBe('rest')
    },
  )

  test.each(['https://crm.example', 'http://127.0.0.1:8080', 'http://localhost:8080', 'http://[::1]:8080'])(
    '%s is not',
    (baseUrl) => {
      expect(restAdapter({ baseUrl }).name).toBe('rest')
    },
  )

  test('nor are tokens asked for without it', () => {
    const auth = { ...client, tokenUrl: 'http://login.example/token' }
    expect(() => restAdapter({ baseUrl: 'https://crm.example', auth })).toThrow(
      /auth\.tokenUrl: http without TLS/,
    )
  })

  test('a certificate of ours comes with its key', () => {
    expect(() => restAdapter({ baseUrl: 'https://crm.example', tls: { cert: 'x' } })).toThrow(
      /tls: want cert and key, or neither/,
    )
  })
})
