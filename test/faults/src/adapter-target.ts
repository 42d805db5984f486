/**
 * An adapter node is killed, also between the CRM's commit and its answer. The edge, the hub, the CRM and its office live on here. Each edit of the edge has one effect in the
 * CRM, each of the office reaches the hub, no row is created twice, and in the end both sides are equal field by field.
 */
import { join } from 'node:path'
import { type SeededRandom as Random, SeededRandom } from '@skerry/core/testing'
import { createLog, type Hub, startHub } from '@skerry/hub'
import { nodeHost, openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import type { AdapterErrand, AdapterLine } from './adapter-errand.ts'
import { Book, type Found } from './book.ts'
import {
  CRM,
  edgeMarks,
  type Job,
  type Jobs,
  jobCollections,
  jobMarking,
  jobOfRow,
  jobs,
  officeMarks,
  sides,
} from './cases.ts'
import { Crm } from './crm.ts'
import { enrol } from './enrol.ts'
import { contentsOf, mustBeEqual, sameContents } from './healing.ts'
import { KillMoment } from './kill-moment.ts'
import { LivingEdge } from './living-edge.ts'
import type { MarkedEdit } from './marking.ts'
import { Office } from './office.ts'
import { Standby, type Subject } from './subject.ts'
import type { Target, TargetOptions } from './target.ts'
import { SPACE } from './visits.ts'
import { elapsed, within } from './within.ts'

/** One round in so many is killed while an answer of the CRM is held back. */
const HELD_ONE_OF = 3
/** Milliseconds after a call was held. */
const HELD_MS_MAX = 20
/** Milliseconds until both sides are equal again. */
const EQUAL_MS_MAX = 120_000

const host = nodeHost()

interface Parts {
  hub: Hub
  crm: Crm
  edge: LivingEdge<Job>
  office: Office
}

export class AdapterTarget implements Target {
  readonly #path: string
  readonly #random: Random
  readonly #standby: Standby<AdapterLine>
  readonly #books = { edge: new Book(), office: new Book() }
  #parts!: Parts
  #officeWork: Promise<void> | undefined
  #working = false
  /** Said to be saved in the CRM, and not looked for since. */
  #unverified: MarkedEdit[] = []
  #moment: KillMoment | undefined

  private constructor({ folder, seed }: TargetOptions) {
    this.#path = join(folder, 'adapter.db')
    this.#random = new SeededRandom(seed)
    this.#standby = new Standby(new URL('./adapter-process.ts', import.meta.url), join(folder, 'compiled'))
  }

  static async start(options: TargetOptions): Promise<AdapterTarget> {
    const target = new AdapterTarget(options)
    await target.#start(options.folder)
    return target
  }

  async #start(folder: string): Promise<void> {
    const hubStore = join(folder, 'hub.db')
    const log = createLog({ level: 'error' })
    const hub = await startHub(
      { space: SPACE, collections: jobCollections },
      { port: 0, store: hubStore, log },
    )
    const crm = await Crm.start(join(folder, 'crm.db'))
    const replica = await openReplica({
      store: sqliteStore({ path: this.#path }),
      collections: jobCollections,
      space: SPACE,
    })
    await enrol(hubStore, replica, { subject: 'adapter', systems: [CRM] })
    await replica.close()
    const edge = await LivingEdge.start<Job>(
      { path: join(folder, 'edge.db'), hubStore, read: ['*'], name: 'e', collection: jobs },
      {
        marking: jobMarking,
        random: this.#random.fork(),
        begun: (edit) => this.#books.edge.begin(edit),
        here: (edit) => {
          this.#books.edge.acknowledge(edit, 'here')
          this.#moment?.acknowledged('here')
        },
        there: (edit) => {
          this.#books.edge.acknowledge(edit, 'there')
          this.#unverified.push(edit)
          this.#moment?.acknowledged('there')
        },
      },
    )
    edge.connect(hub.url)
    const office = new Office(crm, host, this.#random.fork(), this.#books.office)
    this.#parts = { hub, crm, edge, office }
  }

  /** Edits of the edge and of the office. */
  get acknowledgedHere(): number {
    return this.#books.edge.count('here') + this.#books.office.count('here')
  }

  /** Edits of the edge that the CRM has. */
  get acknowledgedThere(): number {
    return this.#books.edge.count('there')
  }

  async round(number: number): Promise<void> {
    const { crm } = this.#parts
    this.#work()
    const held = this.#random.below(HELD_ONE_OF) === 0
    await crm.addFaults(this.#faults(held))
    const moment = new KillMoment(this.#random)
    this.#moment = moment
    const adapter = await this.#startAdapter(number % 2 === 0)
    if (held) {
      await Promise.race([crm.heldCall(), adapter.closed])
      await elapsed(this.#random.below(HELD_MS_MAX))
    } else await moment.come(adapter.closed)
    await adapter.kill()
    await crm.clearFaults()
    await this.#lookFor()
  }

  async check(): Promise<Found> {
    const { crm, hub, edge } = this.#parts
    await this.#rest()
    const adapter = await this.#startAdapter(false)
    await edge.allAnswered()
    await this.#equalSides()
    const atHub = await contentsOf<Job>(hub.replica.collection('jobs'))
    const atCrm = await this.#crmJobs()
    await adapter.kill()
    mustBeEqual('the hub', sides(atHub), 'the CRM', sides(atCrm))
    mustBeEqual('the edge', await edge.contentsLike(atHub), 'the hub', atHub)
    const { edge: edgeBook, office: officeBook } = this.#books
    const found = [
      edgeBook.check(edgeMarks(atHub), 'here'),
      edgeBook.check(edgeMarks(atCrm), 'here'),
      officeBook.check(officeMarks(atHub), 'here'),
      officeBook.check(officeMarks(atCrm), 'here'),
    ]
    const createdTwice = (await crm.createdTwice()).map(
      (externalId) => `the row of ${externalId} was created twice`,
    )
    return {
      lost: found.flatMap(({ lost }) => lost),
      duplicated: [...found.flatMap(({ duplicated }) => duplicated), ...createdTwice],
    }
  }

  async close(): Promise<void> {
    const { hub, crm, edge } = this.#parts
    await this.#rest()
    await this.#standby.dismiss()
    await edge.close()
    await hub.close()
    await crm.close()
  }

  #work(): void {
    const { edge, office } = this.#parts
    edge.work()
    if (this.#working) return
    this.#working = true
    this.#officeWork = office.work(() => this.#working)
  }

  async #rest(): Promise<void> {
    this.#working = false
    await this.#officeWork
    await this.#parts.edge.rest()
  }

  #faults(held: boolean): Parameters<Crm['addFaults']>[0] {
    const seed = this.#random.u32() & 0xffff
    const some = [
      { fault: 'commit-then-lose-answer', probability: 0.08, seed },
      { fault: 'drop-before-commit', probability: 0.05, seed: seed + 1 },
      { fault: 'status', status: 503, probability: 0.05, afterCommit: seed % 2 === 0, seed: seed + 2 },
      { fault: 'truncate-body', probability: 0.03, seed: seed + 3 },
    ] as const
    const method = this.#random.pick(['PUT', 'PATCH', 'PATCH', 'PATCH'])
    return held ? [{ fault: 'hold', count: 1, match: { method } }, ...some] : some
  }

  async #startAdapter(webhooks: boolean): Promise<Subject<AdapterLine>> {
    const { hub, crm } = this.#parts
    const adapter = this.#standby.take()
    const hubUrl = `${hub.url.replace('http', 'ws')}/sync`
    const errand: AdapterErrand = { path: this.#path, hubUrl, crmUrl: crm.url, webhooks }
    await adapter.go(errand, () => undefined)
    return adapter
  }

  /** Cheap, after every kill: what was said to be saved in the CRM, and what the CRM says of creations. */
  async #lookFor(): Promise<void> {
    const { crm } = this.#parts
    const verify = this.#unverified.splice(0)
    const marks = edgeMarks(await this.#crmJobs())
    const lost = verify.filter(({ record, mark }) => !marks.get(record)?.marks[mark])
    if (lost.length > 0) throw new Error(`said to be saved in the CRM and not there: ${JSON.stringify(lost)}`)
    const twice = await crm.createdTwice()
    if (twice.length > 0) throw new Error(`created twice in the CRM: ${twice.join(', ')}`)
  }

  async #crmJobs(): Promise<Jobs> {
    const all: Jobs = new Map()
    for (const row of await this.#parts.crm.rows()) {
      const record = jobOfRow(host, row)
      if (all.has(record)) throw new Error(`two rows of the CRM stand for ${record}; one is ${row.id}`)
      all.set(record, row.fields as unknown as Job)
    }
    return all
  }

  /** Resolves when the hub and the CRM hold the same, or when the time for that is over. */
  async #equalSides(): Promise<void> {
    const jobsAtHub = this.#parts.hub.replica.collection('jobs')
    const equal = async () =>
      sameContents(sides(await contentsOf<Job>(jobsAtHub)), sides(await this.#crmJobs()))
    const deadline = performance.now() + EQUAL_MS_MAX
    while (!(await within(EQUAL_MS_MAX, 'both sides to be read', equal())) && performance.now() < deadline)
      await elapsed(100)
  }
}
