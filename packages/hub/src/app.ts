/** The hub's HTTP side: a page to begin with, health, metrics, credentials, records. Everything that goes wrong leaves as problem details. */
import { Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import type { Api, Env } from './api.ts'
import { appRoutes } from './app-files.ts'
import { ProblemError, problemResponse } from './problem.ts'
import { rateLimit } from './rate-limit.ts'
import { blobRoutes } from './routes-blobs.ts'
import { credentialRoutes } from './routes-credentials.ts'
import { enrolmentRoutes } from './routes-enrolment.ts'
import { frontRoutes } from './routes-front.ts'
import { healthRoutes } from './routes-health.ts'
import { leaseRoutes } from './routes-leases.ts'
import { proofRoutes } from './routes-proofs.ts'
import { quarantineRoutes } from './routes-quarantined-records.ts'
import { recordRoutes } from './routes-records.ts'
import { streamRoutes } from './routes-streams.ts'

const OWN_PAGES = { defaultSrc: ["'self'"], frameAncestors: ["'none'"], baseUri: ["'none'"] }
/** An app runs the engine (WebAssembly), shows photos that it holds in memory, and talks to this hub. */
const APP_PAGES = {
  ...OWN_PAGES,
  scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
  connectSrc: ["'self'"],
  imgSrc: ["'self'", 'blob:', 'data:'],
  mediaSrc: ["'self'", 'blob:'],
  workerSrc: ["'self'"],
  objectSrc: ["'none'"],
  formAction: ["'self'"],
}

export function hubApp(api: Api): Hono<Env> {
  const app = new Hono<Env>()
  app.use(
    secureHeaders({
      contentSecurityPolicy: api.app === undefined ? OWN_PAGES : APP_PAGES,
      xFrameOptions: 'DENY',
    }),
  )
  app.use('/api/*', rateLimit(api))
  app.use('/api/*', async (c, next) => {
    await next()
    // A blob never changes, and says so itself.
    if (!c.res.headers.has('etag')) c.header('Cache-Control', 'no-store')
  })
  app.route('/', frontRoutes(api))
  app.route('/', healthRoutes(api))
  app.route('/api/v1', credentialRoutes(api))
  app.route('/api/v1', enrolmentRoutes(api))
  app.route('/api/v1', proofRoutes(api))
  app.route('/api/v1/blobs', blobRoutes(api))
  app.route('/api/v1/leases', leaseRoutes(api))
  app.route('/api/v1/records', recordRoutes(api))
  app.route('/api/v1/quarantined-records', quarantineRoutes(api))
  app.route('/api/v1/streams', streamRoutes(api))
  if (api.app !== undefined) app.route('/', appRoutes(api.app))
  app.notFound((c) =>
    problemResponse(c, new ProblemError('not-found', `${c.req.method} ${c.req.path}: nothing here`)),
  )
  app.onError((error, c) => {
    if (error instanceof ProblemError) {
      if (error.status === 401) api.metrics.refusedTokens.inc({ code: error.code })
      return problemResponse(c, error)
    }
    api.log.error({ err: error, method: c.req.method, path: c.req.path }, 'request failed')
    return problemResponse(c, new ProblemError('internal', 'an error of the hub; its log says more'))
  })
  return app
}
