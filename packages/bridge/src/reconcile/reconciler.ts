/** When walks are made, one type after the other, and what becomes of one that cannot go on now (SPEC B-115). */
import { decodeUtf8, encodeUtf8 } from '@skerry/core'
import { waitMs } from '../back-off.ts'
import { BridgeError } from '../bridge-error.ts'
import type { Shared } from '../bridge-life.ts'
import { isSomePaused, mappingsOfType } from '../choose-mapping.ts'
import { releaseSome } from '../identity/release.ts'
import { parentsFirst } from '../mapping/parents-first.ts'
import { tableOf } from '../tables.ts'
import { takeAbsences } from './absences.ts'
import type { WalkBudget } from './budget.ts'
import { walkListing } from './listing.ts'
import { findMissing } from './missing.ts'
import type { WalkReport } from './report.ts'
import { settleRecords } from './unsettled.ts'
import { askForWalk, decodeWalk, dueWalk, putWalk, readWalk, type Walk } from './walk.ts'
import type { Halt } from './walk-calls.ts'
import { WalkRun } from './walk-run.ts'

export interface ReconcileOptions {
  /** Default: every mapped type. */
  type?: string
  /** Says what would be done, and does nothing. */
  dryRun?: boolean
  /** Also when more rows are missing than are there (B-120). */
  acceptDeletions?: boolean
}

export interface ReconcilerSettings {
  budget: WalkBudget
  /** Milliseconds between two walks of a type; 0: none by itself. */
  intervalMs: number
}

interface Waiting {
  resolve(report: WalkReport): void
  reject(error: unknown): void
}

export class Reconciler {
  readonly #shared: Shared
  readonly #settings: ReconcilerSettings
  /** Whoever asked for a walk that has not begun, by type; and for the one under way. */
  readonly #asked = new Map<string, Waiting[]>()
  readonly #promised = new Map<string, Waiting[]>()
  readonly #failures = new Map<string, number>()
  /** Milliseconds since 1970. */
  readonly #madeAt: number
  /** Types of which a walk is due or under way; before it was looked whether one is, all that can be walked. */
  readonly #open: Set<string>

  constructor(shared: Shared, settings: ReconcilerSettings) {
    this.#shared = shared
    this.#settings = settings
    this.#madeAt = shared.context.host.now()
    this.#open = new Set(shared.adapter.list ? this.#types : [])
  }

  get open(): number {
    return this.#open.size
  }

  /** For the lane. @returns milliseconds until there is more to do */
  async run(): Promise<number | undefined> {
    const waits: number[] = []
    for (const mapping of this.#shared.context.mappings)
      while (!this.#isEnded && (await releaseSome(this.#shared, mapping))) {
        // In pages, so that others may write between them.
      }
    for (const type of this.#types) {
      const wait = await this.#type(type)
      if (wait !== undefined) waits.push(wait)
    }
    return waits.length > 0 ? Math.min(...waits) : undefined
  }

  /** @throws BridgeError cannot-reconcile */
  async ask({ type, dryRun = false, acceptDeletions = false }: ReconcileOptions): Promise<WalkReport[]> {
    const types = this.#chosen(type)
    const paused = types.find((each) => isSomePaused(this.#shared.context, each))
    if (paused !== undefined)
      throw new BridgeError(
        'cannot-reconcile',
        `${paused} cannot be compared while a mapping of it is paused, because it does not fit the schema of ${this.#shared.context.system}; ask again when it goes on, or name another type`,
      )
    if (dryRun) {
      const reports: WalkReport[] = []
      for (const each of types) reports.push(await this.#rehearse(each, acceptDeletions))
      return reports
    }
    const waiting = types.map(
      (each) =>
        new Promise<WalkReport>((resolve, reject) => {
          const asked = this.#asked.get(each) ?? []
          this.#asked.set(each, [...asked, { resolve, reject }])
        }),
    )
    await this.#shared.transact(async (tables) => {
      for (const each of types) await askForWalk(tables, each, 'demand', acceptDeletions)
    })
    return Promise.all(waiting)
  }

  /** What the last walk of each type found. */
  async reports(): Promise<WalkReport[]> {
    const reports = await Promise.all(this.#types.map((type) => this.#lastReport(type)))
    return reports.filter((report) => report !== undefined)
  }

  /** Whoever waits for a walk hears that it goes on at the next start. */
  end(): void {
    for (const [type, waiting] of [...this.#asked, ...this.#promised])
      for (const { reject } of waiting)
        reject(
          new BridgeError(
            'cannot-reconcile',
            `the bridge was closed before ${type} was walked to its end; the walk goes on when it starts again`,
          ),
        )
    this.#asked.clear()
    this.#promised.clear()
  }

  get #isEnded(): boolean {
    return this.#shared.call.signal.aborted
  }

  /** What others refer to comes first, so that hardly a row waits for another one (B-85). */
  get #types(): readonly string[] {
    return parentsFirst(this.#shared.context.mappings)
  }

  #chosen(type: string | undefined): readonly string[] {
    const { context, adapter } = this.#shared
    if (!adapter.list)
      throw new BridgeError(
        'cannot-reconcile',
        `the adapter ${adapter.name} cannot list what there is, and so ${context.system} cannot be compared with what is here`,
      )
    if (type === undefined) return this.#types
    if (this.#types.includes(type)) return [type]
    const known = this.#types.join(', ')
    throw new BridgeError(
      'cannot-reconcile',
      `no mapping of ${context.system} has the type '${type}'; it has ${known}`,
    )
  }

  async #type(type: string): Promise<number | undefined> {
    const { adapter, context, hasFollowed } = this.#shared
    const matches = mappingsOfType(context, type).some(({ match }) => match.length > 0)
    if (!adapter.list || (matches && !hasFollowed) || isSomePaused(context, type)) return undefined
    for (;;) {
      const walk = await this.#due(type)
      if (typeof walk === 'number' || !walk) {
        this.#open.delete(type)
        return walk
      }
      this.#open.add(type)
      const halt = await this.#walk(type, walk)
      if (this.#isEnded) return undefined
      if (!halt) {
        this.#failures.delete(type)
        continue
      }
      if (halt.kind === 'wait') return halt.ms
      const failures = (this.#failures.get(type) ?? 0) + 1
      this.#failures.set(type, failures)
      context.report({
        level: 'warn',
        code: 'walk-halted',
        message: `${context.system}: the walk over ${type} waits (${halt.kind}): ${halt.reason}`,
        fields: { type },
      })
      return waitMs(context.host, failures, 'retryAfterMs' in halt ? halt.retryAfterMs : undefined)
    }
  }

  /** @returns the walk that is due, or milliseconds until one is */
  async #due(type: string): Promise<Walk | number | undefined> {
    const { replica, context } = this.#shared
    const kept = await replica.table(tableOf(context.system, 'walks'), type)
    if (kept) return decodeWalk(kept)
    if (this.#settings.intervalMs === 0) return undefined
    const wait = await this.#untilScheduled(type)
    if (wait > 0) return wait
    await this.#shared.transact((tables) => askForWalk(tables, type, 'schedule'))
    return this.#due(type)
  }

  /** @returns milliseconds */
  async #untilScheduled(type: string): Promise<number> {
    const { replica, context } = this.#shared
    const { intervalMs } = this.#settings
    const last = await this.#lastReport(type)
    const now = context.host.now()
    // A clock that was set back must not put off the next walk for as long as it is behind.
    if (last) return last.endedAt <= now ? last.endedAt + intervalMs - now : 0
    // What was never told comes in by `changes`; a walk meanwhile would read all of it a second time.
    const position = await replica.table(tableOf(context.system, 'position'), type)
    return position === undefined ? Math.min(intervalMs, this.#madeAt + intervalMs - now) : 0
  }

  async #walk(type: string, walk: Walk): Promise<Halt | undefined> {
    const run = new WalkRun(this.#shared, type, walk, this.#settings.budget)
    if (walk.startedAt === undefined) await this.#begin(run)
    const halt = await this.#phases(run)
    if (halt || this.#isEnded) return halt
    await this.#finish(run)
    return undefined
  }

  async #begin(run: WalkRun): Promise<void> {
    const { type } = run
    await run.notes.clear()
    const startedAt = this.#shared.context.host.now()
    Object.assign(run.walk, { startedAt, startSeq: this.#shared.replica.head })
    run.walk.report.startedAt = startedAt
    await run.save(() => {
      if (!run.walk.report.dryRun) this.#promise(type)
    })
  }

  /** Whoever asked until the very append in which a walk begins is answered by it: asking finds it due until then, and under way from then on. */
  #promise(type: string): void {
    const promised = this.#promised.get(type) ?? []
    this.#promised.set(type, [...promised, ...(this.#asked.get(type) ?? [])])
    this.#asked.delete(type)
  }

  async #phases(run: WalkRun): Promise<Halt | undefined> {
    const { walk } = run
    if (walk.phase === 'listing') {
      const halt = await walkListing(run)
      if (halt || this.#isEnded) return halt
    }
    if (walk.phase === 'missing') await findMissing(run)
    if (walk.phase === 'absences') {
      const halt = await takeAbsences(run)
      if (halt) return halt
    }
    if (walk.phase === 'records' && !this.#isEnded) await settleRecords(run)
    return undefined
  }

  async #finish({ walk, type, notes }: WalkRun): Promise<void> {
    const { context } = this.#shared
    const { report } = walk
    report.endedAt = context.host.now()
    await this.#shared.transact(async (tables) => {
      const next = (await readWalk(tables, type))?.again
      putWalk(tables, type, next && dueWalk(type, next.cause, next.acceptDeletions))
      tables.put('reports', type, encodeUtf8(JSON.stringify(report)))
    })
    await notes.clear()
    context.report({
      level: 'info',
      code: 'walked',
      message: summary(context.system, report),
      fields: { type, listed: report.listed, read: report.read, deleted: report.absent.deleted },
    })
    for (const { resolve } of this.#promised.get(type) ?? []) resolve(report)
    this.#promised.delete(type)
  }

  async #rehearse(type: string, acceptDeletions: boolean): Promise<WalkReport> {
    const { context } = this.#shared
    const walk = dueWalk(type, 'demand', acceptDeletions)
    walk.report.dryRun = true
    const run = new WalkRun(this.#shared, type, walk, this.#settings.budget)
    await this.#begin(run)
    for (;;) {
      const halt = await this.#phases(run)
      if (!halt && !this.#isEnded) break
      if (halt?.kind !== 'wait' || this.#isEnded)
        throw new BridgeError(
          'cannot-reconcile',
          `the dry run over ${type} ended early: ${halt && 'reason' in halt ? halt.reason : 'the bridge was closed'}`,
        )
      await new Promise<void>((resolve) => void context.host.timer(halt.ms, resolve))
    }
    return { ...walk.report, endedAt: context.host.now() }
  }

  async #lastReport(type: string): Promise<WalkReport | undefined> {
    const { replica, context } = this.#shared
    const bytes = await replica.table(tableOf(context.system, 'reports'), type)
    return bytes && (JSON.parse(decodeUtf8(bytes) ?? '') as WalkReport)
  }
}

function summary(system: string, { type, listed, rows, absent, records, drift }: WalkReport): string {
  const fields = drift.map(({ field, side, repair, count }) => `${field} ${side} ${repair} ${count}`)
  return `${system}: ${listed} ${type} walked, ${rows.made} made, ${rows.taken} taken in, ${absent.deleted} deleted, ${records.written} to be written${fields.length > 0 ? `; ${fields.join(', ')}` : ''}`
}
