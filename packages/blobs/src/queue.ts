/**
 * The originals on their way to the hub, one after another (SPEC.md, BL-30 to BL-37). One loop decides; it is woken by whatever may have changed, and looks again by itself after failures.
 *
 *   waiting ──▶ has the hub it? ──yes──▶ at-hub
 *      ▲             │ no
 *      │             ▼
 *      ├─ paused ◀─ upload ──sent──▶ has the hub it? ──no──▶ begin anew
 *      └─ nobody ◀─┘   └─ refused for good ──▶ refused
 */
import type { Host } from '@skerry/core'
import { BlobError } from './blob-error.ts'
import { ask, blobUrl, type DeviceAccess, uploadsUrl } from './hub-door.ts'
import type { Ledger, LedgerRow } from './ledger.ts'
import { ANSWER_MS_MAX, NUDGE_MS, RETRY_MS_MAX, RETRY_MS_MIN } from './limits.ts'
import { PieceSize } from './piece-size.ts'
import { type BlobReason, reasonOf } from './reason.ts'
import type { BlobStore } from './store/port.ts'
import type { UploadEnd } from './upload.ts'

export interface QueueOptions {
  host: Pick<Host, 'timer'>
  ledger: Ledger
  store: BlobStore
  access: DeviceAccess
  /** Address of the hub. */
  hub: string
  /** False where blobs must not go out now: a phone that is not on Wi-Fi. */
  mayUpload?: () => boolean | Promise<boolean>
  /** True when no edit of this replica waits for the hub's answer. */
  settled?: () => boolean | Promise<boolean>
  /** Before it looks for what is to be sent. False: not all of it could be done before the hub has answered edits. */
  begins?: (ended: AbortSignal) => Promise<boolean>
  /** The hub has said that it has a blob; this comes before it is written down. */
  confirms?: () => Promise<void>
  /** After a look in which some are no originals any more. */
  onSent?: () => Promise<void>
  /** A blob's standing changed: read it again. */
  onChange?: (sha256: string) => void
}

type SendEnd =
  | UploadEnd
  /** It is not here any more. */
  | { kind: 'lost' }
  /** The upload seemed complete, and the hub has no blob. */
  | { kind: 'begin-anew' }

export interface Uploading {
  sha256: string
  bytes: number
  of: number
}

/** The hub's codes for: no new upload now, of this device or of any. */
const CEILINGS: ReadonlySet<string> = new Set(['too-many-uploads', 'uploads-full'])

const EDITS_FIRST: BlobReason = { code: 'edits-first', words: 'edits are sent first' }
const NOT_NOW: BlobReason = { code: 'not-now', words: 'waits for a line on which photos may be sent' }

export class BlobQueue {
  readonly #options: QueueOptions
  readonly #pieces = new PieceSize()
  readonly #ended = new AbortController()
  /** Those the hub does not want yet: passed over until the next look. */
  readonly #putOff = new Set<string>()
  #running: Promise<void> | undefined
  #isWoken = false
  #hasSent = false
  #retryMs = RETRY_MS_MIN
  #stopTimer: () => void = () => undefined
  uploading: Uploading | undefined
  #sending: { sha256: string; stop: AbortController } | undefined
  #waitsForEdits = false
  #isNudged = false
  #stopNudge: () => void = () => undefined
  /** Why the hub begins no more uploads just now; those that it began go on. */
  blocked: BlobReason | undefined
  /** In this look. */
  #isBlocked = false
  /** Why nothing is sent just now. */
  waitsFor: BlobReason | undefined
  /** The same as far as this device knows before it asks anybody: listeners were told. */
  #toldToWaitFor: BlobReason | undefined

  constructor(options: QueueOptions) {
    this.#options = options
  }

  /** A blob was taken, or the line is another one now. */
  wake(): void {
    if (this.#ended.signal.aborted) return
    this.#retryMs = RETRY_MS_MIN
    this.#isWoken = true
    this.#start()
  }

  /** Whoever wakes it while it falls asleep is not overheard. */
  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      if (this.#isWoken && !this.#ended.signal.aborted) this.#start()
    })
  }

  #again(): void {
    const retryMs = this.#retryMs
    this.wake()
    this.#retryMs = retryMs
  }

  /** It is not to be sent any more: what is under way ends. */
  stop(sha256: string): void {
    if (this.#sending?.sha256 === sha256) this.#sending.stop.abort()
  }

  /** Something was committed: an answer to edits, perhaps. */
  nudge(): void {
    // Commits come by the hundred while much arrives; finding out whether edits wait reads the log.
    if (this.#waitsForEdits) this.wakeSoon()
  }

  /** Once for many. */
  wakeSoon(): void {
    if (this.#isNudged || this.#ended.signal.aborted) return
    this.#isNudged = true
    this.#stopNudge = this.#options.host.timer(NUDGE_MS, () => {
      this.#isNudged = false
      this.wake()
    })
  }

  /** Resolves when nothing is under way; what was begun goes on another time. */
  async close(): Promise<void> {
    this.#ended.abort()
    this.#stopTimer()
    this.#stopNudge()
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#isWoken && !this.#ended.signal.aborted) {
      this.#isWoken = false
      this.#stopTimer()
      const isDone = await this.#look().catch((error: unknown) => {
        // The replica's store, mostly: it is told, and tried again.
        this.waitsFor = {
          code: 'store-failing',
          words: error instanceof Error ? error.message : String(error),
        }
        return false
      })
      if (!isDone && !this.#isWoken) this.#lookAgain()
    }
  }

  async #look(): Promise<boolean> {
    try {
      return await this.#sendAll()
    } finally {
      // Not after each: a hub that has hundreds already says so in a row, and what this does reads all.
      if (this.#hasSent) await this.#options.onSent?.()
      this.#hasSent = false
    }
  }

  /** True when nothing waits any more. */
  async #sendAll(): Promise<boolean> {
    this.#putOff.clear()
    this.#isBlocked = false
    const isBegun = (await this.#options.begins?.(this.#ended.signal)) ?? true
    this.#waitsForEdits = !isBegun
    for (;;) {
      const row = await this.#next()
      if (!row) return isBegun && this.#putOff.size === 0 && !this.#isBlocked
      if (!(await this.#mayGoOn())) return false
      const stop = new AbortController()
      this.#sending = { sha256: row.sha256, stop }
      const end = await this.#send(row, stop.signal)
      this.#sending = undefined
      this.uploading = undefined
      const goesOn = await this.#settle(row, end)
      this.#options.onChange?.(row.sha256)
      if (!goesOn || this.#ended.signal.aborted) return false
    }
  }

  async #next(): Promise<LedgerRow | undefined> {
    const rows = await this.#options.ledger.notAtHub()
    return rows
      .filter(({ state, sha256 }) => state === 'waiting' && !this.#putOff.has(sha256))
      .filter(({ uploadUrl }) => !this.#isBlocked || uploadUrl !== undefined)
      .sort((a, b) => a.order - b.order)[0]
  }

  async #block(why: BlobReason | undefined): Promise<void> {
    if (this.blocked?.words === why?.words) return
    this.blocked = why
    await this.#tellWaiting()
  }

  /** Why they wait is part of how they stand. */
  async #tellWaiting(): Promise<void> {
    const rows = await this.#options.ledger.notAtHub()
    for (const { state, sha256 } of rows) if (state === 'waiting') this.#options.onChange?.(sha256)
  }

  async #mayGoOn(): Promise<boolean> {
    const { mayUpload, settled } = this.#options
    if (this.#ended.signal.aborted) return false
    this.waitsFor = undefined
    this.#waitsForEdits = settled !== undefined && !(await settled())
    if (this.#waitsForEdits) this.waitsFor = EDITS_FIRST
    if (mayUpload && !(await mayUpload())) this.waitsFor = NOT_NOW
    const told = this.#toldToWaitFor
    this.#toldToWaitFor = this.waitsFor
    if (told !== this.#toldToWaitFor) await this.#tellWaiting()
    return this.#toldToWaitFor === undefined
  }

  async #send(row: LedgerRow, stopped: AbortSignal): Promise<SendEnd> {
    const signal = AbortSignal.any([this.#ended.signal, stopped])
    const before = await this.#ask(row, signal)
    if (before.kind !== 'refused' || before.status !== 404) return before
    const { store, access, ledger, onChange } = this.#options
    if (!(await isSound(store, row.sha256))) return { kind: 'lost' }
    const { upload } = await import('./upload.ts')
    const progress = (bytes: number) => {
      this.uploading = { sha256: row.sha256, bytes, of: row.bytes }
      onChange?.(row.sha256)
    }
    const end = await upload(access, {
      endpoint: uploadsUrl(this.#options.hub),
      uploadUrl: row.uploadUrl,
      bytes: row.bytes,
      read: async (from, to) => (await store.read(row.sha256, { from, to })) ?? new Uint8Array(),
      metadata: { sha256: row.sha256, type: row.type, record: row.record },
      pieces: this.#pieces,
      onUrl: async (uploadUrl) => {
        progress(0)
        await ledger.update(row.sha256, (now) => now && { ...now, uploadUrl })
        await this.#block(undefined)
      },
      onProgress: (bytes) => {
        this.#retryMs = RETRY_MS_MIN
        progress(bytes)
      },
      mayGoOn: () => this.#mayGoOn(),
      signal,
    })
    if (end.kind !== 'sent') return end
    // Only the hub's word about the blob itself counts: an upload may be complete, and never have become one.
    const after = await this.#ask(row, signal)
    return after.kind === 'refused' && after.status === 404 ? { kind: 'begin-anew' } : after
  }

  /** `sent`: the hub has it. */
  async #ask({ sha256, record }: LedgerRow, stopped: AbortSignal): Promise<UploadEnd> {
    const { access, hub } = this.#options
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(ANSWER_MS_MAX)])
    const asked = await ask(access, blobUrl(hub, sha256, record), { method: 'HEAD', signal })
    if (asked.kind !== 'answer') return asked
    // What gives the original up is the hub's word about this blob: a proxy or a sign-in may answer anything with 200.
    const isNamed = asked.response.headers.get('etag')?.replace(/^W\//, '') === `"${sha256}"`
    return isNamed
      ? { kind: 'sent' }
      : {
          kind: 'nobody',
          code: 'no-hub',
          words: `${hub}: what answers is no hub; does this network want a sign-in?`,
        }
  }

  /** True: go on with the next one. */
  async #settle({ sha256 }: LedgerRow, end: SendEnd): Promise<boolean> {
    if ('words' in end) this.waitsFor = reasonOf(end)
    switch (end.kind) {
      case 'sent':
        this.#retryMs = RETRY_MS_MIN
        await this.#options.confirms?.()
        await this.#become(sha256, { state: 'at-hub' })
        this.#hasSent = true
        return true
      case 'lost':
        await this.#become(sha256, {
          state: 'refused',
          code: 'lost',
          words: 'this device lost it before it was sent, or its disk damaged it',
        })
        return true
      case 'begin-anew':
        await this.#become(sha256, { state: 'waiting' })
        return false
      case 'paused':
      case 'nobody':
        return false
      case 'refused':
        return this.#refused(sha256, end)
    }
  }

  async #refused(
    sha256: string,
    { status, code, retryable, words }: SendEnd & { kind: 'refused' },
  ): Promise<boolean> {
    if (CEILINGS.has(code)) {
      this.#isBlocked = true
      await this.#become(sha256, { state: 'waiting' })
      await this.#block({ code, words })
      return true
    }
    if (retryable) {
      // Of this blob (409), or of all: a hub that is stopping, or counts too many requests.
      if (status === 409) this.#putOff.add(sha256)
      return status === 409
    }
    // Who this device is is no fault of the blob: there may be a new credential soon.
    if (status === 401) return false
    // Nor is an upload that the hub does not know any more.
    const isGone = status === 404 || status === 410
    await this.#become(sha256, isGone ? { state: 'waiting' } : { state: 'refused', code, words })
    return !isGone
  }

  /** What an upload left is over. */
  #become(sha256: string, standing: Pick<LedgerRow, 'state' | 'code' | 'words'>): Promise<void> {
    return this.#options.ledger.update(sha256, (row) => {
      // Dropped meanwhile: it stays so.
      if (!row || row.state === 'dropped') return row
      const { uploadUrl: _, code: __, words: ___, ...rest } = row
      return { ...rest, ...standing }
    })
  }

  #lookAgain(): void {
    const delayMs = this.#retryMs
    this.#retryMs = Math.min(RETRY_MS_MAX, this.#retryMs * 2)
    this.#stopTimer = this.#options.host.timer(delayMs, () => this.#again())
  }
}

/** Here, and what it was. */
async function isSound(store: BlobStore, sha256: string): Promise<boolean> {
  try {
    return (await store.read(sha256, { from: 0, to: 1 })) !== undefined
  } catch (error) {
    if (error instanceof BlobError && error.code === 'damaged') return false
    throw error
  }
}
