/** What a node answers to its operator (SPEC O-3 to O-19). Everything that goes wrong leaves as problem details, as a hub's does. */
import { BridgeError, type BridgeErrorCode } from '@skerry/bridge'
import { type AdminToken, type Logger, ProblemError, problemResponse } from '@skerry/hub'
import { Hono } from 'hono'
import type { NodeBridge } from './node-bridges.ts'
import { approvalRoutes } from './routes-approvals.ts'
import { auditRoutes } from './routes-audit.ts'
import { deadRoutes } from './routes-dead.ts'
import { mergeRoutes, pairRoutes } from './routes-identity.ts'
import { reconcileRoutes } from './routes-reconcile.ts'
import { reviewRoutes } from './routes-reviews.ts'
import { statusRoutes } from './routes-status.ts'

export interface OperatorParts {
  bridges: readonly NodeBridge[]
  token: Pick<AdminToken, 'is'>
  log: Logger
}

export function operatorApp({ bridges, token, log }: OperatorParts): Hono {
  const app = new Hono()
  app.use(async (c, next) => {
    const [scheme = '', given = ''] = (c.req.header('authorization') ?? '').split(' ', 2)
    if (scheme.toLowerCase() !== 'bearer' || !token.is(given))
      throw new ProblemError('unauthorized', 'want the token that stands in the operator file of this node')
    await next()
    c.header('Cache-Control', 'no-store')
  })
  app.route('/v1/audit', auditRoutes(bridges))
  app.route('/v1/dead', deadRoutes(bridges))
  app.route('/v1/reviews', reviewRoutes(bridges))
  app.route('/v1/approvals', approvalRoutes(bridges))
  app.route('/v1/pairs', pairRoutes(bridges))
  app.route('/v1/merge', mergeRoutes(bridges))
  app.route('/v1/reconcile', reconcileRoutes(bridges))
  app.route('/v1/status', statusRoutes(bridges))
  app.notFound((c) =>
    problemResponse(c, new ProblemError('not-found', `${c.req.method} ${c.req.path}: nothing here`)),
  )
  app.onError((error, c) => {
    const problem = error instanceof BridgeError ? problemOf(error) : error
    if (problem instanceof ProblemError) return problemResponse(c, problem)
    log.error({ err: error, method: c.req.method, path: c.req.path }, 'operator request failed')
    return problemResponse(c, new ProblemError('internal', 'an error of the node; its log says more'))
  })
  return app
}

const problemCodes: Partial<Record<BridgeErrorCode, ProblemError['code']>> = {
  'review-changed': 'review-changed',
  'review-value': 'invalid-request',
  mapping: 'invalid-request',
  'unknown-pair': 'invalid-request',
  'cannot-merge': 'invalid-request',
  'cannot-reconcile': 'invalid-request',
  closed: 'not-running',
  'unknown-lineage': 'not-found',
  'unknown-field': 'invalid-request',
  'cannot-erase': 'invalid-request',
}

/** What an operator can mend is said, anything else is the node's own. */
function problemOf(error: BridgeError): Error {
  const code = problemCodes[error.code]
  return code ? new ProblemError(code, error.message) : error
}
