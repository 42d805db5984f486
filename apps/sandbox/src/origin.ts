/**
 * Refuses writes that a page of another origin sends. The admin and office sides have no login, since they stand on loopback;
 * without this, any web page open on the machine could write to them.
 */
import type { MiddlewareHandler } from 'hono'
import { Problem } from './problem.ts'

export const refuseForeignOrigin: MiddlewareHandler = async (context, next) => {
  const origin = context.req.header('origin')
  if (origin !== undefined && origin !== `http://${context.req.header('host')}`) {
    throw new Problem('foreign-origin', `a page of ${origin} may not write here`)
  }
  await next()
}
