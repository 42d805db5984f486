/** What an app has of blobs: take, show, and say how each stands. Everything that is durable lies in the store and the ledger; this may be made anew at any moment. */
import type { Host, ReplicaBase } from '@skerry/core'
import { AskedClock } from '@skerry/credentials'
import { BlobError } from './blob-error.ts'
import { type BlobRef, formatRef, parseRef, THUMBNAIL_TYPE } from './blob-ref.ts'
import { BLOB_TYPES, TYPE_BYTES, typeOf } from './blob-type.ts'
import { evict } from './cache.ts'
import { dropOriginal, finishDrop, isOriginal, recordsOf } from './drop.ts'
import { fetchBlob } from './fetch-blob.ts'
import { HubGeneration } from './generation.ts'
import type { DeviceAccess } from './hub-door.ts'
import { type Ledger, type LedgerRow, replicaLedger } from './ledger.ts'
import { BLOB_BYTES_MAX, CACHE_BYTES, RECORDS_PER_ORIGINAL_MAX, SETTLED_MS, USED_GRAIN_MS } from './limits.ts'
import { BlobQueue } from './queue.ts'
import type { BlobReason } from './reason.ts'
import { hashOf } from './store/content.ts'
import type { BlobStore } from './store/port.ts'
import { Turns } from './turns.ts'

export interface BlobsOptions {
  replica: ReplicaBase
  host: Pick<Host, 'now' | 'timer' | 'sha256'>
  store: BlobStore
  /** Address of the hub: `https://hub.example`. */
  hub: string
  /** Replicas beside that serve blobs; asked before the hub. */
  beside?: () => readonly string[]
  /** False where blobs must not go out now: a phone that is not on Wi-Fi. */
  mayUpload?: () => boolean | Promise<boolean>
  /** Makes a small JPEG of a picture; absent where there is nothing to draw with. Undefined for what it cannot read. @throws BlobError `unreadable` for what nobody could: it is not taken */
  thumbnailOf?: (
    picture: Uint8Array<ArrayBuffer>,
    type: string,
  ) => Promise<Uint8Array<ArrayBuffer> | undefined>
  /** Default 25 MB. */
  bytesMax?: number
  /** Default: pictures and PDF (BLOB_TYPES). */
  types?: readonly string[]
  /** Bytes that what the hub has may take here. Default 200 MB. */
  cacheBytes?: number
  fetch?: typeof fetch
}

export type BlobState =
  /** Not sent yet; `waitsFor` says why, where something is known. */
  | { kind: 'here'; waitsFor?: BlobReason }
  /** The hub begins no more uploads just now, and says why; it is asked again. */
  | { kind: 'blocked'; why: BlobReason }
  | { kind: 'uploading'; bytes: number; of: number }
  | { kind: 'at-hub'; here: boolean }
  | { kind: 'missing'; why: BlobReason }
  | { kind: 'refused'; why: BlobReason }

/** A file as browsers give it, or bytes. */
export type Taken = Uint8Array | { size: number; arrayBuffer(): Promise<ArrayBuffer> }

export interface TakeOptions {
  /** What the camera or the file says it is; the first bytes decide. */
  type?: string
  name?: string
  /** Key of the record that is going to refer to it: `orders/17`. */
  record: string
}

const FORGOTTEN_AT_ONCE = 100
/** Key of those who make originals of what is cache, or give cache up; no hash. */
const CACHE = 'cache'
const NOT_FETCHED: BlobReason = { code: 'not-fetched', words: 'not fetched yet' }

export class Blobs {
  readonly #options: BlobsOptions
  readonly #access: DeviceAccess
  readonly #ledger: Ledger
  readonly #queue: BlobQueue
  readonly #generation: HubGeneration
  /** By the host's clock, which may jump. */
  #settledUntil = 0
  /** Place in the queue of what was taken last in this run. */
  #lastOrder = 0
  readonly #whyMissing = new Map<string, BlobReason>()
  readonly #listeners = new Set<(sha256: string) => void>()
  readonly #fetches = new Map<string, Promise<Uint8Array<ArrayBuffer>>>()
  /** By hash, or CACHE: what is taken is not given up by who drops the same. */
  readonly #turns = new Turns()
  readonly #stopListening: () => void

  constructor(options: BlobsOptions) {
    const { replica, host, store, hub, mayUpload } = options
    this.#options = options
    this.#ledger = replicaLedger(replica)
    const clock = new AskedClock(() => host.now())
    this.#access = {
      token: () => replica.credential?.token,
      key: { publicKey: replica.publicKey, sign: (message) => replica.session.sign(message) },
      now: () => clock.now(),
      heardTime: (date) => clock.heard(date),
      heard: (url, headers) => this.#generation.heard(url, headers),
      sha256: (bytes) => host.sha256(bytes),
      ...(options.fetch && { fetch: options.fetch }),
    }
    this.#generation = new HubGeneration({
      replica,
      host,
      store,
      ledger: this.#ledger,
      access: this.#access,
      hub,
      alone: (work) => this.#turns.take(CACHE, work),
      onOther: () => this.#queue.wakeSoon(),
      onChange: (sha256) => this.#changed(sha256),
    })
    this.#queue = new BlobQueue({
      host,
      store,
      hub,
      ledger: this.#ledger,
      access: this.#access,
      settled: () => this.#settled(),
      begins: async (ended) => {
        await this.#generation.look(ended)
        return this.#finishDrops()
      },
      confirms: () => this.#generation.keepFirst(),
      onSent: () => this.#tidy(),
      onChange: (sha256) => this.#changed(sha256),
      ...(mayUpload && { mayUpload }),
    })
    this.#stopListening = replica.onCommit(() => this.#queue.nudge())
    this.#queue.wake()
  }

  /** Keeps it here, durably, and gives the text to write into the record. @throws BlobError `empty`, `too-large`, `wrong-type`, `unreadable`, `full` */
  async take(file: Taken, { type: claimed, name, record }: TakeOptions): Promise<string> {
    const { host, thumbnailOf } = this.#options
    // Two of one millisecond keep their order.
    const order = Math.max(host.now(), this.#lastOrder + 1)
    this.#lastOrder = order
    const content = await this.#checked(file, claimed)
    const type = typeOf(content)!
    const small = await thumbnailOf?.(content, type)
    const thumbnail = small && (await this.#keep(small, { type: THUMBNAIL_TYPE, record, order }))
    const { sha256, bytes } = await this.#keep(content, { type, record, order: order + 0.5 })
    this.#queue.wake()
    return formatRef({ sha256, bytes, type, ...(name && { name }), ...(thumbnail && { thumbnail }) })
  }

  /** The blob, from here or from who has it. @throws BlobError `missing`, with the reason; TypeError for what is no reference */
  async open(ref: string, record: string): Promise<Uint8Array<ArrayBuffer>> {
    const { sha256, bytes, type } = checkedRef(ref)
    return this.#open({ sha256, bytes, type, record })
  }

  /** Its small picture; undefined when it has none. @throws BlobError `missing` */
  async openThumbnail(ref: string, record: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { thumbnail } = checkedRef(ref)
    return thumbnail && this.#open({ ...thumbnail, type: THUMBNAIL_TYPE, record })
  }

  async state(ref: string): Promise<BlobState> {
    const { sha256 } = checkedRef(ref)
    const row = await this.#ledger.get(sha256)
    if (!row || row.state === 'dropped')
      return { kind: 'missing', why: this.#whyMissing.get(sha256) ?? NOT_FETCHED }
    if (row.state === 'refused') {
      const { code = 'refused', words = '' } = row
      return { kind: 'refused', why: { code, words } }
    }
    if (row.state === 'at-hub')
      return { kind: 'at-hub', here: (await this.#options.store.stat(sha256)) !== undefined }
    const { uploading, waitsFor, blocked } = this.#queue
    if (uploading?.sha256 === sha256) return { kind: 'uploading', bytes: uploading.bytes, of: uploading.of }
    if (blocked !== undefined && row.uploadUrl === undefined) return { kind: 'blocked', why: blocked }
    return { kind: 'here', ...(waitsFor !== undefined && { waitsFor }) }
  }

  /** Originals that the hub has not confirmed, oldest first. */
  async waiting(): Promise<LedgerRow[]> {
    const rows = await this.#ledger.notAtHub()
    return rows.filter(isOriginal).sort((a, b) => a.order - b.order)
  }

  /** A refused one is tried again. False when it is not refused. */
  async retry(sha256: string): Promise<boolean> {
    if ((await this.#ledger.get(sha256))?.state !== 'refused') return false
    await this.#ledger.update(sha256, (row) => {
      if (row?.state !== 'refused') return row
      const { code: _, words: __, ...again } = row
      return { ...again, state: 'waiting' }
    })
    this.#queue.wake()
    return true
  }

  /**
   * The record does not refer to it any more: an original that no other record has, here, is not sent, and goes with its small picture when the hub has answered that edit. To be called when the edit is durable. True when it is to go.
   * @throws TypeError for what is no reference
   */
  async drop(ref: string, record: string): Promise<boolean> {
    const { sha256, thumbnail } = checkedRef(ref)
    const hashes = [sha256, ...(thumbnail ? [thumbnail.sha256] : [])]
    const gone: boolean[] = []
    for (const hash of hashes)
      gone.push(await this.#turns.take(hash, () => dropOriginal(this.#dropParts(), hash, record)))
    for (const hash of hashes) this.#changed(hash)
    this.#queue.wake()
    return gone[0]!
  }

  /** Everything goes, originals too: the operator took back what this device holds (the replica's event `wiped`). */
  async forget(): Promise<void> {
    const { store } = this.#options
    for (;;) {
      const page = await store.list({ limit: FORGOTTEN_AT_ONCE })
      if (page.length === 0) break
      for (const { sha256 } of page) await store.delete(sha256)
    }
    for (const { sha256 } of await this.#ledger.all()) {
      await this.#ledger.update(sha256, () => undefined)
      this.#changed(sha256)
    }
  }

  /** Called with the hash of a blob whose state changed. */
  subscribe(listener: (sha256: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The line is another one now, or Wi-Fi. */
  wake(): void {
    this.#queue.wake()
  }

  async close(): Promise<void> {
    this.#stopListening()
    await this.#queue.close()
  }

  async #checked(file: Taken, claimed: string | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const { bytesMax = BLOB_BYTES_MAX, types = BLOB_TYPES } = this.#options
    const size = file instanceof Uint8Array ? file.length : file.size
    if (size === 0)
      throw new BlobError('empty', 'this file is empty: there is nothing in it to keep; take it again')
    if (size > bytesMax)
      throw new BlobError(
        'too-large',
        `this file has ${megabytes(size)}, and at most ${megabytes(bytesMax)} are taken; take the picture in a lower resolution`,
      )
    const content =
      file instanceof Uint8Array ? new Uint8Array(file) : new Uint8Array(await file.arrayBuffer())
    const type = typeOf(content.subarray(0, TYPE_BYTES))
    if (type === undefined || !types.includes(type))
      throw new BlobError(
        'wrong-type',
        `this file is ${type ?? 'nothing that is known here'}; taken are ${types.join(', ')}`,
      )
    if (claimed && claimed !== type)
      throw new BlobError(
        'wrong-type',
        `this file is called ${claimed}, and what is in it is ${type}; save it as what it is`,
      )
    return content
  }

  async #keep(
    content: Uint8Array<ArrayBuffer>,
    about: Pick<LedgerRow, 'type' | 'record' | 'order'>,
  ): Promise<{ sha256: string; bytes: number }> {
    const sha256 = await hashOf(content)
    const bytes = content.length
    const usedAt = this.#options.host.now()
    await this.#turns.take(sha256, async () => {
      await this.#put(sha256, content)
      // The same photo again: what is known of it stays true.
      await this.#ledger.update(sha256, (known) =>
        known?.state === 'at-hub'
          ? { ...known, taken: true }
          : {
              ...about,
              sha256,
              bytes,
              taken: true,
              state: 'waiting',
              usedAt,
              ...alsoFor(known, about.record),
            },
      )
    })
    return { sha256, bytes }
  }

  /** False: some wait until the hub has answered edits. */
  async #finishDrops(): Promise<boolean> {
    const dropped = (await this.#ledger.notAtHub()).filter(({ state }) => state === 'dropped')
    if (dropped.length === 0) return true
    if (!(await this.#isAnswered())) return false
    for (const { sha256 } of dropped) {
      await this.#turns.take(sha256, () => finishDrop(this.#dropParts(), sha256))
      this.#changed(sha256)
    }
    return true
  }

  #dropParts() {
    const { replica, store } = this.#options
    return { replica, store, ledger: this.#ledger, queue: this.#queue, access: this.#access }
  }

  #open(ref: Pick<LedgerRow, 'sha256' | 'bytes' | 'type' | 'record'>): Promise<Uint8Array<ArrayBuffer>> {
    const running = this.#fetches.get(ref.sha256)
    if (running) return running
    const opening = this.#readOrFetch(ref).finally(() => this.#fetches.delete(ref.sha256))
    this.#fetches.set(ref.sha256, opening)
    return opening
  }

  async #readOrFetch(
    ref: Pick<LedgerRow, 'sha256' | 'bytes' | 'type' | 'record'>,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { store, host, hub, beside } = this.#options
    const here = await store.read(ref.sha256).catch(onlyDamage)
    if (here) {
      await this.#used(ref.sha256)
      return new Uint8Array(here)
    }
    const fetched = await fetchBlob(this.#access, [...(beside?.() ?? []), hub], ref)
    if (fetched.kind === 'missing') {
      this.#whyMissing.set(ref.sha256, fetched.why)
      this.#changed(ref.sha256)
      throw new BlobError('missing', `${ref.type} of ${ref.record}: ${fetched.why.words}`)
    }
    await this.#put(ref.sha256, fetched.content)
    const usedAt = host.now()
    // An original that was damaged here and came back from beside is an original still.
    await this.#ledger.update(ref.sha256, (known) => ({
      order: usedAt,
      state: 'at-hub',
      ...known,
      ...ref,
      usedAt,
    }))
    this.#whyMissing.delete(ref.sha256)
    this.#changed(ref.sha256)
    await this.#tidy(ref.sha256)
    return fetched.content
  }

  /** Gives up all that the hub has too: for a disk that is full. */
  makeRoom(): Promise<void> {
    return this.#shrink(0, new Set())
  }

  /** Gives up what the cache has no room for, but for what was wanted just now. */
  #tidy(wanted?: string): Promise<void> {
    const { cacheBytes = CACHE_BYTES } = this.#options
    return this.#shrink(cacheBytes, new Set(wanted === undefined ? [] : [wanted]))
  }

  async #shrink(bytesMax: number, keep: ReadonlySet<string>): Promise<void> {
    const { store } = this.#options
    const gone = await this.#turns.take(CACHE, () => evict(store, this.#ledger, { bytesMax, keep }))
    for (const sha256 of gone) this.#changed(sha256)
  }

  /** What was taken here comes before what can be fetched again. @throws BlobError `full` */
  async #put(sha256: string, content: Uint8Array<ArrayBuffer>): Promise<void> {
    const { store } = this.#options
    try {
      await store.put(sha256, content)
    } catch (error) {
      if (!(error instanceof BlobError && error.code === 'full')) throw error
      await this.makeRoom()
      await store.put(sha256, content)
    }
  }

  /** For uploads, before each piece. */
  async #settled(): Promise<boolean> {
    const now = this.#options.host.now()
    if (now >= this.#settledUntil || now < this.#settledUntil - SETTLED_MS)
      this.#settledUntil = (await this.#isAnswered()) ? now + SETTLED_MS : 0
    return this.#settledUntil > 0
  }

  /** Every edit, as of now. */
  async #isAnswered(): Promise<boolean> {
    return (await this.#options.replica.stats()).unacknowledged === 0
  }

  async #used(sha256: string): Promise<void> {
    const now = this.#options.host.now()
    const row = await this.#ledger.get(sha256)
    if (row && now - row.usedAt >= USED_GRAIN_MS)
      await this.#ledger.update(sha256, (present) => present && { ...present, usedAt: now })
  }

  #changed(sha256: string): void {
    for (const listener of this.#listeners) listener(sha256)
  }
}

/** Records that an original was taken for before. */
function alsoFor(known: LedgerRow | undefined, record: string): Pick<LedgerRow, 'alsoFor'> {
  if (!known || !isOriginal(known)) return {}
  const others = recordsOf(known).filter((one) => one !== record)
  return others.length > 0 ? { alsoFor: others.slice(0, RECORDS_PER_ORIGINAL_MAX) } : {}
}

function checkedRef(text: string): BlobRef {
  const ref = parseRef(text)
  if (!ref) throw new TypeError(`'${text.slice(0, 80)}' is no reference to a blob`)
  return ref
}

/** It is fetched again then, from who has it whole. */
function onlyDamage(error: unknown): undefined {
  if (!(error instanceof BlobError) || error.code !== 'damaged') throw error
}

function megabytes(bytes: number): string {
  return `${(bytes / (1024 * 1024)).toFixed(1)} MB`
}
