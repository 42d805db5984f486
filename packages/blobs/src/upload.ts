/**
 * One upload by tus, as far as the line and the host let it: tus-js-client keeps the protocol (creation, offset, pieces), here are its requests, made by `fetch` so that they run in a page, in
 * every worker and in Node, and the size of the pieces. It ends in one of few ways, and leaves the rest to the queue (SPEC.md, BL-31, BL-32).
 */
import { type FileReader, type HttpRequest, type HttpResponse, type HttpStack, Upload } from 'tus-js-client'
import { type Asked, ask, type DeviceAccess } from './hub-door.ts'
import { PIECE_MS_MAX } from './limits.ts'
import type { PieceSize } from './piece-size.ts'

export interface UploadTask {
  endpoint: string
  /** Where an earlier try left off. */
  uploadUrl: string | undefined
  bytes: number
  read(from: number, to: number): Promise<Uint8Array>
  metadata: Record<string, string>
  pieces: PieceSize
  /** Durable before the first piece is sent. */
  onUrl(url: string): Promise<void>
  /** Bytes that the hub has. */
  onProgress(bytes: number): void
  /** Asked before each piece: edits come first, and the line may be another one by now. */
  mayGoOn(): Promise<boolean>
  signal: AbortSignal
}

export type UploadEnd =
  | { kind: 'sent' }
  /** The host wants it to wait. */
  | { kind: 'paused' }
  | Exclude<Asked, { kind: 'answer' }>

export function upload(access: DeviceAccess, task: UploadTask): Promise<UploadEnd> {
  return new Promise((resolve) => {
    const over = new AbortController()
    const finish = (end: UploadEnd) => {
      over.abort()
      resolve(end)
    }
    const stack = new FetchStack(access, task, finish)
    const running = new Upload(SOURCE as never, {
      endpoint: task.endpoint,
      uploadUrl: task.uploadUrl ?? null,
      chunkSize: task.pieces.bytes,
      metadata: task.metadata,
      retryDelays: null,
      storeFingerprintForResuming: false,
      httpStack: stack,
      fileReader: readerOf(task),
      // It keeps nothing itself: the ledger does.
      fingerprint: async () => null as never,
      onUploadUrlAvailable: () => {
        if (running.url !== null && running.url !== task.uploadUrl) stack.keepUrl(running.url)
      },
      onChunkComplete: (_size, bytes) => {
        running.options.chunkSize = task.pieces.bytes
        task.onProgress(bytes)
      },
      onSuccess: () => finish({ kind: 'sent' }),
      onError: (error) => finish(stack.end ?? { kind: 'nobody', code: 'unreachable', words: error.message }),
    })
    task.signal.addEventListener('abort', () => finish({ kind: 'paused' }), { signal: over.signal })
    running.start()
  })
}

/** What the reader below stands for; the library only hands it on. */
const SOURCE = {}

function readerOf({ bytes, read }: UploadTask): FileReader {
  return {
    openFile: async () => ({
      size: bytes,
      slice: async (from: number, to: number) => {
        const value = await read(from, Math.min(to, bytes))
        return { value: Object.assign(value, { size: value.length }), done: to >= bytes }
      },
      close: () => undefined,
    }),
  } as FileReader
}

class FetchStack implements HttpStack {
  readonly #access: DeviceAccess
  readonly #task: UploadTask
  readonly #finish: (end: UploadEnd) => void
  #urlKept: Promise<void> = Promise.resolve()
  /** How the last request ended, where it was no answer. */
  end: Exclude<UploadEnd, { kind: 'sent' }> | undefined

  constructor(access: DeviceAccess, task: UploadTask, finish: (end: UploadEnd) => void) {
    this.#access = access
    this.#task = task
    this.#finish = finish
  }

  keepUrl(url: string): void {
    this.#urlKept = this.#task.onUrl(url)
    // The next request says so; there may be none, when all of this is being closed.
    this.#urlKept.catch(() => undefined)
  }

  createRequest(method: string, url: string): HttpRequest {
    const headers: Record<string, string> = {}
    return {
      getMethod: () => method,
      getURL: () => url,
      setHeader: (name, value) => {
        headers[name] = value
      },
      getHeader: (name) => headers[name],
      // The hub's word about what it has counts, not what left here.
      setProgressHandler: () => undefined,
      send: (body: Uint8Array<ArrayBuffer> | null) => this.#send(method, url, headers, body),
      abort: async () => undefined,
      getUnderlyingObject: () => undefined,
    }
  }

  getName(): string {
    return 'fetch'
  }

  async #send(
    method: string,
    url: string,
    headers: Record<string, string>,
    body: Uint8Array<ArrayBuffer> | null,
  ): Promise<HttpResponse> {
    const { pieces, signal, mayGoOn } = this.#task
    await this.#urlKept
    if (signal.aborted || !(await mayGoOn())) return this.#stop({ kind: 'paused' })
    const sentAt = this.#access.now()
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(PIECE_MS_MAX)])
    const asked = await ask(this.#access, url, { method, headers, signal: inTime, ...(body && { body }) })
    if (method === 'PATCH') pieces.took(asked.kind === 'answer' ? this.#access.now() - sentAt : undefined)
    if (asked.kind === 'answer') {
      await asked.response.body?.cancel()
      return responseOf(asked.response.status, asked.response.headers)
    }
    // An answer to HEAD has no words. Where an upload cannot go on, the library begins it anew, and that is refused with words if it is.
    if (asked.kind === 'refused' && method === 'HEAD' && !asked.retryable && asked.status !== 401)
      return responseOf(asked.status, new Headers())
    return this.#stop(asked)
  }

  #stop(end: Exclude<UploadEnd, { kind: 'sent' }>): never {
    this.end = end
    this.#finish(end)
    throw new Error('words' in end ? end.words : end.kind)
  }
}

function responseOf(status: number, headers: Headers): HttpResponse {
  return {
    getStatus: () => status,
    getHeader: (name) => headers.get(name) ?? undefined,
    getBody: () => '',
    getUnderlyingObject: () => undefined,
  } as HttpResponse
}
