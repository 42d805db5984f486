/** Getting a blob from whoever has it: source by source, going on at the byte where a line broke, and believing nobody until the hash says so (SPEC.md, BL-60, BL-61). */
import { ask, blobUrl, type DeviceAccess } from './hub-door.ts'
import { Idle } from './idle.ts'
import { FETCH_TRIES_MAX, IDLE_MS_MAX } from './limits.ts'
import { type BlobReason, reasonOf } from './reason.ts'
import { hashOf, joined } from './store/content.ts'

export interface FetchedRef {
  sha256: string
  bytes: number
  record: string
}

export type Fetched =
  | { kind: 'here'; content: Uint8Array<ArrayBuffer> }
  | { kind: 'missing'; why: BlobReason }

interface FetchOptions {
  /** Bytes that are here. */
  onProgress?: (bytes: number) => void
  /** Milliseconds without a byte until a source counts as gone. */
  idleMs?: number
}

/** @param sources addresses of hubs and of replicas beside, nearest first */
export async function fetchBlob(
  access: DeviceAccess,
  sources: readonly string[],
  ref: FetchedRef,
  { onProgress = () => undefined, idleMs = IDLE_MS_MAX }: FetchOptions = {},
): Promise<Fetched> {
  let why: BlobReason = { code: 'unreachable', words: 'there is nobody to ask for it' }
  for (const source of sources) {
    const parts = new Parts(ref.bytes)
    const failure = await readFrom(access, source, ref, parts, { onProgress, idleMs })
    if (failure === undefined) {
      const content = joined(parts.all)
      if ((await hashOf(content)) === ref.sha256) return { kind: 'here', content }
      why = wrongContent(`${source} gave something else than what the record refers to`)
    } else why = failure
  }
  return { kind: 'missing', why }
}

class Parts {
  readonly all: Uint8Array[] = []
  readonly #bytesMax: number
  bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get isWhole(): boolean {
    return this.bytes === this.#bytesMax
  }

  /** False: more than the reference says. */
  take(part: Uint8Array): boolean {
    this.all.push(part)
    this.bytes += part.length
    return this.bytes <= this.#bytesMax
  }
}

/** Undefined when all of it came; else why not. */
async function readFrom(
  access: DeviceAccess,
  source: string,
  ref: FetchedRef,
  parts: Parts,
  { onProgress, idleMs }: Required<FetchOptions>,
): Promise<BlobReason | undefined> {
  let why: BlobReason | undefined
  for (let tries = 0; tries < FETCH_TRIES_MAX && !parts.isWhole; tries++) {
    const url = blobUrl(source, ref.sha256, ref.record)
    const headers = { ...(parts.bytes > 0 && { range: `bytes=${parts.bytes}-` }) }
    const idle = new Idle(idleMs)
    const asked = await ask(access, url, { method: 'GET', headers, signal: idle.signal })
    if (asked.kind !== 'answer') idle.end()
    if (asked.kind === 'refused' && !asked.retryable) return reasonOf(asked)
    if (asked.kind !== 'answer') {
      why = reasonOf(asked)
      continue
    }
    const { response } = asked
    if (parts.bytes > 0 && response.status !== 206) {
      idle.end()
      await response.body?.cancel()
      return wrongContent(`${source} does not go on where the line broke`)
    }
    const before = parts.bytes
    const cut = await drain(response, parts, () => {
      idle.came()
      onProgress(parts.bytes)
    })
    idle.end()
    if (cut === 'too-much') return wrongContent(`${source} gave more than the record says`)
    if (cut !== undefined) why = cut
    if (parts.bytes > before) tries = -1
  }
  return parts.isWhole ? undefined : (why ?? wrongContent(`${source} gave less than the record says`))
}

async function drain(
  response: Response,
  parts: Parts,
  onPart: () => void,
): Promise<'too-much' | BlobReason | undefined> {
  try {
    for await (const part of response.body ?? []) {
      if (!parts.take(part)) return 'too-much'
      onPart()
    }
    return undefined
  } catch (error) {
    return { code: 'unreachable', words: error instanceof Error ? error.message : String(error) }
  }
}

function wrongContent(words: string): BlobReason {
  return { code: 'wrong-content', words }
}
