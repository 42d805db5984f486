/**
 * Blobs for pages, where the replica and its blobs live in a worker that all tabs share and that may die: each call is said to whoever has the blobs now, again until it is answered, which is safe because none of
 * them does twice what it does once (SPEC.md, BL-70 to BL-73). What a blob holds crosses as a `Blob`, which browsers hand over without copying it.
 */
import { BlobError, type BlobErrorCode } from './blob-error.ts'
import type { BlobState, Blobs, TakeOptions } from './blobs.ts'
import type { LedgerRow } from './ledger.ts'
import { ANSWERS_KEPT_MAX, CALL_AGAIN_MS } from './limits.ts'

/** A `BroadcastChannel`, or anything like it: who says something does not hear it. */
export interface Channel {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  removeEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
}

/** The same as `Blobs`, from elsewhere. */
export interface PageBlobs {
  take(file: Blob, options: TakeOptions): Promise<string>
  open(ref: string, record: string): Promise<Blob>
  openThumbnail(ref: string, record: string): Promise<Blob | undefined>
  state(ref: string): Promise<BlobState>
  waiting(): Promise<LedgerRow[]>
  retry(sha256: string): Promise<boolean>
  drop(ref: string, record: string): Promise<boolean>
  /** The line is another one now. */
  wake(): Promise<void>
  subscribe(listener: (sha256: string) => void): () => void
  close(): void
}

interface Calls {
  take(file: Blob, options: TakeOptions): Promise<string>
  open(ref: string, record: string): Promise<Blob>
  openThumbnail(ref: string, record: string): Promise<Blob | undefined>
  state(ref: string): Promise<BlobState>
  waiting(): Promise<LedgerRow[]>
  retry(sha256: string): Promise<boolean>
  drop(ref: string, record: string): Promise<boolean>
  wake(): Promise<void>
}

/** What a second time would do twice: a photo taken again after it was dropped would stay for ever. Their answers are small. */
const CHANGING: ReadonlySet<keyof Calls> = new Set(['take', 'drop', 'retry'])

interface Failure {
  name: string
  code: string | undefined
  message: string
}

type Message =
  | { kind: 'call'; id: string; method: keyof Calls; args: unknown[] }
  | { kind: 'answer'; id: string; value: unknown }
  | { kind: 'failure'; id: string; error: Failure }
  | { kind: 'changed'; sha256: string }

/** In the worker that has the blobs. The result ends it. */
export function answerPages(channel: Channel, blobs: Blobs): () => void {
  const calls = callsOf(blobs)
  /** Said again while it is under way: once is enough. */
  const underWay = new Set<string>()
  /** Said again just before its answer was heard: it is answered the same. Only of what changes anything; newest last. */
  const answered = new Map<string, Message>()
  const hear = async ({ data }: { data: unknown }) => {
    const message = data as Message
    if (message.kind !== 'call' || underWay.has(message.id)) return
    const { id, method, args } = message
    const before = answered.get(id)
    if (before) return channel.postMessage(before)
    underWay.add(id)
    const answer = await outcomeOf(id, () => (calls[method] as (...args: unknown[]) => unknown)(...args))
    if (CHANGING.has(method)) answered.set(id, answer)
    for (const [oldest] of answered) {
      if (answered.size <= ANSWERS_KEPT_MAX) break
      answered.delete(oldest)
    }
    channel.postMessage(answer)
    underWay.delete(id)
  }
  const listener = (event: { data: unknown }) => void hear(event)
  channel.addEventListener('message', listener)
  const stop = blobs.subscribe((sha256) => channel.postMessage({ kind: 'changed', sha256 } satisfies Message))
  return () => {
    stop()
    channel.removeEventListener('message', listener)
  }
}

function callsOf(blobs: Blobs): Calls {
  const asBlob = (content: Uint8Array<ArrayBuffer>) => new Blob([content])
  return {
    take: (file, options) => blobs.take(file, options),
    open: async (ref, record) => asBlob(await blobs.open(ref, record)),
    async openThumbnail(ref, record) {
      const content = await blobs.openThumbnail(ref, record)
      return content && asBlob(content)
    },
    state: (ref) => blobs.state(ref),
    waiting: () => blobs.waiting(),
    retry: (sha256) => blobs.retry(sha256),
    drop: (ref, record) => blobs.drop(ref, record),
    wake: async () => blobs.wake(),
  }
}

async function outcomeOf(id: string, work: () => unknown): Promise<Message> {
  try {
    return { kind: 'answer', id, value: await work() }
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    const { code } = error as { code?: string }
    return { kind: 'failure', id, error: { name, code, message } }
  }
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
  again: ReturnType<typeof setInterval>
}

/** In a page. */
export function pageBlobs(channel: Channel): PageBlobs {
  const waiting = new Map<string, Waiting>()
  const listeners = new Set<(sha256: string) => void>()
  const settle = (id: string): Waiting | undefined => {
    const call = waiting.get(id)
    clearInterval(call?.again)
    waiting.delete(id)
    return call
  }
  const hear = ({ data }: { data: unknown }) => {
    const message = data as Message
    if (message.kind === 'changed') for (const listener of listeners) listener(message.sha256)
    if (message.kind === 'answer') settle(message.id)?.resolve(message.value)
    if (message.kind === 'failure') settle(message.id)?.reject(errorOf(message.error))
  }
  channel.addEventListener('message', hear)
  const call =
    <Method extends keyof Calls>(method: Method) =>
    (...args: Parameters<Calls[Method]>) =>
      new Promise<Awaited<ReturnType<Calls[Method]>>>((resolve, reject) => {
        const id = crypto.randomUUID()
        const say = () => channel.postMessage({ kind: 'call', id, method, args } satisfies Message)
        waiting.set(id, {
          resolve: resolve as (value: unknown) => void,
          reject,
          again: setInterval(say, CALL_AGAIN_MS),
        })
        say()
      })
  return {
    take: call('take'),
    open: call('open'),
    openThumbnail: call('openThumbnail'),
    state: call('state'),
    waiting: call('waiting'),
    retry: call('retry'),
    drop: call('drop'),
    wake: call('wake'),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {
      channel.removeEventListener('message', hear)
      for (const id of [...waiting.keys()])
        settle(id)?.reject(new BlobError('closed', 'this page let go of its blobs'))
    },
  }
}

function errorOf({ name, code, message }: Failure): Error {
  if (name === 'BlobError') return new BlobError(code as BlobErrorCode, message)
  return Object.assign(new Error(message), { name, code })
}
