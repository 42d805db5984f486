/** Giving devices their credentials and taking them back, for administrators; and the authority's public key, for everyone. */
import { type Revoked, StoreError, TooManyRevocations } from '@skerry/core'
import { Hono } from 'hono'
import * as z from 'zod'
import type { Api, Env } from './api.ts'
import { deviceKey, grantFields } from './grant-fields.ts'
import { hexPart } from './hex-part.ts'
import { adminOnly } from './identify.ts'
import { issueDevice } from './issue-device.ts'
import { CREDENTIAL_LIFE_MS_MAX } from './limits.ts'
import { ProblemError } from './problem.ts'
import { readBody } from './request-body.ts'

/** Of a credential's hash and of a device's key. */
const HASH_DIGITS = 64

/** The role `authority` is not given over the network: whoever needs it has the authority's file. */
const issueSchema = z.strictObject({
  ...grantFields,
  publicKey: deviceKey,
  /** RFC 3339. */
  expiresAt: z.iso.datetime({ offset: true }),
})

export function credentialRoutes(api: Api): Hono<Env> {
  const routes = new Hono<Env>()
  routes.get('/authority', (c) =>
    c.json({ space: api.space, publicKey: Buffer.from(api.authority.publicKey).toString('hex') }),
  )
  routes.post('/credentials', adminOnly(api), async (c) =>
    c.json(await issue(api, await readBody(c, issueSchema)), 201),
  )
  routes.delete('/credentials/:hash', adminOnly(api), async (c) => {
    const value = hexPart(c.req.param('hash'), HASH_DIGITS, 'hash')
    await revoke(api, { by: 'hash', value, wipe: wipeAsked(c.req.query('wipe')) })
    return c.body(null, 204)
  })
  // A lost device: every credential of its key, also those nobody remembers.
  routes.delete('/devices/:key', adminOnly(api), async (c) => {
    const value = hexPart(c.req.param('key'), HASH_DIGITS, 'key')
    await revoke(api, { by: 'key', value, wipe: wipeAsked(c.req.query('wipe')) })
    return c.body(null, 204)
  })
  return routes
}

async function issue(api: Api, { publicKey, expiresAt, ...request }: z.infer<typeof issueSchema>) {
  const issuedAt = api.now()
  const until = Date.parse(expiresAt)
  if (until <= issuedAt || until - issuedAt > CREDENTIAL_LIFE_MS_MAX) {
    const message = `${expiresAt} is not between now (${new Date(issuedAt).toISOString()}) and ten years on`
    throw new ProblemError('invalid-request', `expiresAt: ${message}`, {
      issues: [{ path: '/expiresAt', message, code: 'out-of-range' }],
    })
  }
  const key = new Uint8Array(Buffer.from(publicKey, 'hex'))
  return issueDevice(api, request, { publicKey: key, expiresAt: until })
}

/** What the device holds is to go when it hears of this. */
function wipeAsked(value: string | undefined): boolean {
  if (value === undefined || value === 'true' || value === 'false') return value === 'true'
  const message = `'${value.slice(0, 80)}' is neither true nor false`
  throw new ProblemError('invalid-request', `wipe: ${message}`, {
    issues: [{ path: '?wipe', message, code: 'invalid' }],
  })
}

/** Resolves when it is durable; the sessions concerned end. Revoking twice changes nothing. */
async function revoke(api: Api, revoked: Revoked & { wipe: boolean }): Promise<void> {
  try {
    if (await api.replica.revoke(revoked)) api.log.warn(revoked, 'credential revoked')
  } catch (error) {
    if (error instanceof TooManyRevocations) throw new ProblemError(error.code, error.message)
    if (error instanceof StoreError)
      throw new ProblemError(
        'store-failing',
        `revoking ${revoked.value}: ${error.message}; not revoked, try again`,
      )
    throw error
  }
}
