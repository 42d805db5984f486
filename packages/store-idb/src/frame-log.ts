/** The writing half of an open store: commits one after the other, and merges between them (rules C-1 to C-4, M-3). */
import { type Batch, headAfter, type LogIdentity, StoreError } from '@skerry/core'
import { framesOf, outlineOf } from './batch-frames.ts'
import { Bodies } from './bodies.ts'
import type { Connection } from './connection.ts'
import type { Frame, Index } from './frame.ts'
import type { FrameDrafts, SealedFrame } from './frame-draft.ts'
import { type ReadHead, readHead } from './frame-head.ts'
import { dueRun, isWanting, liveSpans, MERGED_FRAMES_MAX, mergedFrames } from './merge.ts'
import type { Opened } from './opening.ts'

const FRAME_STORES = ['heads', 'spares', 'bodies'] as const

export class FrameLog {
  readonly bodies: Bodies
  readonly #connection: Connection
  readonly #opened: Opened
  readonly #makeRoom: (() => Promise<void>) | undefined
  #queue: Promise<unknown> = Promise.resolve()
  /** Commits that are not done and tidied up after. */
  #waiting = 0
  /** Of the last commit, if the world refused it. */
  failure: StoreError | undefined
  #begun: Promise<true> | undefined

  constructor(connection: Connection, opened: Opened, makeRoom: (() => Promise<void>) | undefined) {
    this.#connection = connection
    this.#opened = opened
    this.#makeRoom = makeRoom
    this.bodies = new Bodies(connection)
    this.#begun = opened.begun
  }

  get index(): Index {
    return this.#opened.frames.index
  }

  get bytes(): number {
    return this.#opened.frames.bytes
  }

  get identity(): LogIdentity {
    const { log, runs } = this.#opened
    return { log, runs: runs.map((row) => ({ ...row })), head: this.index.head }
  }

  async commit(batch: Batch): Promise<void> {
    const drafts = framesOf(batch)
    const outline = outlineOf(batch)
    await this.#inTurn(async () => {
      this.index.check(outline)
      await this.#put(drafts, headAfter(outline, this.index.head))
    })
  }

  /** The row of the run becomes durable, if it is not (O-3). @throws StoreError, and the next call tries again */
  begin(): Promise<true> {
    this.#begun ??= this.#opened.begin().catch((error: unknown) => {
      this.#begun = undefined
      throw error
    })
    return this.#begun
  }

  /** Resolves when nothing is under way, with whether the store has begun. */
  async settled(): Promise<true | undefined> {
    while (this.#waiting > 0) await this.#queue
    return this.#begun?.catch(() => undefined)
  }

  async #put(drafts: FrameDrafts, head: number): Promise<void> {
    const { frames } = this.#opened
    const sealed = drafts.drafts.map((draft, at) =>
      draft.sealed(frames.nextNumber + at, frames.nextBody(), head),
    )
    try {
      await this.#write(sealed)
      this.failure = undefined
    } catch (error) {
      if (error instanceof StoreError) this.failure = error
      throw error
    }
    for (const { number, head: bytes } of sealed) frames.add(readHead(number, bytes))
    for (const { body, bytes } of sealed) this.bodies.keep(body, bytes)
  }

  async #write(frames: readonly SealedFrame[]): Promise<void> {
    const put = () => this.#connection.write('commit to', FRAME_STORES, (tx) => Promise.all(puts(tx, frames)))
    const write = () => this.begin().then(put)
    try {
      await write()
    } catch (error) {
      if (!this.#makeRoom || !(error instanceof StoreError && error.code === 'full')) throw error
      await this.#makeRoom()
      await write()
    }
  }

  /** After a commit was resolved. What a merge would have made better is as it was where it fails, and is tried again after the next commit. */
  async #tidy(): Promise<void> {
    try {
      for (let run = this.#runToMerge(); run; run = this.#runToMerge()) await this.#merge(run)
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
    }
  }

  #runToMerge(): Frame[] | undefined {
    const run = dueRun(this.#opened.frames.frames)
    return run && (this.#waiting === 1 || run.length >= MERGED_FRAMES_MAX) ? run : undefined
  }

  async #merge(run: readonly Frame[]): Promise<void> {
    await this.begin()
    const { frames } = this.#opened
    const numbers = run.map(({ number }) => number)
    const heads = await this.#heads(numbers)
    const bodies = await this.bodies.load(heads.flatMap(({ batch }) => liveSpans(this.index, batch)))
    const wanting = run.filter((_, at) => isWanting(heads[at]!, this.index, bodies))
    if (wanting.length > 0) return fix(wanting)
    const isFirst = frames.frames[0] === run[0]
    const { drafts } = mergedFrames(heads, { index: this.index, bodies, isFirst })
    if (drafts.length > run.length) return fix(run)
    const logHead = Math.max(...heads.map(({ batch }) => batch.head ?? 0))
    const sealed = drafts.map((draft, at) => draft.sealed(numbers[at]!, frames.nextBody(), logHead))
    await this.#connection.write('merge frames of', FRAME_STORES, (tx) => {
      const deletions = [
        ...numbers
          .slice(sealed.length)
          .flatMap((number) => [
            tx.objectStore('heads').delete(number),
            tx.objectStore('spares').delete(number),
          ]),
        ...run.map(({ body }) => tx.objectStore('bodies').delete(body)),
      ]
      return Promise.all([...deletions, ...puts(tx, sealed)])
    })
    frames.replace(
      run,
      sealed.map(({ number, head }) => readHead(number, head)),
    )
    for (const { body } of run) this.bodies.drop(body)
    for (const { body, bytes } of sealed) this.bodies.keep(body, bytes)
  }

  #heads(numbers: readonly number[]): Promise<ReadHead[]> {
    return this.#connection.read('merge frames of', ['heads'], async (tx) => {
      const heads = await Promise.all(numbers.map((number) => tx.objectStore('heads').get(number)))
      return heads.map((head, at) => readHead(numbers[at]!, head!))
    })
  }

  /** Resolves when it is done; the next waits for the tidying, too. */
  #inTurn(act: () => Promise<void>): Promise<void> {
    this.#waiting += 1
    const done = this.#queue.then(act)
    this.#queue = done
      .catch(() => undefined)
      .then(() => this.#tidy())
      .finally(() => {
        this.#waiting -= 1
      })
    return done
  }
}

function fix(frames: readonly Frame[]): void {
  for (const frame of frames) frame.isFixed = true
}

type Tx = Parameters<Parameters<Connection['write']>[2]>[0]

function puts(tx: Tx, frames: readonly SealedFrame[]): Promise<unknown>[] {
  return frames.flatMap(({ number, body, head, bytes }) => [
    tx.objectStore('heads').put(head, number),
    tx.objectStore('spares').put(head, number),
    ...(bytes.length > 0 ? [tx.objectStore('bodies').put(bytes, body)] : []),
  ])
}
