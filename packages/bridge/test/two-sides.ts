/** One record and its row that have agreed, and what both sides do to them while no bridge runs, or while one does. */
import { type Bridge, type BridgeEvent, type MappingConfig, MemorySystem, type Review } from '@skerry/bridge'
import type { Json, JsonObject, MemoryDisk, Receipt } from '@skerry/core'
import { bridged, openNode, type TestNode } from './nodes.ts'

export const START = 1_700_000_000_000

export interface TwoSidesOptions {
  mapping: MappingConfig
  record?: { title: string } & JsonObject
  disk?: MemoryDisk
}

export class TwoSides {
  readonly node: TestNode
  readonly system: MemorySystem
  /** By the system's clock, milliseconds since 1970. */
  clock = START
  bridge!: Bridge
  events: BridgeEvent[] = []
  mapping: MappingConfig
  id = ''

  private constructor(node: TestNode, mapping: MappingConfig) {
    this.node = node
    this.mapping = mapping
    this.system = new MemorySystem({ name: 'crm', now: () => this.clock })
  }

  static async agree({ mapping, record = { title: 'a' }, disk }: TwoSidesOptions): Promise<TwoSides> {
    const sides = new TwoSides(await openNode(disk ? { disk } : {}), mapping)
    await sides.start()
    const { id } = await sides.node.replica.jobs.create(record as never)
    sides.id = id
    await sides.bridge.idle()
    return sides
  }

  async start(mapping = this.mapping): Promise<void> {
    this.mapping = mapping
    const { bridge, events } = await bridged(this.node, this.system, { mappings: [mapping] })
    this.bridge = bridge
    this.events = events
  }

  /** Both edit while no bridge runs; then it comes back, and all that follows has happened. */
  async apart(
    ours: JsonObject | undefined,
    theirs: JsonObject | undefined,
    {
      mapping = this.mapping,
      seconds = {},
    }: { mapping?: MappingConfig; seconds?: { ours?: number; theirs?: number } } = {},
  ): Promise<void> {
    await this.bridge.close()
    this.node.host.clock = START + (seconds.ours ?? 0) * 1000
    if (ours) await this.edit(ours)
    this.clock = START + (seconds.theirs ?? 0) * 1000
    if (theirs) this.office(theirs)
    this.node.host.clock = Math.max(this.node.host.clock, START + 3_600_000)
    await this.start(mapping)
    await this.sync()
  }

  async edit(fields: JsonObject): Promise<void> {
    await this.node.replica.jobs.update(this.id, (draft) => {
      for (const [name, value] of Object.entries(fields))
        if (value === null) delete (draft as JsonObject)[name]
        else (draft as JsonObject)[name] = value
    })
  }

  office(fields: JsonObject, deleted?: boolean): void {
    this.system.edit('cases', { id: this.row.id, ...(deleted !== undefined && { deleted }) }, fields)
  }

  /** Until nothing moves any more. */
  async sync(): Promise<void> {
    await this.bridge.pollNow()
    await this.bridge.idle()
  }

  get row() {
    return this.system.rows('cases')[0]!
  }

  record(): Promise<JsonObject | undefined> {
    return this.node.replica.jobs.get(this.id) as Promise<JsonObject | undefined>
  }

  /** What a record and its row say of one field. */
  async both(name: string, external: string): Promise<[ours: Json | undefined, theirs: Json | undefined]> {
    return [(await this.record())?.[name], this.row.value[external]]
  }

  async review(field: string): Promise<Review | undefined> {
    return (await this.bridge.reviews()).find((review) => review.field === field)
  }

  async receipts(outcome: Receipt['outcome']): Promise<Receipt[]> {
    return (await this.node.replica.jobs.receipts(this.id)).filter((receipt) => receipt.outcome === outcome)
  }

  /** State of each edited field at the system, as an app shows it. */
  async standing(): Promise<Record<string, string>> {
    const standing = await this.node.replica.jobs.standing(this.id, 'crm')
    return Object.fromEntries(standing.map(({ field, state }) => [field, state]))
  }

  get effects() {
    return this.system.effects('cases')
  }
}
