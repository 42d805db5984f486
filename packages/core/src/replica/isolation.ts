/**
 * Keeps the engine of this thread from what could hold it, or end it. Light work is done at once, as its cost is known; heavy work passes a trial elsewhere first, and the turn that needs it waits outside of the
 * writer meanwhile.
 *
 *                 ┌─ light ──────────────────────────────────────────────► engine
 *   load, entry ──┤                    ┌─ sound ─────────────────────────► engine
 *                 └─ heavy ──► trial ──┼─ harm done by the entry ────────► entry refused
 *                                      └─ harm done by the history ──────► record in quarantine
 */
import { defaultChangeLimits } from '../change/limits.ts'
import type { ParsedChange } from '../change/parse.ts'
import type { ChangeHost } from '../change/ports.ts'
import { addWeights, isWithin, WEIGHTLESS, type Weight, weighChunk, weightOfAll } from '../change/weight.ts'
import { EngineError, engineIsAlive } from '../engine/document.ts'
import type { Trial, TrialTask, TrialVerdict } from '../engine/trial.ts'
import type { TableWrite } from '../store/port.ts'
import { Refused } from './judge.ts'
import { LIGHT_ENTRY, LIGHT_RECORD, QUARANTINED_MAX, SOUND_GROWTH_MAX, SOUND_RECORDS_MAX } from './limits.ts'
import { NotYet } from './not-yet.ts'
import {
  besideKnown,
  type Quarantined,
  quarantineRow,
  RecordQuarantined,
  releaseRow,
} from './record-quarantine.ts'
import type { ReplicaEvent } from './replica-event.ts'

export interface IsolationOptions {
  host: ChangeHost & { now(): number }
  trial: Trial
  quarantined: Map<string, Quarantined>
  events: (event: ReplicaEvent) => void
  /** Makes these rows durable, and drops the record from memory. `then` comes with it, before anybody hears of the commit. */
  commit(record: string, tables: readonly TableWrite[], then?: () => void): Promise<void>
  /** What the record's entries come to is not what its row says. Resolves when it is in quarantine. */
  lacks(record: string, reason: string): Promise<void>
}

/** Changes of one author that are let in together, or not at all. */
export interface Taken {
  readonly changes: readonly ParsedChange[]
}

/** A record that some of these are for. `taken` in the order in which they are let in, with what is new of each. */
export interface Heavy {
  record: string
  history: readonly Uint8Array[]
  taken: readonly { of: Taken; fresh: readonly ParsedChange[] }[]
}

type Harm = Extract<TrialVerdict, { stage: unknown }>

export class Isolation {
  readonly #options: IsolationOptions
  /** What history was sound in this run, by record. */
  readonly #sound = new Map<string, Weight>()
  /** Trials of histories that turns wait for, by record. */
  readonly #trying = new Map<string, Promise<void>>()
  /** By the list of changes: whoever weighs their author's rights may hand them in with another judgement. */
  readonly #verdicts = new WeakMap<Taken['changes'], TrialVerdict>()

  constructor(options: IsolationOptions) {
    this.#options = options
  }

  quarantineOf(record: string): Quarantined | undefined {
    return this.#options.quarantined.get(record)
  }

  /** @throws RecordQuarantined */
  check(record: string): void {
    const quarantined = this.quarantineOf(record)
    if (quarantined) throw new RecordQuarantined(quarantined)
  }

  get quarantined(): readonly Quarantined[] {
    return [...this.#options.quarantined.values()]
  }

  /** Something that cannot be weighed is heavy. */
  weigh(chunks: readonly Uint8Array[]): Weight {
    let sum = WEIGHTLESS
    for (const chunk of chunks) {
      try {
        sum = addWeights(sum, weighChunk(chunk, this.#options.host, defaultChangeLimits))
      } catch {
        return { ...sum, bytes: Number.POSITIVE_INFINITY }
      }
    }
    return sum
  }

  /** To be asked before a record's history is loaded. @throws RecordQuarantined, NotYet */
  mayLoad(record: string, weight: Weight, history: readonly Uint8Array[]): void {
    this.check(record)
    this.mayLoadWhole(record, weight, history)
  }

  /** As `mayLoad`, of a record that is in quarantine for what it lacked, and lacks nothing any more. @throws NotYet */
  mayLoadWhole(record: string, weight: Weight, history: readonly Uint8Array[]): void {
    if (isWithin(weight, LIGHT_RECORD)) return
    // Also where it is known to be sound by now: turns that wait for it come first, and all are run again in their order.
    const underWay = this.#trying.get(record)
    if (!underWay && this.#isSound(record, weight)) return
    throw new NotYet(
      `${record} is tried before it is loaded`,
      () => underWay ?? this.#tryFirst({ record, history }, weight),
    )
  }

  /** What the engine of this thread threw when it loaded a record's history. */
  cannotLoad(record: string, cause: unknown): unknown {
    if (!(cause instanceof EngineError)) return cause
    if (!engineIsAlive()) return this.#engineDied(record, cause)
    return new NotYet(`${record} cannot be loaded`, () =>
      this.#quarantine(record, 'refused', `the engine cannot load it: ${cause.message}`),
    )
  }

  /** The entries of a record that was loaded come to other heads than its row says. */
  isIncomplete(record: string): NotYet {
    const reason = 'its entries do not come to what its row says'
    return new NotYet(`${record} lacks something`, () => this.#options.lacks(record, reason))
  }

  /**
   * To be asked before these changes are applied. `weight` is of what the record has.
   * @throws Refused when they, or the record, do harm; NotYet when that is not known
   */
  async mayTake(
    record: { key: string; weight: Weight },
    taken: Taken,
    fresh: readonly ParsedChange[],
    history: () => Promise<readonly Uint8Array[]>,
  ): Promise<void> {
    if (this.#isLight(record.weight, fresh)) return
    const verdict = this.#verdicts.get(taken.changes)
    if (verdict?.kind === 'sound') return
    if (verdict && 'stage' in verdict) throw refusedFor(record.key, verdict)
    const one = { record: record.key, history: await history(), taken: [{ of: taken, fresh }] }
    throw this.notYet([one])
  }

  /** Alone, whatever the record has. */
  isHeavy(changes: readonly ParsedChange[]): boolean {
    return !isWithin(weightOfAll(changes), LIGHT_ENTRY)
  }

  /** Of what one record is to take, in order: whether any of it must be tried and was not. */
  needsTrial(weight: Weight, taken: Heavy['taken']): boolean {
    let sum = weight
    return taken.some(({ of, fresh }) => {
      const isHeavy = !this.#isLight(sum, fresh)
      sum = addWeights(sum, weightOfAll(fresh))
      return isHeavy && !this.#verdicts.has(of.changes)
    })
  }

  notYet(all: readonly Heavy[]): NotYet {
    return new NotYet(`${all.map(({ record }) => record).join(', ')}: edits are tried first`, async () => {
      for (const one of all) await this.#tryTaken(one)
    })
  }

  /** It may be loaded again, if it then passes a trial. */
  async release(record: string): Promise<void> {
    await this.#options.commit(record, [releaseRow(record)], () => this.forget(record))
    this.#options.events({
      level: 'info',
      code: 'record-released',
      message: `${record} was released from quarantine`,
      fields: { record },
    })
  }

  /** The record has gone, or may be another one. */
  forget(record: string): void {
    this.#options.quarantined.delete(record)
    this.#sound.delete(record)
  }

  #isLight(weight: Weight, fresh: readonly ParsedChange[]): boolean {
    return !this.isHeavy(fresh) || isWithin(addWeights(weight, weightOfAll(fresh)), LIGHT_RECORD)
  }

  #isSound(record: string, weight: Weight): boolean {
    const known = this.#sound.get(record)
    return known !== undefined && isWithin(weight, grown(known))
  }

  #foundSound(record: string, weight: Weight): void {
    this.#sound.delete(record)
    this.#sound.set(record, weight)
    if (this.#sound.size > SOUND_RECORDS_MAX) this.#sound.delete(this.#sound.keys().next().value!)
  }

  #tryFirst(task: { record: string; history: readonly Uint8Array[] }, weight: Weight): Promise<void> {
    const tried = this.#tryHistory(task, weight)
    this.#trying.set(task.record, tried)
    const ended = () => void this.#trying.delete(task.record)
    tried.then(ended, ended)
    return tried
  }

  async #tryHistory(task: { record: string; history: readonly Uint8Array[] }, weight: Weight): Promise<void> {
    const verdict = await this.#try({ ...task, changes: [] })
    if (!('stage' in verdict)) return this.#foundSound(task.record, weight)
    // What took too long, or too much, may have done so because of something else on this machine.
    const again = verdict.kind === 'refused' ? verdict : await this.#try({ ...task, changes: [] })
    if (!('stage' in again)) return this.#foundSound(task.record, weight)
    await this.#quarantine(task.record, again.kind, again.reason)
  }

  /** All at once, which nearly always is the end of it; where there is harm, one after another, so that the guilty ones are known. */
  async #tryTaken({ record, history, taken }: Heavy): Promise<void> {
    const chunksOf = (fresh: readonly ParsedChange[]) => fresh.map(({ bytes }) => bytes)
    const changes = taken.flatMap(({ fresh }) => chunksOf(fresh))
    const verdict = await this.#try({ record, history, changes })
    const weight = this.weigh(history)
    if (verdict.kind === 'sound') {
      this.#foundSound(record, addWeights(weight, weightOfAll(taken.flatMap(({ fresh }) => fresh))))
      for (const { of } of taken) this.#verdicts.set(of.changes, verdict)
      return
    }
    // Without a verdict on the edits the turn asks again, if the record is not in quarantine by then.
    if ('stage' in verdict && verdict.stage === 'history')
      return this.#tryHistory({ record, history }, weight)
    if (taken.length === 1) {
      this.#verdicts.set(taken[0]!.of.changes, verdict)
      return
    }
    const base = [...history]
    for (const { of, fresh } of taken) {
      const own: TrialVerdict = !this.isHeavy(fresh)
        ? { kind: 'sound' }
        : await this.#try({ record, history: base, changes: chunksOf(fresh) })
      if (own.kind === 'sound') base.push(...chunksOf(fresh))
      this.#verdicts.set(of.changes, own)
    }
  }

  async #try(task: TrialTask): Promise<TrialVerdict> {
    const verdict = await this.#options.trial.try(task)
    if ('stage' in verdict)
      this.#options.events({
        level: 'warn',
        code: 'trial-failed',
        message: `a trial of ${task.record} ended at its ${verdict.stage}: ${verdict.reason}`,
        fields: { record: task.record, verdict: verdict.kind, stage: verdict.stage },
      })
    return verdict
  }

  /** Into quarantine, as far as memory is concerned. Returns its row, and what undoes it. @throws Error when it is full */
  add(found: Quarantined): { row: Quarantined; undo: () => void } {
    this.#checkRoom(found)
    const { quarantined } = this.#options
    const before = quarantined.get(found.record)
    const row = besideKnown(before, found)
    this.set(row)
    const undo = () => {
      if (before) quarantined.set(row.record, before)
      else quarantined.delete(row.record)
    }
    return { row, undo }
  }

  /** As far as memory is concerned. */
  set(row: Quarantined): void {
    this.#options.quarantined.set(row.record, row)
    this.#sound.delete(row.record)
  }

  tell({ record, code, reason }: Quarantined): void {
    this.#options.events({
      level: 'error',
      code: 'record-quarantined',
      message: `${record} is in quarantine and is not loaded any more: ${reason}`,
      fields: { record, reason: code },
    })
  }

  async #quarantine(record: string, code: Quarantined['code'], reason: string): Promise<void> {
    const found: Quarantined = { record, code, reason, at: this.#options.host.now() }
    this.#checkRoom(found)
    const row = besideKnown(this.quarantineOf(record), found)
    await this.#options.commit(record, [quarantineRow(row)], () => this.set(row))
    this.tell(found)
  }

  #checkRoom({ record, reason }: Quarantined): void {
    const { quarantined } = this.#options
    if (quarantined.size >= QUARANTINED_MAX && !quarantined.has(record))
      throw new Error(
        `${record} belongs into quarantine (${reason}), where ${QUARANTINED_MAX} records are already: limit ${QUARANTINED_MAX}; look for what harms them all`,
      )
  }

  #engineDied(record: string, cause: EngineError): Error {
    this.#options.events({
      level: 'error',
      code: 'engine-died',
      message: `the CRDT engine of this process ended while it loaded ${record}: ${cause.message}; start the process again`,
      fields: { record },
    })
    return cause
  }
}

function grown({ changes, operations, predecessors, bytes }: Weight): Weight {
  const by = (size: number) => size * SOUND_GROWTH_MAX
  return {
    changes: by(changes),
    operations: by(operations),
    predecessors: by(predecessors),
    bytes: by(bytes),
  }
}

function refusedFor(record: string, { kind, reason }: Harm): Refused {
  return kind === 'refused'
    ? new Refused('engine-refused', `${record}: ${reason}`)
    : new Refused('too-costly', `an edit of ${record} does harm when it is applied: ${reason}; split it`)
}
