/** Requests to /api are counted per address; a refused token counts for many, so that guessing is slow and costs the guesser's address its minute. */
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { addressOf } from './address.ts'
import type { Api } from './api.ts'
import { API_REQUESTS_PER_MINUTE, REFUSED_TOKEN_COST } from './limits.ts'
import { ProblemError } from './problem.ts'

export const rateLimit = (api: Api) => {
  const limiter = new RateLimiterMemory({ points: API_REQUESTS_PER_MINUTE, duration: 60 })
  return createMiddleware(async (c, next) => {
    const address = addressIn(c, api)
    await take(limiter, address, 1)
    await next()
    if (c.res.status === 401) await limiter.penalty(address, REFUSED_TOKEN_COST - 1)
  })
}

async function take(limiter: RateLimiterMemory, address: string, points: number): Promise<void> {
  try {
    await limiter.consume(address, points)
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal
    const retryAfterMs = refusal.msBeforeNext
    throw new ProblemError(
      'rate-limited',
      `more than ${API_REQUESTS_PER_MINUTE} requests a minute from this address (a refused token counts ${REFUSED_TOKEN_COST}); wait ${Math.ceil(retryAfterMs / 1000)} s`,
      { retryAfterMs },
    )
  }
}

/** Requests that came over no socket (handed straight to the app) are counted together. */
function addressIn(c: Context, api: Api): string {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>
  return incoming ? addressOf(incoming, api.trustedProxies) : 'in-process'
}
