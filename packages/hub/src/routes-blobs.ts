/**
 * Blobs over HTTP (packages/blobs/src/SPEC.md, BL-40 to BL-54, BL-81): read with ranges, and uploaded by tus. The protocol is @tus/server's; here is who may do it, and that nothing is taken which is not what
 * a record refers to. Devices only: blobs are read by who holds a record.
 */
import { answerBlob, GENERATION_HEADER } from '@skerry/blobs'
import { type Context, Hono } from 'hono'
import type { Api, Env } from './api.ts'
import { type UploadServer, uploadServer } from './blob-uploads.ts'
import { deviceOnly } from './identify.ts'
import { ProblemError, problemResponse } from './problem.ts'

export function blobRoutes(api: Api): Hono<Env> {
  const routes = new Hono<Env>()
  let server: Promise<UploadServer> | undefined
  const open = async () => uploadServer({ ...api, ...api.blobs, ...(await api.blobs.open()) })
  routes.use(deviceOnly(api))
  routes.use(async (c, next) => {
    const { generation } = await api.blobs.open()
    await next()
    // Refusals too: whoever is told that a blob is not here learns that others may be gone with it.
    c.header(GENERATION_HEADER, generation)
  })
  // For who wants to know no more than that.
  routes.get('/', (c) => c.body(null, 204))
  const upload = async (c: Context<Env>) => {
    try {
      server ??= open().catch((error: unknown) => {
        server = undefined
        throw error
      })
      return await (await server)(c.req.raw, credentialOf(c))
    } catch (error) {
      // Refusals are answers of this protocol too; whatever else goes wrong is the app's to log.
      if (error instanceof ProblemError) return problemResponse(c, error)
      throw error
    }
  }
  routes.all('/uploads', upload)
  routes.all('/uploads/*', upload)
  routes.get('/:hash', async (c) => {
    const { store } = await api.blobs.open()
    return answerBlob({ rows: api.replica.rows, store }, c.req.raw, credentialOf(c))
  })
  return routes
}

function credentialOf(c: Context<Env>) {
  const caller = c.get('caller')
  if (caller.kind !== 'device') throw new ProblemError('forbidden', 'blobs are for devices')
  return caller.credential
}
