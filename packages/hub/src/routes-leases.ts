/** Lending external systems to adapter nodes, so that two of them never act for one at the same time. A device asks for itself, the administrator looks. */
import { LEASE_MS_MAX, type Lease, TooManyLeases } from '@skerry/core'
import { Hono } from 'hono'
import * as z from 'zod'
import type { Api, Env } from './api.ts'
import type { Caller } from './caller.ts'
import { adminOnly, anyCaller } from './identify.ts'
import { ProblemError } from './problem.ts'
import { readBody } from './request-body.ts'

const requestSchema = z.strictObject({
  /** The node's present run, and the head of its own log. */
  run: z.string().regex(/^[0-9a-f]{32}$/, 'want 32 hex digits'),
  head: z.number().int().min(0),
  ms: z.number().int().min(1).max(LEASE_MS_MAX),
})

export function leaseRoutes(api: Api): Hono<Env> {
  const routes = new Hono<Env>()
  routes.get('/', adminOnly(api), (c) =>
    c.json({ leases: api.replica.leases().map((lease) => shown(lease, api.now())) }),
  )
  routes.put('/:system', anyCaller(api), async (c) => {
    const system = c.req.param('system')
    const credential = nodeOf(c.get('caller'), system)
    const request = await readBody(c, requestSchema)
    const { kind, lease } = await acquire(api, { system, credential, ...request })
    if (kind === 'other')
      throw new ProblemError('lease-held', `${system} is lent to ${lease.subject}, in epoch ${lease.epoch}`, {
        retryAfterMs: lease.until - api.now(),
      })
    return c.json(shown(lease, api.now()))
  })
  routes.delete('/:system', anyCaller(api), async (c) => {
    const system = c.req.param('system')
    const { publicKey } = nodeOf(c.get('caller'), system)
    if (!(await api.replica.releaseLease(system, publicKey)))
      throw new ProblemError('not-found', `${system} is not lent to this node`)
    return c.body(null, 204)
  })
  return routes
}

function nodeOf(caller: Caller, system: string) {
  if (caller.kind === 'device' && caller.credential.systems.includes(system)) return caller.credential
  throw new ProblemError(
    'forbidden',
    caller.kind === 'admin'
      ? `a system is lent to an adapter node, by its own credential; the admin token has no node`
      : `the credential of '${caller.credential.subject}' is not for the system '${system}'`,
  )
}

async function acquire(api: Api, request: Parameters<Api['replica']['acquireLease']>[0]) {
  try {
    return await api.replica.acquireLease(request)
  } catch (error) {
    if (error instanceof TooManyLeases) throw new ProblemError('too-many-leases', error.message)
    throw error
  }
}

function shown({ system, holder, subject, epoch, until }: Lease, now: number) {
  return { system, holder, subject, epoch, heldForMs: Math.max(0, until - now) }
}
