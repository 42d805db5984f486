/** How a device that has nothing gets its first credential, by a code that the operator made, and how it keeps one for as long as it works (SPEC.md, EN-1 to EN-12). */
import { type Credential, CredentialError, StoreError } from '@skerry/core'
import { Hono } from 'hono'
import * as z from 'zod'
import type { Api, Env } from './api.ts'
import {
  createEnrolment,
  dropEnrolment,
  listEnrolments,
  noteRenewed,
  renewalLifeMs,
  useEnrolment,
} from './enrolments.ts'
import { deviceKey, grantFields } from './grant-fields.ts'
import { adminOnly, anyCaller } from './identify.ts'
import { type IssuedCredential, issueDevice } from './issue-device.ts'
import {
  CREDENTIAL_LIFE_MS_MAX,
  ENROLLED_LIFE_MS,
  ENROLMENT_VALID_MS,
  ENROLMENT_VALID_MS_MAX,
} from './limits.ts'
import { ProblemError } from './problem.ts'
import { readBody } from './request-body.ts'

const termsSchema = z.strictObject({
  ...grantFields,
  /** Milliseconds for which the code may be used. */
  validMs: z.number().int().min(1).max(ENROLMENT_VALID_MS_MAX).default(ENROLMENT_VALID_MS),
  /** Milliseconds that each credential of the device lives. */
  lifeMs: z.number().int().min(60_000).max(CREDENTIAL_LIFE_MS_MAX).default(ENROLLED_LIFE_MS),
  /** Whether the device may have its credential renewed while it is valid. */
  renew: z.boolean().default(true),
})

/** Longest code that is looked at, characters: twelve letters with whatever people put between them. */
const CODE_TEXT_MAX = 64

const useSchema = z.strictObject({ code: z.string().max(CODE_TEXT_MAX), publicKey: deviceKey })

export function enrolmentRoutes(api: Api): Hono<Env> {
  const routes = new Hono<Env>()
  routes.post('/enrolments', adminOnly(api), async (c) => {
    const { validMs, ...terms } = await readBody(c, termsSchema)
    const usableUntil = api.now() + validMs
    const made = await kept(createEnrolment(api, { ...terms, usableUntil }))
    api.log.info({ subject: terms.subject, id: made.id }, 'enrolment code made')
    return c.json({ ...made, subject: terms.subject, usableUntil: new Date(usableUntil).toISOString() }, 201)
  })
  routes.get('/enrolments', adminOnly(api), async (c) => c.json({ enrolments: await listEnrolments(api) }))
  routes.delete('/enrolments/:id', adminOnly(api), async (c) => {
    const id = c.req.param('id')
    if (!(await kept(dropEnrolment(api, id))))
      throw new ProblemError('not-found', `there is no enrolment code '${id.slice(0, 80)}'`)
    return c.body(null, 204)
  })
  routes.post('/enrol', async (c) => {
    const { code, publicKey } = await readBody(c, useSchema)
    return c.json(answerOf(api, await kept(useEnrolment(api, code, publicKey))), 201)
  })
  routes.post('/renew', anyCaller(api), async (c) => {
    const caller = c.get('caller')
    if (caller.kind === 'admin')
      throw new ProblemError('forbidden', 'a device renews its own credential; the admin token has none')
    return c.json(answerOf(api, await kept(renew(api, caller.credential))), 201)
  })
  return routes
}

type Present = Parameters<typeof issueDevice>[1] &
  Pick<Credential, 'publicKey' | 'hash' | 'expiresAt' | 'role'>

async function renew(api: Api, present: Present): Promise<IssuedCredential> {
  const lifeMs = await renewalLifeMs(api, present)
  if (lifeMs === undefined || present.role !== 'device')
    throw new ProblemError(
      'not-renewable',
      `the credential of '${present.subject}' was not got by an enrolment code that lets it be renewed; ask the operator for a new one`,
    )
  try {
    const expiresAt = api.now() + lifeMs
    const issued = await issueDevice(api, present, { publicKey: present.publicKey, expiresAt })
    await noteRenewed(api, present, issued)
    return issued
  } catch (error) {
    if (error instanceof CredentialError) throw new ProblemError(error.code, error.message)
    throw error
  }
}

/** Nothing was kept when the store failed, so whoever asked may ask again. */
async function kept<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof StoreError)
      throw new ProblemError('store-failing', `enrolment: ${error.message}; nothing was kept, try again`)
    throw error
  }
}

/** With it the device knows whom to trust from now on, without asking again. */
function answerOf(api: Api, issued: IssuedCredential) {
  return { ...issued, space: api.space, authority: Buffer.from(api.authority.publicKey).toString('hex') }
}
