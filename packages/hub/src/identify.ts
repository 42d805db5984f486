/**
 * Finding out who is asking. Administrators show the hub's admin token (`Bearer`); devices show their credential with a proof that they hold its key
 * (`DPoP`), since a credential travels beside entries and is no secret.
 */
import { type Credential, CredentialError } from '@skerry/core'
import { checkPossession, PossessionError } from '@skerry/credentials'
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { Api, Env } from './api.ts'
import type { Caller } from './caller.ts'
import { ProblemError } from './problem.ts'

/** Administrators and devices with a valid credential. */
export const anyCaller = (api: Api) =>
  createMiddleware<Env>(async (c, next) => {
    c.set('caller', await identify(api, c))
    await next()
  })

export const adminOnly = (api: Api) =>
  createMiddleware<Env>(async (c, next) => {
    const caller = await identify(api, c)
    if (caller.kind !== 'admin')
      throw new ProblemError('forbidden', `${c.req.method} ${c.req.path}: only the admin token may do this`)
    c.set('caller', caller)
    await next()
  })

/** Devices with a valid credential. */
export const deviceOnly = (api: Api) =>
  createMiddleware<Env>(async (c, next) => {
    const caller = await identify(api, c)
    if (caller.kind !== 'device')
      throw new ProblemError(
        'forbidden',
        `${c.req.method} ${c.req.path}: only a device may do this, with its credential`,
      )
    c.set('caller', caller)
    await next()
  })

async function identify(api: Api, c: Context): Promise<Caller> {
  const [scheme = '', token = ''] = (c.req.header('authorization') ?? '').split(' ', 2)
  if (scheme.toLowerCase() === 'bearer') {
    if (api.adminToken.is(token)) return { kind: 'admin' }
    throw new ProblemError(
      'unauthorized',
      'Authorization: Bearer takes the admin token, and this is not it; a device uses DPoP',
    )
  }
  if (scheme.toLowerCase() === 'dpop')
    return { kind: 'device', credential: await provenCredential(api, c, token) }
  throw new ProblemError(
    'unauthorized',
    'Authorization is missing: send "Bearer <admin token>", or "DPoP <credential>" with a proof',
  )
}

async function provenCredential(api: Api, c: Context, token: string): Promise<Credential> {
  const proof = c.req.header('dpop')
  if (proof === undefined)
    throw new ProblemError(
      'proof-missing',
      'a credential needs the header DPoP with a proof of its key (RFC 9449)',
    )
  try {
    const credential = await api.verifier.verify(token, api.now())
    await checkPossession(
      proof,
      credential,
      { method: c.req.method, url: urlOf(api, c), at: api.now() },
      api.sha256,
    )
    return credential
  } catch (error) {
    if (error instanceof CredentialError || error instanceof PossessionError)
      throw new ProblemError(error.code, error.message)
    throw error
  }
}

/** The address as the device sees it. */
function urlOf(api: Api, c: Context): string {
  if (api.publicUrl === undefined) return c.req.url
  return new URL(c.req.path, api.publicUrl).href
}
