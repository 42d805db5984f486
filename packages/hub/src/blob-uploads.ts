/**
 * tus for blobs. A blob is there when its content was held against its
 * hash and made durable; until then an upload, however complete, is nothing (BL-50 to BL-54).
 */
import { BlobError, rightsOf, TYPE_BYTES, typeOf } from '@skerry/blobs'
import type { Credential } from '@skerry/core'
import { Server, type Upload } from '@tus/server'
import type { Api } from './api.ts'
import type { OpenBlobs } from './blobs.ts'
import { UPLOAD_METADATA_LENGTH_MAX } from './limits.ts'
import { type ProblemCode, ProblemError } from './problem.ts'
import { readTusRefusal, tusRefusal } from './tus-refusal.ts'
import { hashOfUpload, uploadName } from './upload-name.ts'

const PATH = '/api/v1/blobs/uploads'

interface Asked {
  sha256: string
  record: string
}

export type UploadServer = (request: Request, credential: Credential) => Promise<Response>

/** The hub's parts, and the folders of its blobs, which are there by now. */
type Office = Pick<Api, 'replica' | 'log'> & OpenBlobs & { bytesMax: number }

export function uploadServer(office: Office): UploadServer {
  const callers = new WeakMap<object, Credential>()
  const callerOf = (request: object): Credential => {
    const credential = callers.get(request)
    if (!credential) throw new Error('an upload without its caller')
    return credential
  }
  const server = new Server({
    path: PATH,
    datastore: office.uploads,
    // The blob's own ceiling is checked where there are words for it.
    maxSize: Number.MAX_SAFE_INTEGER,
    relativeLocation: true,
    // Answers that a page of another origin may read are no part of this.
    allowedOrigins: () => false,
    namingFunction: (request, metadata) => nameOf(metadata?.sha256 ?? '', callerOf(request)),
    async onUploadCreate(request, upload) {
      await thrown(checkBeginning(office, upload, callerOf(request)))
      return {}
    },
    async onIncomingRequest(request, id) {
      if (request.method === 'POST') return
      await thrown(goOn(office, request.method, id, callerOf(request)))
    },
    async onUploadFinish(request, upload) {
      await thrown(finish(office, upload, callerOf(request)))
      return {}
    },
  })
  return async (request, credential) => {
    callers.set(request, credential)
    if (request.method === 'OPTIONS') throw new ProblemError('not-found', 'OPTIONS: nothing here')
    if ((request.headers.get('upload-metadata') ?? '').length > UPLOAD_METADATA_LENGTH_MAX)
      throw new ProblemError(
        'invalid-request',
        `Upload-Metadata is above the limit of ${UPLOAD_METADATA_LENGTH_MAX} characters`,
      )
    const response = await server.handleWeb(request)
    return response.ok ? response : inOurWords(response)
  }
}

const statusCodes: Readonly<Record<number, ProblemCode>> = {
  404: 'upload-gone',
  409: 'upload-conflict',
  410: 'upload-gone',
  412: 'upload-version',
  413: 'blob-too-large',
  415: 'invalid-request',
  500: 'internal',
}

/** What the library refuses by itself is text; our own refusals pass through it as they are. */
async function inOurWords(response: Response): Promise<never> {
  const text = (await response.text()).trim()
  const own = readTusRefusal(text)
  if (own) throw new ProblemError(own.code, own.words)
  throw new ProblemError(
    statusCodes[response.status] ?? 'invalid-request',
    `upload: ${text || response.status}`,
  )
}

/** Only errors of this form leave the library with their status and words. */
async function thrown<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    throw tusRefusal(error)
  }
}

function nameOf(sha256: string, credential: Credential): string {
  if (!/^[0-9a-f]{64}$/.test(sha256))
    throw tusRefusal(
      new ProblemError('invalid-request', 'Upload-Metadata: sha256 is no hash of 64 hex digits'),
    )
  return uploadName(sha256, credential)
}

/** Nobody else's upload is known to who asks. */
async function goOn(office: Office, method: string, id: string, credential: Credential): Promise<void> {
  if (id !== nameOf(hashOfUpload(id), credential))
    throw new ProblemError('upload-gone', 'there is no such upload of this device')
  if (method !== 'HEAD') return
  const upload = await office.uploads.getUpload(id).catch(() => undefined)
  // All of it is here, and whoever was to be answered was not: the hub was stopped at that moment.
  if (upload && upload.size === upload.offset) await finish(office, upload, credential)
}

async function checkBeginning(office: Office, upload: Upload, credential: Credential): Promise<void> {
  const { bytesMax } = office
  const { ref } = await mayUpload(office, askedOf(upload), credential)
  const bytes = upload.size
  if (bytes === undefined)
    throw new ProblemError('invalid-request', 'Upload-Length is missing: a blob has a size')
  if (bytes === 0) throw new ProblemError('blob-empty', 'a blob without bytes is none')
  if (bytes > bytesMax)
    throw new ProblemError(
      'blob-too-large',
      `${bytes} bytes are above the limit of ${bytesMax} of this hub; send a smaller picture`,
    )
  if (bytes !== ref.bytes)
    throw new ProblemError(
      'blob-wrong-size',
      `the record says that it has ${ref.bytes} bytes, and this upload has ${bytes}`,
    )
  if (upload.metadata?.type !== ref.type)
    throw new ProblemError(
      'blob-wrong-type',
      `the record says that it is ${ref.type}, and this upload is ${upload.metadata?.type ?? 'nothing'}`,
    )
}

function askedOf({ metadata }: Upload): Asked {
  return { sha256: metadata?.sha256 ?? '', record: metadata?.record ?? '' }
}

async function mayUpload(office: Office, asked: Asked, credential: Credential) {
  const rights = await rightsOf(office.replica.rows, asked, credential)
  // The same words for a record that is not there and one that is hidden.
  if (!rights)
    throw new ProblemError(
      'blob-unreferenced',
      `no record '${asked.record.slice(0, 80)}' refers to this blob here yet; it is taken when the record has come`,
    )
  if (!rights.mayWrite)
    throw new ProblemError(
      'forbidden',
      `'${credential.subject}' may not write ${asked.record}, which refers to this blob`,
    )
  return rights
}

async function finish(office: Office, upload: Upload, credential: Credential): Promise<void> {
  const { uploads, store } = office
  const { sha256, record } = askedOf(upload)
  try {
    const { ref } = await mayUpload(office, { sha256, record }, credential)
    await checkType(office, upload, ref.type)
    await store.put(sha256, contentOf(office, upload))
  } catch (error) {
    const refusal = refusalOf(error)
    // What may work later keeps what was sent.
    if (!refusal.retryable) await uploads.remove(upload.id)
    throw refusal
  }
  await uploads.remove(upload.id)
  office.log.info({ sha256, bytes: upload.size, record, subject: credential.subject }, 'blob kept')
}

/** Opened when it is read, and not when the blob turns out to be there. */
async function* contentOf({ uploads }: Office, { id }: Upload): AsyncGenerator<Uint8Array> {
  for await (const part of uploads.read(id)) yield part as Uint8Array
}

function refusalOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  if (!(error instanceof BlobError)) throw error
  if (error.code === 'wrong-hash') return new ProblemError('blob-wrong-hash', error.message)
  return new ProblemError(
    'blobs-full',
    'the hub has no room for this just now; what was sent is kept until there is',
  )
}

async function checkType(office: Office, upload: Upload, type: string): Promise<void> {
  const head: Uint8Array[] = []
  let bytes = 0
  for await (const part of contentOf(office, upload)) {
    head.push(part)
    bytes += part.length
    if (bytes >= TYPE_BYTES) break
  }
  const is = typeOf(Buffer.concat(head))
  if (is !== type)
    throw new ProblemError(
      'blob-wrong-type',
      `the record says that it is ${type}, and its content is ${is ?? 'nothing that is taken here'}`,
    )
}
