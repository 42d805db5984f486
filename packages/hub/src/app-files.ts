/**
 * The files of a built app, beside the hub's own addresses (SPEC.md, AP-1 to AP-5). Finding, types, precompression and ranges are hono's; here are the rules that decide whether an app can be
 * updated: what may be kept without asking, what is asked about by its content, and that a page is never sent in the place of a script.
 */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { serveStatic } from '@hono/node-server/serve-static'
import { type Context, Hono } from 'hono'
import type { Env } from './api.ts'
import { HubError } from './hub-error.ts'
import { APP_FILE_BYTES_MAX, IMMUTABLE_S } from './limits.ts'

/** The hub's own; whatever the app's router makes of them, they are never a page of it. */
const OWN_PATHS = /^\/(api|sync|livez|readyz|metrics)(\/|$)/
/** A dot at the beginning of a part: configuration that a build took along by mistake. */
const HIDDEN = /(^|\/)\.(?!well-known\/)/
/** `assets/index-B3xK9_fa.js`: at least one digit or capital, so that `assets/my-photograph.jpg` is no hash. */
const HASHED = /\/assets\/.*[-.](?=[\w-]*[A-Z0-9])[\w-]{8,}\.\w+$/

/** @throws HubError `app-missing` */
export function appFolder(path: string): string {
  const folder = resolve(path)
  if (existsSync(join(folder, 'index.html'))) return folder
  throw new HubError(
    'app-missing',
    `app ${folder}: there is no index.html in it; build the app first, or name the folder of the build`,
  )
}

export function appRoutes(folder: string): Hono<Env> {
  const routes = new Hono<Env>()
  const tags = new ContentTags()
  const found: Pick<WeakMap<Context, string>, 'get' | 'set'> = new WeakMap()
  const onFound = (path: string, c: Context) => void found.set(c, path)
  const files = serveStatic<Env>({ root: folder, precompressed: true, onFound })
  const page = serveStatic<Env>({ root: folder, path: 'index.html', precompressed: true, onFound })
  routes.get('*', async (c, next) => {
    if (OWN_PATHS.test(c.req.path) || HIDDEN.test(c.req.path)) return next()
    const nothing = async () => undefined
    const response = (await files(c, nothing)) ?? (isNavigation(c) ? await page(c, nothing) : undefined)
    const path = found.get(c)
    if (!response || path === undefined) return next()
    return withCaching(c, response, { path, tags })
  })
  return routes
}

function isNavigation(c: Context): boolean {
  if (basename(c.req.path).includes('.')) return false
  const mode = c.req.header('sec-fetch-mode')
  if (mode !== undefined) return mode === 'navigate'
  return (c.req.header('accept') ?? '').includes('text/html')
}

async function withCaching(
  c: Context,
  response: Response,
  { path, tags }: { path: string; tags: ContentTags },
): Promise<Response> {
  const etag = await tags.of(path)
  const { headers } = response
  headers.set(
    'Cache-Control',
    HASHED.test(c.req.path) ? `public, max-age=${IMMUTABLE_S}, immutable` : 'no-cache',
  )
  // Two seconds of a file's age are no measure of whether it changed: its content is.
  headers.delete('Last-Modified')
  if (etag !== undefined) headers.set('ETag', etag)
  if (c.req.header('service-worker') === 'script') headers.set('Service-Worker-Allowed', '/')
  if (etag === undefined || !matches(c.req.header('if-none-match'), etag)) return response
  await response.body?.cancel()
  for (const name of ['Content-Length', 'Content-Type', 'Content-Encoding']) headers.delete(name)
  return new Response(null, { status: 304, headers })
}

function matches(asked: string | undefined, etag: string): boolean {
  if (asked === undefined) return false
  return asked
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
    .some((tag) => tag === '*' || tag === etag)
}

/**
 * ETags are of the content: images and archives are built with all their files of one age, so age and size are the same before and after an update. Age and size only say when to read again
 * within the life of this process.
 */
class ContentTags {
  readonly #tags = new Map<string, { version: string; etag: string }>()

  async of(path: string): Promise<string | undefined> {
    const { mtimeMs, size, ino } = await stat(path)
    if (size > APP_FILE_BYTES_MAX) return undefined
    const version = `${mtimeMs} ${size} ${ino}`
    const known = this.#tags.get(path)
    if (known?.version === version) return known.etag
    const hash = createHash('sha256')
    await pipeline(createReadStream(path), hash)
    const etag = `"${hash.digest('base64url').slice(0, 27)}"`
    this.#tags.set(path, { version, etag })
    return etag
  }
}
