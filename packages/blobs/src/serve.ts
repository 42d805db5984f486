/**
 * Giving blobs to who may have them (SPEC.md, BL-40 to BL-42): the same for a hub and for a replica beside, since all that is looked at is the record by which somebody asks. Standard `Request` and
 * `Response`, so that any server can mount it.
 */
import {
  type Credential,
  CredentialError,
  type CredentialVerifier,
  decodeFrontier,
  grants,
  type JsonObject,
  type Store,
} from '@skerry/core'
import { checkPossession, PossessionError } from '@skerry/credentials'
import { BlobError } from './blob-error.ts'
import { isHash, refersTo } from './blob-ref.ts'
import { TYPE_BYTES, typeOf } from './blob-type.ts'
import { CHUNK_BYTES } from './limits.ts'
import type { BlobStore, ByteRange } from './store/port.ts'

export interface RecordRights {
  /** What the record says of the blob: size and type. */
  ref: { bytes: number; type: string }
  mayRead: boolean
  mayWrite: boolean
}

/** Undefined when there is no such record, or it does not refer to the blob. */
export async function rightsOf(
  rows: Pick<Store, 'rows'>,
  asked: { record: string; sha256: string },
  credential: Pick<Credential, 'read' | 'write'>,
): Promise<RecordRights | undefined> {
  const [row] = await rows.rows([asked.record])
  const ref = row?.view === undefined ? undefined : refersTo(JSON.parse(row.view) as JsonObject, asked.sha256)
  if (!row || !ref) return undefined
  const { channels } = decodeFrontier(row.frontier)
  return {
    ref,
    mayRead: channels.some((channel) => grants(credential.read, channel)),
    mayWrite: channels.some((channel) => grants(credential.write, channel)),
  }
}

export interface ServedBlobs {
  rows: Pick<Store, 'rows'>
  store: BlobStore
}

const PATH = /\/api\/v1\/blobs\/([0-9a-f]{64})$/

/** Answers GET and HEAD for who has proven this credential. */
export async function answerBlob(
  { rows, store }: ServedBlobs,
  request: Request,
  credential: Pick<Credential, 'read' | 'write'>,
): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url)
  const sha256 = PATH.exec(pathname)?.[1] ?? ''
  const record = searchParams.get('record') ?? ''
  const isHead = request.method === 'HEAD'
  if (!isHash(sha256) || !(isHead || request.method === 'GET')) return notHere()
  const rights = await rightsOf(rows, { record, sha256 }, credential)
  if (!rights || !(rights.mayRead || (isHead && rights.mayWrite))) return notHere()
  const stat = await store.stat(sha256)
  if (!stat) return notSent()
  // Verifies all of it, so that nobody is told of what nobody could get.
  const head = await store.read(sha256, { from: 0, to: TYPE_BYTES }).catch(onlyDamage)
  if (!head) return lost()
  const headers = new Headers({
    'accept-ranges': 'bytes',
    'cache-control': 'private, max-age=31536000, immutable',
    'content-disposition': 'attachment',
    'content-security-policy': "default-src 'none'; sandbox",
    'content-type': typeOf(head) ?? 'application/octet-stream',
    etag: `"${sha256}"`,
    'x-content-type-options': 'nosniff',
  })
  const range = rangeOf(request.headers.get('range'), stat.bytes)
  if (range === 'none') {
    headers.set('content-range', `bytes */${stat.bytes}`)
    return new Response(null, { status: 416, headers })
  }
  const { from, to } = range ?? { from: 0, to: stat.bytes }
  headers.set('content-length', String(to - from))
  if (range) headers.set('content-range', `bytes ${from}-${to - 1}/${stat.bytes}`)
  return new Response(isHead ? null : streamOf(store, sha256, { from, to }), {
    status: range ? 206 : 200,
    headers,
  })
}

/** For a replica that no hub stands before: who asks shows a credential and proves its key, as at a hub. */
export function serveBlobs(
  served: ServedBlobs & {
    verifier: CredentialVerifier
    now(): number
    sha256(bytes: Uint8Array): Uint8Array
  },
): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      return await answerBlob(served, request, await proven(served, request))
    } catch (error) {
      if (error instanceof CredentialError || error instanceof PossessionError)
        return problem(401, error.code, error.message)
      throw error
    }
  }
}

async function proven(
  { verifier, now, sha256 }: Parameters<typeof serveBlobs>[0],
  request: Request,
): Promise<Credential> {
  const [scheme = '', token = ''] = (request.headers.get('authorization') ?? '').split(' ', 2)
  const proof = request.headers.get('dpop')
  if (scheme.toLowerCase() !== 'dpop' || proof === null)
    throw new PossessionError(
      'a blob is given to who shows "Authorization: DPoP <credential>" with a proof of its key',
    )
  const credential = await verifier.verify(token, now())
  await checkPossession(proof, credential, { method: request.method, url: request.url, at: now() }, sha256)
  return credential
}

/** One range is answered, as all that a download needs; several are answered as none. */
function rangeOf(header: string | null, bytes: number): ByteRange | 'none' | undefined {
  const [, first, last] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header ?? '') ?? []
  if (first === undefined) return undefined
  const from = Number(first)
  const to = last ? Math.min(Number(last) + 1, bytes) : bytes
  return from < to ? { from, to } : 'none'
}

function streamOf(store: BlobStore, sha256: string, { from, to }: ByteRange): ReadableStream<Uint8Array> {
  let at = from
  return new ReadableStream({
    async pull(controller) {
      if (at >= to) return controller.close()
      const part = await store.read(sha256, { from: at, to: Math.min(at + CHUNK_BYTES, to) })
      if (!part || part.length === 0)
        return controller.error(new Error(`blob ${sha256} went away while it was read`))
      at += part.length
      controller.enqueue(part)
    },
  })
}

function notHere(): Response {
  return problem(404, 'not-found', 'there is no such blob in a record that you may read')
}

/** Only who may read the record is told. */
function notSent(): Response {
  return problem(404, 'blob-not-sent', 'the device that took it has not sent it yet')
}

function lost(): Response {
  const words =
    'it was here, and what the disk gives back is something else; it is taken again from whoever has it'
  return problem(404, 'blob-damaged', words)
}

function onlyDamage(error: unknown): undefined {
  if (!(error instanceof BlobError) || error.code !== 'damaged') throw error
}

function problem(status: number, code: string, detail: string): Response {
  const body = {
    type: `urn:skerry:problem:${code}`,
    title: code.replaceAll('-', ' '),
    status,
    detail,
    code,
    retryable: code === 'blob-not-sent',
  }
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  })
}
