/**
 * A node's life with everything that can go wrong between it and a system: both sides edit, answers are lost, calls are refused or turned away, and the power goes at any await, again and again. When that is over
 * and all is quiet, the oracle judges. One seed, one life; the clock is virtual. What the node is, a bridge or something simpler, is whoever opens it.
 */
import type { JsonObject } from '@skerry/core'
import { MemoryDisk } from '@skerry/core'
import { SeededRandom } from '@skerry/core/testing'
import { type Edit, type Judgement, Oracle, type Side } from './oracle.ts'
import { Power } from './power.ts'
import { type FaultShares, StandIn } from './stand-in.ts'
import { VirtualTime } from './virtual-time.ts'

/** Of all calls. */
const faultShares: FaultShares = { lost: 0.05, broken: 0.02, busy: 0.02, quota: 0.02 }
const API_MS = 20
const BATCH = 200
/** Edits that are made at once, and milliseconds until the next, on the average. */
const BURST = 40
const BURST_MS = 1_500
/** Awaits on store or system between two power cuts, on the average. */
const POINTS_BETWEEN_CUTS = 600
/** Draws of one edit: where nothing is durable yet there is nothing to edit. */
const TRIES_MAX = 20
/** Both sides never add the same: that would count once (known gap of the bridge's SPEC). */
const stockStep = { here: 1_000, there: 1 } as const
const fieldsHere = ['title', 'title', 'site', 'tags'] as const
const fieldsThere = ['owner', 'owner', 'site', 'tags'] as const

/** An edit of a record, or of a row; without an id it is made. */
export interface EditHere extends Edit {
  id?: string | undefined
}

/** This side: a process that was opened on a disk. */
export interface Here {
  /** Id of the record, once there is one. */
  find(ref: string): Promise<string | undefined>
  /** Resolves once it is durable. */
  edit(edit: EditHere): Promise<void>
  /** Resolves when all that is known was told, and all that there is was heard. */
  rest(): Promise<void>
  records(): Promise<readonly JsonObject[]>
  close(): Promise<void>
}

/** What a process finds when it begins. */
export interface World {
  time: VirtualTime
  power: Power
  system: StandIn
  disk: MemoryDisk
}

export interface LifeSize {
  /** Edits on both sides together. */
  changes: number
  records: number
}

export interface Lived extends Judgement {
  seed: number
  changes: number
  cuts: number
  calls: number
  struck: Record<keyof FaultShares, number>
}

export class Life {
  readonly #open: (world: World) => Promise<Here>
  readonly #size: LifeSize
  readonly #seed: number
  readonly #random: SeededRandom
  readonly #time: VirtualTime
  readonly #oracle = new Oracle()
  readonly #disk = new MemoryDisk()
  readonly #system: StandIn
  /** A system that replays tells what became of a call; at one that does not, of a sum it could not be known (SPEC B-38). */
  readonly #replays: boolean
  /** By ref. */
  readonly #rowIds = new Map<string, string>()
  #power!: Power
  #here!: Here
  #isOver = false
  #cuts = 0
  #edits = 0

  constructor(open: (world: World) => Promise<Here>, seed: number, size: LifeSize) {
    this.#open = open
    this.#seed = seed
    this.#size = size
    this.#random = new SeededRandom(seed)
    this.#time = new VirtualTime(seed)
    this.#replays = seed % 2 === 1
    const random = this.#random.fork()
    this.#system = new StandIn({
      name: 'crm',
      now: () => this.#time.nowMs,
      onTheWay: () => this.#time.after(API_MS / 2),
      batch: seed % 3 === 0 ? 1 : BATCH,
      replays: this.#replays,
      faults: { shares: faultShares, random: () => random.u32() / 2 ** 32, isOn: () => !this.#isOver },
      stored: (commit) => {
        this.#rowIds.set(String(commit.row.value.Ref), commit.row.id)
        this.#oracle.stored(commit)
      },
    })
  }

  async run(): Promise<Lived> {
    await this.#start()
    while (this.#edits < this.#size.changes) {
      await this.#lived(this.#burst())
      await this.#lived(this.#time.after(this.#random.below(2 * BURST_MS)))
    }
    this.#isOver = true
    this.#power.staysOn()
    await this.#time.while(this.#here.rest())
    const lived = await this.#time.while(this.#judge())
    await this.#time.while(this.#here.close())
    return lived
  }

  async #judge(): Promise<Lived> {
    const records = await this.#here.records()
    const rows = this.#system.rows().map(({ value }) => value)
    return {
      ...this.#oracle.judge(
        Map.groupBy(records, ({ ref }) => String(ref)),
        rows,
      ),
      seed: this.#seed,
      changes: this.#edits,
      cuts: this.#cuts,
      calls: this.#system.counted.writeCalls,
      struck: this.#system.counted.struck,
    }
  }

  /** A process begins: it has the disk, and nothing else of the one before. */
  async #start(): Promise<void> {
    for (;;) {
      const power = new Power(this.#disk, 1 + this.#random.below(2 * POINTS_BETWEEN_CUTS))
      const world = { time: this.#time, power, system: this.#system, disk: this.#disk }
      const here = await this.#time.while(Promise.race([this.#open(world), power.gone]))
      if (here) {
        this.#power = power
        this.#here = here
        return
      }
      this.#cuts += 1
    }
  }

  /** Waits for work of the node; when its power goes meanwhile, the next one begins, and the work is never done. */
  async #lived(work: Promise<unknown>): Promise<void> {
    const { gone } = this.#power
    await this.#time.while(Promise.race([this.#unlessOff(work), gone]))
    if (!this.#power.isOff) return
    this.#cuts += 1
    await this.#start()
  }

  /** What fails because the power went is not heard of. */
  async #unlessOff<T>(work: Promise<T>): Promise<T> {
    const power = this.#power
    try {
      return await work
    } catch (error) {
      if (!power.isOff) throw error
      return new Promise<never>(() => undefined)
    }
  }

  async #burst(): Promise<void> {
    const here = this.#here
    const born = new Set<string>()
    const made: Promise<void>[] = []
    for (let i = 0; i < BURST; i++) {
      const edit = await this.#draw(here, born)
      if (!edit) break
      this.#edits += 1
      this.#oracle.begins(edit)
      if (edit.side === 'here')
        made.push(this.#unlessOff(here.edit(edit)).then(() => this.#oracle.acknowledged(edit)))
      else {
        this.#editThere(edit)
        this.#oracle.acknowledged(edit)
      }
    }
    await Promise.all(made)
  }

  /** Every second thing is made here, the others there; the other side edits it once it has heard of it. @param born made in this burst: what is not durable yet is not edited */
  async #draw(here: Here, born: Set<string>): Promise<EditHere | undefined> {
    const token = `${this.#seed}.${this.#edits}`
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const number = this.#random.below(this.#size.records)
      const ref = `r${number}`
      if (born.has(ref)) continue
      const isOurs = number % 2 === 0
      const id = await here.find(ref)
      const isThere = this.#rowIds.has(ref)
      if (isOurs ? id === undefined : !isThere) {
        born.add(ref)
        return {
          ref,
          token,
          ...(isOurs ? { side: 'here', field: 'title' } : { side: 'there', field: 'owner' }),
        }
      }
      const side: Side = this.#random.chance(0.5) ? 'here' : 'there'
      if (side === 'here' ? id === undefined : !isThere) continue
      const field = this.#random.pick(side === 'here' ? fieldsHere : fieldsThere)
      const adds = field === 'tags' && this.#replays
      return {
        ref,
        token,
        side,
        field,
        id,
        ...(adds && { stock: (1 + this.#random.below(9)) * stockStep[side] }),
      }
    }
    return undefined
  }

  #editThere({ ref, field, token, stock }: Edit): void {
    const id = this.#rowIds.get(ref)
    if (id === undefined) {
      this.#system.edit(undefined, { Ref: ref, Owner: token })
      return
    }
    const { value } = this.#system.row(id)!
    if (field !== 'tags') this.#system.edit(id, { [field === 'owner' ? 'Owner' : 'Site']: token })
    else
      this.#system.edit(id, {
        Tags: [...((value.Tags as string[] | undefined) ?? []), token],
        ...(stock !== undefined && { Stock: Number(value.Stock ?? 0) + stock }),
      })
  }
}

/** What an edit makes of a record. */
export function edited(before: JsonObject, { field, token, stock }: Edit): JsonObject {
  if (field !== 'tags') return { [field]: token }
  const tags = [...((before.tags as string[] | undefined) ?? []), token]
  return { tags, ...(stock !== undefined && { stock: Number(before.stock ?? 0) + stock }) }
}
