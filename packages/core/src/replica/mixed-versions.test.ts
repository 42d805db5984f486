import { beforeAll, describe, expect, test } from 'vitest'
import { Document } from '../engine/document.ts'
import type { JsonObject } from '../records/shape.ts'
import { viewOf } from '../records/view.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { expected, newOrder, ofVersion } from './mixed-versions.test-support.ts'
import { type Opened, type Orders, open, pull, push } from './orders.test-support.ts'
import type { Records } from './records.ts'
import { startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

const SEEDS = process.env.SKERRY_SEED ? [Number(process.env.SKERRY_SEED)] : [1, 2, 3]
const STEPS = 20
const IDS = ['1', '2', '3']

/** A replica that is opened again and again, with one version or another. */
class Device {
  readonly name: string
  readonly #grant: object
  readonly #disk = new MemoryDisk()
  version: number
  #opened: Opened | undefined
  static #opens = 0

  constructor(name: string, version: number, grant: object) {
    this.name = name
    this.version = version
    this.#grant = grant
  }

  async open(version = this.version): Promise<void> {
    await this.#opened?.replica.close()
    this.version = version
    const seed = 1000 + Device.#opens++
    this.#opened = await open({ seed, disk: this.#disk, grant: this.#grant, collection: ofVersion(version) })
  }

  get replica(): Orders {
    return this.#opened!.replica
  }

  get events() {
    return this.#opened!.events
  }

  get orders(): Records<JsonObject> {
    return this.replica.workOrders as unknown as Records<JsonObject>
  }

  /** What the document holds, as the newest version keeps it. */
  async raw(id: string): Promise<JsonObject> {
    const { document } = await this.replica.transact((tx) => tx.save(`work_orders/${id}`))
    const loaded = Document.load(document, `00${'f'.repeat(32)}`)
    const { value } = viewOf(ofVersion(3).versions.stored, loaded.read())
    loaded.free()
    return value
  }
}

/** What edits must leave, whoever made them: a mark of their own each, and sums. */
interface Ledger {
  marks: Record<string, Set<string>>
  log: Record<string, Set<string>>
  rows: Record<string, Set<string>>
  letters: Record<string, Set<string>>
  visits: Record<string, number>
}

const none = () => Object.fromEntries(IDS.map((id) => [id, new Set<string>()]))

class Months {
  readonly random: SeededRandom
  readonly hub = new Device('hub', 1, { subject: 'hub', role: 'authority', read: ['*'], write: ['*'] })
  readonly edges = [1, 2, 3, 2].map(
    (version, i) =>
      new Device(`edge-${i}`, version, { subject: `tech:${i}`, read: ['site:SEA'], write: ['site:SEA'] }),
  )
  readonly ledger: Ledger = {
    marks: none(),
    log: none(),
    rows: none(),
    letters: none(),
    visits: { 1: 0, 2: 0, 3: 0 },
  }
  #made = 0

  constructor(seed: number) {
    this.random = new SeededRandom(seed)
  }

  async start(): Promise<void> {
    await this.hub.open()
    for (const edge of this.edges) await edge.open()
    for (const [i, edge] of this.edges.slice(0, 3).entries()) {
      await edge.orders.create(newOrder[edge.version]!, { id: IDS[i]! })
      await this.sync(edge)
    }
  }

  async sync(edge: Device): Promise<void> {
    expect(await push(edge.replica, this.hub.replica)).toEqual([])
    expect(await pull(this.hub.replica, edge.replica)).toEqual([])
  }

  async step(): Promise<void> {
    const edge = this.edges[this.random.below(this.edges.length)]!
    const what = this.random.below(100)
    if (what < 62) await this.edit(edge, IDS[this.random.below(IDS.length)]!)
    else if (what < 92) await this.sync(edge)
    else await edge.open(1 + this.random.below(3))
  }

  async edit(edge: Device, id: string): Promise<void> {
    if (!(await edge.orders.get(id))) return
    const mark = `m${this.#made++}`
    const { version } = edge
    await edge.orders.update(id, (draft) => {
      const kinds = [this.#mark, this.#scalars, this.#rows, this.#letters, this.#newer]
      for (const kind of kinds) if (this.random.chance(0.4)) kind.call(this, draft, id, mark, version)
    })
  }

  #mark(draft: JsonObject, id: string, mark: string): void {
    draft.marks = { ...(draft.marks as JsonObject), [mark]: mark }
    this.ledger.marks[id]!.add(mark)
  }

  #scalars(draft: JsonObject, _id: string, mark: string, version: number): void {
    const pick = this.random.below(4)
    if (pick === 0)
      draft[version === 1 ? 'hours' : 'minutes'] = this.random.below(10) * (version === 1 ? 1 : 60)
    else if (pick === 1) draft[version === 3 ? 'summary' : 'title'] = mark
    else if (pick === 2) draft.status = version === 1 ? 'done' : version === 2 ? 'paused' : 'waiting'
    else if (version < 3) draft.tech = mark
    else draft.tech = [mark, ...((draft.tech as string[] | undefined) ?? []).slice(0, 2)]
  }

  #rows(draft: JsonObject, id: string, mark: string, version: number): void {
    const rows = (draft.parts as JsonObject[] | undefined) ?? []
    const row: JsonObject = { sku: mark, [version === 1 ? 'qty' : 'count']: 1 }
    if (version === 3) row.used = 1
    draft.parts = this.random.chance(0.5) ? [row, ...rows] : [...rows, row]
    this.ledger.rows[id]!.add(mark)
  }

  #letters(draft: JsonObject, id: string, mark: string): void {
    draft.notes = `${(draft.notes as string | undefined) ?? ''}<${mark}>`
    this.ledger.letters[id]!.add(mark)
  }

  /** What only newer versions have: two of them may be the first at once. */
  #newer(draft: JsonObject, id: string, mark: string, version: number): void {
    if (version === 1) return
    draft.visits = (draft.visits as number) + 2
    this.ledger.visits[id]! += 2
    draft.log = { ...(draft.log as JsonObject | undefined), [mark]: mark }
    this.ledger.log[id]!.add(mark)
    if (version === 3) draft.title = mark
  }

  /** Everybody has everything, in the version it is opened with. */
  async check(): Promise<void> {
    for (let round = 0; round < 2; round++) for (const edge of this.edges) await this.sync(edge)
    for (const id of IDS) {
      const raw = await this.hub.raw(id)
      for (const device of [this.hub, ...this.edges]) {
        expect(await device.raw(id)).toEqual(raw)
        expect(await device.orders.get(id)).toEqual({ ...expected(device.version, raw), id })
        expect(
          (await device.orders.where({ status: raw.status as never }).all()).map((one) => one.id),
        ).toContain(id)
      }
      expect(Object.keys(raw.marks as JsonObject).sort()).toEqual([...this.ledger.marks[id]!].sort())
      expect(Object.keys((raw.log ?? {}) as JsonObject).sort()).toEqual([...this.ledger.log[id]!].sort())
      const skus = ((raw.parts ?? []) as JsonObject[]).map(({ sku }) => sku as string)
      expect(skus.sort()).toEqual([...this.ledger.rows[id]!].sort())
      for (const mark of this.ledger.letters[id]!) expect(raw.notes).toContain(mark)
      expect(raw.visits ?? 0).toBe(this.ledger.visits[id])
      expect(await this.hub.orders.receipts(id)).toEqual([])
    }
    for (const device of [this.hub, ...this.edges])
      expect(device.events.filter(({ level }) => level !== 'info')).toEqual([])
  }
}

describe('V-10: months of mixed versions', () => {
  test.each(SEEDS)(
    'seed %i: every edit survives, and each version shows what the document holds (SKERRY_SEED=… to replay)',
    async (seed) => {
      const months = new Months(seed)
      await months.start()
      for (const hubVersion of [1, 2, 3, 2, 1]) {
        await months.hub.open(hubVersion)
        for (let i = 0; i < STEPS; i++) await months.step()
        await months.check()
      }
    },
  )
})
