/**
 * The page at `/` and the list at `/api/v1`, for an operator who opens the address that the hub printed: which hub this is, whether it is ready, where to look next. Everybody
 * may see it, so it says nothing that `/readyz`, `/api/v1/authority` and a session's greeting do not tell everybody already.
 */
import { type Context, Hono } from 'hono'
import { accepts } from 'hono/accepts'
import { html } from 'hono/html'
import type { Api, Env } from './api.ts'
import { unreadiness } from './routes-health.ts'
import { version } from './version.ts'

const LINKS = [
  ['/livez', 'is it alive'],
  ['/readyz', 'can it make writes durable'],
  ['/metrics', 'numbers for Prometheus'],
  ['/api/v1/authority', 'the public key that signs credentials of this space'],
] as const

/** What `/api/v1` answers, for who follows the address: each route, and what it asks for. README.md has the rest. */
const API_ROUTES = {
  'GET /api/v1/authority': 'the public key that signs credentials of this space; for everyone',
  'POST /api/v1/credentials': 'a credential for a device; admin token',
  'DELETE /api/v1/credentials/:hash':
    'revoke a credential (?wipe=true: its device gives up what it holds); admin token',
  'DELETE /api/v1/devices/:key': 'revoke all credentials of a device (?wipe=true as above); admin token',
  'POST /api/v1/enrolments': 'a code by which a new device gets its credential; admin token',
  'GET /api/v1/enrolments': 'such codes, and what became of them; admin token',
  'DELETE /api/v1/enrolments/:id': 'drop such a code; admin token',
  'POST /api/v1/enrol': 'a credential for who has such a code',
  'POST /api/v1/renew': 'a new credential in place of one that an enrolled device has; credential',
  'GET /api/v1/proofs': 'devices that wrote two changes under one sequence; admin token',
  'GET /api/v1/proofs/:actor': 'the proof, for `skerry proof check`; admin token',
  'DELETE /api/v1/quarantine/:key': 'let such a device back in; admin token',
  'GET /api/v1/records/:collection': 'records, page by page; admin token or credential',
  'GET /api/v1/records/:collection/:id': 'one record; admin token or credential',
  'GET /api/v1/quarantined-records':
    'records that are not loaded, because they did harm or are damaged; admin token',
  'DELETE /api/v1/quarantined-records/:collection/:id': 'let a record out of quarantine; admin token',
  'GET /api/v1/blobs': 'the generation of the folder of blobs, in a header, and nothing else; credential',
  'GET /api/v1/blobs/:hash':
    'a photo or document, by a record that refers to it (?record=orders/17); credential',
  'POST /api/v1/blobs/uploads': 'begin to upload one, by tus 1.0; credential',
  'GET /api/v1/streams': 'streams and what is held of each; admin token or credential',
  'GET /api/v1/streams/:stream/readings': 'readings of a stream; admin token or credential',
} as const

interface Front {
  hub: string
  space: string
  version: string
  ready: boolean
  /** Code of the reason, where it is not ready; `/readyz` has the words. */
  reason?: string
  links: Record<string, string>
}

export function frontRoutes(api: Api): Hono<Env> {
  const routes = new Hono<Env>()
  // Where an app is served, `/` is its own for who wants a page.
  routes.on('GET', ['/', '/api'], async (c, next) => {
    if (c.req.path === '/' && api.app !== undefined && !wantsJson(c)) return next()
    const problem = await unreadiness(api)
    const front: Front = {
      hub: api.replica.node,
      space: api.space,
      version,
      ready: problem === undefined,
      ...(problem && { reason: problem.code }),
      links: Object.fromEntries(LINKS),
    }
    c.header('Cache-Control', 'no-store')
    c.header('Vary', 'Accept')
    return wantsJson(c) ? c.json(front) : c.html(page(front))
  })
  routes.get('/api/v1', (c) => c.json({ space: api.space, version, routes: API_ROUTES }))
  return routes
}

function wantsJson(c: Context): boolean {
  const supports = ['text/html', 'application/json']
  return accepts(c, { header: 'Accept', supports, default: 'text/html' }) === 'application/json'
}

/** Without styles: the policy of all answers allows none inside a page, and a page of ten lines needs none. */
function page({ hub, space, version, ready, reason, links }: Front) {
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Skerry hub of ${space}</title>
<h1>Skerry hub of ${space}</h1>
<p>${ready ? 'Ready.' : `Not ready (${reason}); /readyz says more.`}
<p>Hub ${hub}, version ${version}. Devices open their sessions at <code>/sync</code>.
<ul>
${Object.entries(links).map(([path, says]) => html`<li><a href="${path}">${path}</a>: ${says}\n`)}</ul>
<p>Everything else is under <a href="/api/v1">/api/v1</a> and asks for the admin token or a credential.
</html>
`
}
