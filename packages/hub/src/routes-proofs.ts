/** Devices that wrote two changes under one sequence, for administrators: who, the proof, and the decision that lets one back in. */
import { StoreError } from '@skerry/core'
import { Hono } from 'hono'
import type { Api, Env } from './api.ts'
import { hexPart } from './hex-part.ts'
import { adminOnly } from './identify.ts'
import { ProblemError } from './problem.ts'

/** Hex digits of an actor id and of a device's key. */
const ACTOR_DIGITS = 34
const KEY_DIGITS = 64

export function proofRoutes(api: Api): Hono<Env> {
  const routes = new Hono<Env>()
  routes.get('/proofs', adminOnly(api), (c) =>
    c.json({
      proofs: api.replica.proofs().map(({ at, liftedAt, ...proof }) => ({
        ...proof,
        at: new Date(at).toISOString(),
        ...(liftedAt !== undefined && { liftedAt: new Date(liftedAt).toISOString() }),
      })),
    }),
  )
  routes.get('/proofs/:actor', adminOnly(api), async (c) => {
    const actor = hexPart(c.req.param('actor'), ACTOR_DIGITS, 'actor')
    const proof = await api.replica.proof(actor)
    if (!proof) throw new ProblemError('not-found', `there is no proof against actor ${actor}`)
    return c.json({ actor, proof: Buffer.from(proof).toString('base64') })
  })
  routes.delete('/quarantine/:key', adminOnly(api), async (c) => {
    const key = hexPart(c.req.param('key'), KEY_DIGITS, 'key')
    if (!(await lift(api, key))) throw new ProblemError('not-found', `device ${key} is in no quarantine`)
    api.log.warn({ device: key }, 'quarantine lifted')
    return c.body(null, 204)
  })
  return routes
}

async function lift({ replica }: Api, key: string): Promise<boolean> {
  try {
    return await replica.liftQuarantine(key)
  } catch (error) {
    if (error instanceof StoreError)
      throw new ProblemError('store-failing', `lifting the quarantine of ${key}: ${error.message}; try again`)
    throw error
  }
}
